using System.Diagnostics;
using System.Text;

namespace NetVS.Lab.Hosts;

/// <summary>Runs the machine's own tools (ip, nsenter, tcpdump …) and waits for them.</summary>
internal static class Shell
{
    /// <summary>What a finished command left behind.</summary>
    internal readonly record struct Outcome(int ExitCode, string Output, string Errors)
    {
        public bool IsOk => ExitCode == 0;
    }

    /// <summary>Runs a command to its end; does not judge its exit status.</summary>
    public static async Task<Outcome> TryRunAsync(string program, IEnumerable<string> arguments, string? input = null,
        TimeSpan? limit = null, CancellationToken cancellation = default)
    {
        using Process process = new() { StartInfo = Describe(program, arguments, redirectInput: input is not null) };
        var output = new StringBuilder();
        var errors = new StringBuilder();
        process.OutputDataReceived += (_, e) => { if (e.Data is not null) output.Append(e.Data).Append('\n'); };
        process.ErrorDataReceived += (_, e) => { if (e.Data is not null) errors.Append(e.Data).Append('\n'); };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new LabException($"'{program}' is not installed: run ./netvs lab from the checkout, which installs it, or install it yourself");
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(limit ?? TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return new Outcome(124, output.ToString(), errors + $"{program}: took longer than {limit?.TotalSeconds ?? 60} s\n");
        }

        return new Outcome(process.ExitCode, output.ToString(), errors.ToString());
    }

    /// <summary>Runs a command to its end and returns its output.</summary>
    /// <exception cref="LabException">It failed; the message quotes it.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? input = null,
        CancellationToken cancellation = default)
    {
        string[] list = [.. arguments];
        Outcome outcome = await TryRunAsync(program, list, input, cancellation: cancellation);
        return outcome.IsOk
            ? outcome.Output
            : throw new LabException($"'{program} {string.Join(' ', list)}' failed with status {outcome.ExitCode}: {outcome.Errors.Trim()}");
    }

    /// <summary>How a child process is started: no shell, its streams redirected.</summary>
    public static ProcessStartInfo Describe(string program, IEnumerable<string> arguments, bool redirectInput) =>
        new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = redirectInput,
            UseShellExecute = false,
        };
}
