using System.Diagnostics;

namespace NetVS.Bench.Wires;

/// <summary>Runs the machine's own tools.</summary>
internal static class Tool
{
    private static readonly Lock s_gate = new();
    private static readonly List<Process> s_started = [];
    private static int? s_ender;

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
            lock (s_gate)
            {
                if (s_ender is null || s_ender == Environment.CurrentManagedThreadId)
                {
                    s_started.RemoveAll(HasEnded);
                    var process = Process.Start(new ProcessStartInfo(program, arguments)
                    {
                        RedirectStandardInput = true,
                        RedirectStandardOutput = true,
                        RedirectStandardError = true,
                    })!;
                    s_started.Add(process);
                    return process;
                }
            }

            // This process is about to exit, and what was started now would outlive it.
            Thread.Sleep(Timeout.Infinite);
            throw new UnreachableException();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new BenchException($"'{program}' is not installed: run ./netvs bench from the checkout, which installs it, or install it yourself");
        }
    }

    /// <summary>Kills what runs still; from now on only the calling thread can start programs.</summary>
    public static void KillAll()
    {
        lock (s_gate)
        {
            s_ender = Environment.CurrentManagedThreadId;
            foreach (Process process in s_started)
            {
                try
                {
                    process.Kill();
                }
                catch (InvalidOperationException)
                {
                    // Disposed of: whoever did has waited for its end.
                }
            }

            s_started.Clear();
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

    private static bool HasEnded(Process process)
    {
        try
        {
            return process.HasExited;
        }
        catch (InvalidOperationException)
        {
            // Disposed of: whoever did has waited for its end.
            return true;
        }
    }
}
