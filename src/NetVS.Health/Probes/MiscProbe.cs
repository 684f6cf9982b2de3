using NetVS.Health.Checks;
using NetVS.Keepalived.Model;
using NetVS.Scripts;

namespace NetVS.Health.Probes;

/// <summary>MISC_CHECK: a script's exit status (reference §6.9).</summary>
/// <remarks>At most <see cref="MostAtOnce"/> scripts run at a time; the others wait.</remarks>
internal sealed class MiscProbe(MiscCheck check, ScriptPolicy policy, TimeSpan patience, int configuredWeight) : IProbe
{
    private const int MostAtOnce = 64;
    private static readonly SemaphoreSlim s_running = new(MostAtOnce);
    private readonly ScriptCommand _script = check.User is null ? check.Script! : check.Script! with { User = check.User, Group = check.Group };

    /// <inheritdoc/>
    public string Target { get; } = AnswerText.Clean(string.Join(' ', check.Script!.Arguments), 200);

    /// <inheritdoc/>
    public async ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation)
    {
        await s_running.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ScriptOutcome outcome = await ScriptRunner.RunAsync(_script, policy, patience, cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return Judge(outcome, check.IsDynamic, configuredWeight);
        }
        finally
        {
            s_running.Release();
        }
    }

    /// <summary>What an exit status says.</summary>
    internal static ProbeResult Judge(in ScriptOutcome outcome, bool isDynamic, int configuredWeight)
    {
        if (outcome.IsTimedOut) return ProbeResult.Failure("timed out");
        if (outcome.Status is not { } status) return ProbeResult.LocalProblem($"it was not run: {outcome.Detail}");
        string detail = $"exited with status {status}{(outcome.Detail.Length > 0 ? ": " + outcome.Detail : "")}";
        if (!isDynamic) return status == 0 ? ProbeResult.Success : ProbeResult.Failure(detail);
        return status switch
        {
            0 => new ProbeResult(ProbeOutcome.Success, Weight: 0),
            1 => ProbeResult.Failure(detail),
            _ => new ProbeResult(ProbeOutcome.Success, Weight: (long)status - 2 - configuredWeight),
        };
    }
}
