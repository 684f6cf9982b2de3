using NetVS.Bench;
using NetVS.Bench.Plots;
using NetVS.Linux;

namespace NetVS.Commands;

/// <summary><c>netvs bench</c>: NetVS beside what it is compared with, in one run.</summary>
internal static class BenchCommand
{
    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("measure NetVS beside a plain redirect, the kernel, nftables and proxies", BenchArguments.Usage, args => Task.FromResult(Run(args)));

    private static int Run(string[] words)
    {
        string program = Environment.GetEnvironmentVariable("NETVS_PROGRAM_PATH") ?? Environment.ProcessPath ?? "netvs";
        if (BenchArguments.Parse(words, program, out BenchArguments arguments) is { } problem)
        {
            Console.Error.WriteLine($"netvs: {problem}");
            return 2;
        }

        if (arguments.WantsHelp)
        {
            Console.WriteLine(BenchArguments.Usage);
            return 0;
        }

        if (arguments.FromFile is null && arguments.Options.Parts.Any(p => p != "engine") && !Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("netvs: bench makes network namespaces: run it as root (sudo), or 'netvs bench engine'");
            return 1;
        }

        try
        {
            // What cannot be written at the end is better known at the beginning.
            using FileStream? save = arguments.SaveFile is { } saved ? File.Create(saved) : null;
            using FileStream? plot = arguments.PlotFile is { } drawn ? File.Create(drawn) : null;
            BenchReport report = arguments.FromFile is { } from ? Read(from) : BenchRunner.Run(arguments.Options with { Progress = Progress() });
            if (!Console.IsErrorRedirected) Console.Error.Write("\r\x1b[K");
            if (save is not null) BenchReportJson.Write(report, save);
            if (plot is not null) BenchPlot.Write(report, plot);
            Print(report, arguments);
            foreach (string skipped in report.Skipped) Console.Error.WriteLine($"netvs: not measured: {skipped}");
            return report.Skipped.Count == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is BenchException or KernelCallException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"netvs: {e.Message}");
            return 1;
        }
    }

    private static void Print(BenchReport report, BenchArguments arguments)
    {
        if (arguments.IsMarkdown)
        {
            BenchReportMarkdown.Write(report, Console.Out);
        }
        else if (arguments.IsJson)
        {
            using Stream output = Console.OpenStandardOutput();
            BenchReportJson.Write(report, output);
        }
        else
        {
            BenchReportWriter.Write(report, Console.Out);
        }
    }

    private static BenchReport Read(string file)
    {
        using FileStream input = File.OpenRead(file);
        return BenchReportJson.Read(input);
    }

    // One line that is written over, or one for each where they go to a file.
    private static Action<string> Progress() => Console.IsErrorRedirected
        ? static text => Console.Error.WriteLine(text)
        : static text => Console.Error.Write($"\r\x1b[K{text}");
}
