using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using NetVS.Linux.Host;

namespace NetVS.Scripts;

/// <summary>A script that runs: its words as they are, no shell, in a process group of its own, under its account.</summary>
/// <remarks>
/// setsid(1) makes the group, setpriv(1) changes the account; both belong to util-linux, which every Linux has. What it prints is read and thrown away but for
/// the first <see cref="MostKept"/> octets. Threads: any, one at a time.
/// </remarks>
public sealed class ScriptProcess : IDisposable
{
    private const int MostKept = 200;
    private readonly Process _process;
    private readonly CancellationTokenSource _reading = new();
    private readonly Task<string> _output, _errors;

    private ScriptProcess(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        _output = ReadAsync(process.StandardOutput.BaseStream, _reading.Token);
        _errors = ReadAsync(process.StandardError.BaseStream, _reading.Token);
    }

    /// <summary>Its exit status, once it has ended.</summary>
    public int Status => _process.ExitCode;

    /// <summary>Starts a script.</summary>
    /// <param name="account">Who runs it.</param>
    /// <param name="arguments">The program and its arguments.</param>
    /// <param name="problem">Why it does not run.</param>
    /// <returns>Null where it cannot be started.</returns>
    public static ScriptProcess? TryStart(ScriptAccount account, IReadOnlyList<string> arguments, out string problem)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(arguments);
        problem = "there is no program";
        if (arguments.Count == 0) return null;
        problem = $"{arguments[0]} is not found";
        if (ScriptSafety.FindFile(arguments[0]) is null) return null;
        string[] prefix = account.User is not { } user || user == Environment.UserName ? []
            : ["setpriv", "--reuid", user, "--regid", account.Group?.TrimStart(':') ?? Accounts.PrimaryGroupOf(user) ?? user, "--init-groups", "--"];
        var start = new ProcessStartInfo("setsid", [.. prefix, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        };
        try
        {
            problem = "";
            return new ScriptProcess(Process.Start(start)!);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Whether it has ended in time.</returns>
    public async Task<bool> WaitAsync(TimeSpan patience, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The beginning of what it printed, errors first. What it left running may hold its output open for ever: that is not waited for.</summary>
    public async Task<string> ReadAsync()
    {
        _reading.CancelAfter(TimeSpan.FromMilliseconds(100));
        string said = (await _errors.ConfigureAwait(false) + " " + await _output.ConfigureAwait(false)).Trim();
        string cut = said.Length > MostKept ? said[..MostKept] + "…" : said;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c));
    }

    /// <summary>SIGTERM to all of its group.</summary>
    public void Terminate() => HostProcesses.TerminateGroup(_process.Id);

    /// <summary>SIGKILL to all of its group.</summary>
    public void Kill() => HostProcesses.KillGroup(_process.Id);

    /// <inheritdoc/>
    public void Dispose()
    {
        _reading.Cancel();
        _reading.Dispose();
        _process.Dispose();
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var kept = new StringBuilder();
        byte[] buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and int length)
            {
                if (kept.Length <= MostKept) kept.Append(Encoding.Latin1.GetString(buffer, 0, Math.Min(length, MostKept + 1)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // What has come until now is enough.
        }

        return kept.ToString();
    }
}
