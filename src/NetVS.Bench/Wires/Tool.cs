using System.Diagnostics;

namespace NetVS.Bench.Wires;

/// <summary>Runs the machine's own tools.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end; it must succeed.</summary>
    /// <returns>What it printed on its standard output.</returns>
    /// <exception cref="BenchException">It is not there, or failed; the message quotes it.</exception>
    public static string Run(string program, IEnumerable<string> arguments, string? input = null)
    {
        string[] list = [.. arguments];
        using Process process = Start(program, list);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (input is not null) process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0) return output;
        string words = errors.Result.Trim();
        if (words.Length == 0) words = output.Trim();
        throw new BenchException($"'{program} {string.Join(' ', list)}' failed with status {process.ExitCode}: {words}");
    }

    /// <summary>Starts a program.</summary>
    public static Process Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new BenchException($"'{program}' is not installed: run ./netvs bench from the checkout, which installs it, or install it yourself");
        }
    }

    /// <summary>Ends a program that was started: politely, then by force.</summary>
    public static void End(Process process)
    {
        if (!process.HasExited)
        {
            using Process term = Start("kill", ["-TERM", process.Id.ToString()]);
            term.WaitForExit();
            if (!process.WaitForExit(5000)) process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }
}
