using System.Diagnostics;
using NetVS.Control.Replay;

namespace NetVS.Commands;

/// <summary><c>netvs replay</c>: a capture through the director, with the capture's clock.</summary>
internal static class ReplayCommand
{
    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("run a capture through the director, with the capture's clock", ReplayOptions.Usage, args => Task.FromResult(Run(args)));

    private static int Run(string[] arguments)
    {
        if (arguments is ["-h" or "--help" or "help", ..])
        {
            Console.WriteLine(ReplayOptions.Usage);
            return 0;
        }

        if (ReplayOptions.Parse(arguments, out ReplayOptions options) is string problem)
        {
            Console.Error.WriteLine($"netvs: {problem}");
            return 2;
        }

        try
        {
            return Replay(options);
        }
        catch (ReplayException wrong)
        {
            foreach (string line in wrong.Message.Split('\n')) Console.Error.WriteLine($"netvs: {line}");
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"netvs: {e.Message}");
            return 1;
        }
    }

    private static int Replay(ReplayOptions options)
    {
        using var spool = new StandardInputSpool();
        foreach ((_, string file) in options.Inputs) CheckReadable(file, options.Output);
        var request = new ReplayRequest
        {
            Inputs = [.. options.Inputs.Select(i => new ReplayInput(i.File, i.Interface, () => i.File == "-" ? spool.Open(options.Network is null) : Open(i.File)))],
            Rules = File.ReadAllText(options.Rules),
            RulesFile = options.Rules,
            Network = options.Network is { } network ? File.ReadAllText(network) : null,
            NetworkFile = options.Network ?? "",
            Settings = options.Settings,
            Seed = options.Seed,
            IsClassicOutput = options.Output?.EndsWith(".pcap", StringComparison.OrdinalIgnoreCase) == true,
            Output = options.Output is { } output ? () => Create(output) : null,
            Progress = Console.IsErrorRedirected ? null : Progress(),
        };
        ReplayReport report = Replayer.Run(request);
        if (!Console.IsErrorRedirected) Console.Error.Write("\r\x1b[K");
        using Stream text = options.Output == "-" ? Console.OpenStandardError() : Console.OpenStandardOutput();
        if (options.IsJson)
        {
            ReplayReportJson.Write(report, text);
        }
        else
        {
            using var writer = new StreamWriter(text, leaveOpen: true);
            ReplayReportWriter.Write(report, writer);
        }

        foreach (string warning in report.Warnings) Console.Error.WriteLine($"netvs: warning: {warning}");
        foreach (string fault in report.Faults) Console.Error.WriteLine($"netvs: {fault}: what comes after is lost, what was before has been replayed");
        return report.Faults.Count == 0 ? 0 : 1;
    }

    private static FileStream Open(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);

    private static Stream Create(string file) => file == "-"
        ? new BufferedStream(Console.OpenStandardOutput(), 1 << 16)
        : new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);

    // Opening the output empties it: what cannot work must be known before, and the capture itself must not be what is emptied.
    private static void CheckReadable(string file, string? output)
    {
        if (file == "-") return;
        Open(file).Dispose();
        if (output is not null && File.Exists(output) && Path.GetFullPath(file) == Path.GetFullPath(output))
            throw new ReplayException($"{file} is both capture and output: write to another file");
    }

    private static Action<long> Progress()
    {
        long last = Stopwatch.GetTimestamp();
        return packets =>
        {
            if (Stopwatch.GetElapsedTime(last).TotalSeconds < 0.5) return;
            last = Stopwatch.GetTimestamp();
            Console.Error.Write($"\r{packets} packets replayed");
        };
    }
}
