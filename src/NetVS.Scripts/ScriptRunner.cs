using NetVS.Keepalived.Model;

namespace NetVS.Scripts;

/// <summary>Runs a script to its end, as keepalived does: when it takes too long, SIGTERM, and after two seconds SIGKILL, for it and all it started.</summary>
public static class ScriptRunner
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    /// <summary>Runs it.</summary>
    /// <param name="script">The script.</param>
    /// <param name="policy">Who runs it, and whether it may run.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="added">More arguments.</param>
    public static async Task<ScriptOutcome> RunAsync(ScriptCommand script, ScriptPolicy policy, TimeSpan patience, CancellationToken cancellation, params string[] added)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.FindRefusal(script) is { } refusal) return new ScriptOutcome(null, false, refusal);
        using ScriptProcess? process = ScriptProcess.TryStart(policy.AccountOf(script), [.. script.Arguments, .. added], out string problem);
        if (process is null) return new ScriptOutcome(null, false, problem);
        if (await process.WaitAsync(patience, cancellation).ConfigureAwait(false)) return new ScriptOutcome(process.Status, false, await process.ReadAsync().ConfigureAwait(false));
        process.Terminate();
        if (!await process.WaitAsync(s_grace, CancellationToken.None).ConfigureAwait(false))
        {
            process.Kill();
            await process.WaitAsync(s_grace, CancellationToken.None).ConfigureAwait(false);
        }

        return new ScriptOutcome(null, true, "timed out");
    }
}
