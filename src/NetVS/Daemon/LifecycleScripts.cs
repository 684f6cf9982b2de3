using NetVS.Control.Configuration;
using NetVS.Keepalived.Model;
using NetVS.Scripts;

namespace NetVS.Daemon;

/// <summary>startup_script and shutdown_script: one before the first packet is taken, the other after checks and VRRP have ended.</summary>
/// <remarks>
/// Each is waited for, at most for its timeout, and then ended. One that fails is said in the log, and the daemon starts or ends all the same, as keepalived does. A reload runs neither;
/// the shutdown script is that of the configuration in force at the end. It must be the first of the parts, so that it ends last.
/// </remarks>
internal sealed class LifecycleScripts(Action<string> report) : IHostedPart
{
    private GlobalDefinitions? _inForce;

    /// <inheritdoc/>
    public string Name => "scripts";

    /// <inheritdoc/>
    public IPreparedConfiguration Prepare(KeepalivedConfiguration? current, ConfigurationPlan next) => new Prepared(this, next.Configuration.Global);

    /// <inheritdoc/>
    public void Begin()
    {
        // It ran when the first configuration was put in force.
    }

    /// <inheritdoc/>
    public void End(bool isForwardingKept)
    {
        if (_inForce is { ShutdownScript: { } script } global) Run("shutdown_script", script, global, global.ShutdownTimeout);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadStatus() => [];

    private void Commit(GlobalDefinitions global)
    {
        bool isFirst = _inForce is null;
        _inForce = global;
        if (isFirst && global.StartupScript is { } script) Run("startup_script", script, global, global.StartupTimeout);
    }

    private void Run(string keyword, ScriptCommand script, GlobalDefinitions global, TimeSpan patience)
    {
        ScriptOutcome outcome = ScriptRunner.RunAsync(script, ScriptPolicy.Of(global), patience, CancellationToken.None).GetAwaiter().GetResult();
        string said = outcome.Detail.Length > 0 ? $": {outcome.Detail}" : "";
        report(outcome switch
        {
            { Status: 0 } => $"{keyword} {script.Program} has run",
            { Status: { } status } => $"{keyword} {script.Program} exited with status {status}{said}",
            { IsTimedOut: true } => $"{keyword} {script.Program} took longer than {patience.TotalSeconds:0} s and was ended",
            _ => $"{keyword} {script.Program} did not run{said}",
        });
    }

    private sealed class Prepared(LifecycleScripts part, GlobalDefinitions global) : IPreparedConfiguration
    {
        public void Commit() => part.Commit(global);

        public void Dispose()
        {
            // Nothing was begun.
        }
    }
}
