using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using NetVS.Health.Probes;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Scripts;

/// <summary>Runs a script as keepalived does: its words as they are, no shell, under its user, and killed when it takes too long.</summary>
/// <remarks>
/// A script that has a group of its own runs through setpriv(1), which can set one. What it prints is read and thrown away but for the first
/// <see cref="MostKept"/> octets. Time over: SIGTERM, after two seconds SIGKILL for it and all it started.
/// </remarks>
internal sealed class ScriptRunner(IScriptHost host)
{
    private const int MostKept = 200;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    /// <summary>Why a script is not run, or null.</summary>
    public string? FindRefusal(ScriptCommand script, ScriptSettings settings)
    {
        string? user = script.User ?? settings.User;
        if (!settings.IsSecure) return null;
        if (user is null) return "enable_script_security is set, and there is no script_user and no user keepalived_script";
        return user is "root" or "0" ? FindUnsafePart(script.Program) : null;
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="script">The script.</param>
    /// <param name="settings">Who runs it.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="cancellation">Kills it.</param>
    public async Task<ScriptOutcome> RunAsync(ScriptCommand script, ScriptSettings settings, TimeSpan patience, CancellationToken cancellation)
    {
        if (FindRefusal(script, settings) is { } refusal) return new ScriptOutcome(null, false, refusal);
        using var process = new Process { StartInfo = MakeStart(script, settings) };
        try
        {
            if (!process.Start()) return new ScriptOutcome(null, false, "it does not start");
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException or IOException)
        {
            return new ScriptOutcome(null, false, e.Message);
        }

        process.StandardInput.Close();
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<string> output = ReadAsync(process.StandardOutput.BaseStream, reading.Token);
        Task<string> errors = ReadAsync(process.StandardError.BaseStream, reading.Token);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(patience > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : patience);
        bool isKilled = false;
        try
        {
            await process.WaitForExitAsync(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            isKilled = true;
            await EndAsync(process).ConfigureAwait(false);
        }

        // What it left running may hold its output open for ever.
        reading.CancelAfter(TimeSpan.FromMilliseconds(100));
        string said = (await errors.ConfigureAwait(false) + " " + await output.ConfigureAwait(false)).Trim();
        return isKilled ? new ScriptOutcome(null, true, "timed out") : new ScriptOutcome(process.ExitCode, false, AnswerText.Clean(said, MostKept));
    }

    private async Task EndAsync(Process process)
    {
        if (!process.HasExited) host.Terminate(process.Id);
        using var grace = new CancellationTokenSource(s_grace);
        try
        {
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static ProcessStartInfo MakeStart(ScriptCommand script, ScriptSettings settings)
    {
        string? user = script.User ?? settings.User;
        string? group = script.User is null ? settings.Group : script.Group;
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        if (user is not null && group is not null)
        {
            start.FileName = "setpriv";
            foreach (string word in new[] { $"--reuid={user}", $"--regid={group.TrimStart(':')}", "--clear-groups", "--", script.Program }) start.ArgumentList.Add(word);
        }
        else
        {
            start.FileName = script.Program;
            if (user is not null && user != Environment.UserName) start.UserName = user;
        }

        foreach (string word in script.Arguments.Skip(1)) start.ArgumentList.Add(word);
        return start;
    }

    // Whoever may write a directory on the way may put another file there.
    private string? FindUnsafePart(string program)
    {
        string? path = Path.IsPathRooted(program) ? program : FindInPath(program);
        if (path is null) return $"{program} is not found";
        for (string? part = Path.GetFullPath(path); part is not null; part = Path.GetDirectoryName(part))
        {
            if (host.FindOwner(part) is not 0) return $"{part} does not belong to root (enable_script_security)";
            const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
            if ((new FileInfo(part).UnixFileMode & others) != 0) return $"{part} may be written by others than root (enable_script_security)";
        }

        return null;
    }

    private static string? FindInPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);

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
