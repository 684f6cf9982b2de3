using System.Globalization;
using NetVS.Bench;
using NetVS.Linux;

namespace NetVS.Commands;

/// <summary><c>netvs bench</c>: NetVS beside what it is compared with, in one run.</summary>
internal static class BenchCommand
{
    private const string Usage =
        """
        usage: netvs bench [engine] [packets] [requests] [bulk] [options]

        Measures, in memory and in network namespaces of its own, NetVS beside a plain XDP redirect, kernel
        forwarding and nftables DNAT. Without parts: all of them. All but engine need root.

              --repetitions N    how often each thing is measured, in turn (default 3)
              --seconds S        how long one measurement lasts (default 3)
              --sizes N[,N...]   flows and connections (default 1,1000,100000,1000000)
              --link L[,L...]    af_xdp, af_packet or both (default)
              --quick            one repetition, one second, 1000 flows: whether it works
              --json             the result as JSON
        """;

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("measure NetVS beside a plain redirect, the kernel and nftables", args => Task.FromResult(Run(args)));

    private static int Run(string[] arguments)
    {
        if (arguments is ["-h" or "--help" or "help", ..])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        if (Parse(arguments, out BenchOptions options, out bool isJson) is string problem)
        {
            Console.Error.WriteLine($"netvs: {problem}");
            return 2;
        }

        if (options.Parts.Any(p => p != "engine") && !Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("netvs: bench makes network namespaces: run it as root (sudo), or 'netvs bench engine'");
            return 1;
        }

        try
        {
            BenchReport report = BenchRunner.Run(options);
            if (!Console.IsErrorRedirected) Console.Error.Write("\r\x1b[K");
            if (isJson)
            {
                using Stream output = Console.OpenStandardOutput();
                BenchReportJson.Write(report, output);
            }
            else
            {
                BenchReportWriter.Write(report, Console.Out);
            }

            foreach (string skipped in report.Skipped) Console.Error.WriteLine($"netvs: not measured: {skipped}");
            return report.Skipped.Count == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is BenchException or KernelCallException or IOException)
        {
            Console.Error.WriteLine($"netvs: {e.Message}");
            return 1;
        }
    }

    private static string? Parse(string[] arguments, out BenchOptions options, out bool isJson)
    {
        options = new BenchOptions { Program = Environment.GetEnvironmentVariable("NETVS_PROGRAM_PATH") ?? Environment.ProcessPath ?? "netvs" };
        isJson = false;
        var parts = new List<string>();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (BenchOptions.AllParts.Contains(name))
            {
                parts.Add(name);
                continue;
            }

            if (name == "--json")
            {
                isJson = true;
                continue;
            }

            if (name == "--quick")
            {
                options = options with { Repetitions = 1, Duration = TimeSpan.FromSeconds(1), Sizes = [1000] };
                continue;
            }

            if (name is not ("--repetitions" or "--seconds" or "--sizes" or "--link")) return $"unknown argument '{name}': see 'netvs bench --help'";
            if (++i == arguments.Length) return $"{name} needs a value: see 'netvs bench --help'";
            if (!TrySet(ref options, name, arguments[i])) return $"{name} {arguments[i]}: see 'netvs bench --help'";
        }

        if (parts.Count > 0) options = options with { Parts = [.. BenchOptions.AllParts.Where(parts.Contains)] };
        if (!Console.IsErrorRedirected) options = options with { Progress = static text => Console.Error.Write($"\r\x1b[K{text}") };
        return null;
    }

    private static bool TrySet(ref BenchOptions options, string name, string value)
    {
        string[] words = value.Split(',');
        int[] numbers = [.. words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        switch (name)
        {
            case "--link":
                options = options with { Links = words };
                return words.All(w => w is "af_xdp" or "af_packet");
            case "--sizes":
                options = options with { Sizes = numbers };
                return numbers.All(n => n is > 0 and <= 4_000_000);
            case "--seconds":
                options = options with { Duration = TimeSpan.FromSeconds(numbers[0]) };
                return numbers is [> 0 and <= 600];
            default:
                options = options with { Repetitions = numbers[0] };
                return numbers is [> 0 and <= 100];
        }
    }
}
