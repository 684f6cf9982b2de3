using System.ComponentModel;
using System.Diagnostics;
using NetVS.Failover.Plan;
using NetVS.Linux.Host;

namespace NetVS.Failover.Notify;

/// <summary>A script that runs: no shell, a process group of its own, under its account.</summary>
/// <remarks>setsid(1) makes the group, setpriv(1) changes the account; both belong to util-linux, which every Linux has.</remarks>
internal sealed class ScriptProcess : IDisposable
{
    private readonly Process _process;

    private ScriptProcess(Process process) => _process = process;

    /// <summary>Starts a script; null, and a line in the log, where that cannot be done.</summary>
    public static ScriptProcess? TryStart(ScriptAccount account, IReadOnlyList<string> arguments, Action<string> log)
    {
        if (arguments.Count == 0) return null;
        string[] prefix = account.User is not { } user || user == Environment.UserName ? []
            : ["setpriv", "--reuid", user, "--regid", account.Group ?? Accounts.PrimaryGroupOf(user) ?? user, "--init-groups"];
        try
        {
            // Its output is the daemon's: what a script prints is in the journal.
            var start = new ProcessStartInfo("setsid", [.. prefix, .. arguments]) { UseShellExecute = false };
            Process process = Process.Start(start)!;
            return new ScriptProcess(process);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            log($"the script {arguments[0]} cannot be started: {e.Message}");
            return null;
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit status; null when the time is over.</returns>
    public async Task<int?> WaitAsync(TimeSpan timeout, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(timeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>SIGTERM to all of its group.</summary>
    public void Terminate() => HostProcesses.TerminateGroup(_process.Id);

    /// <summary>SIGKILL to all of its group.</summary>
    public void Kill() => HostProcesses.KillGroup(_process.Id);

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
