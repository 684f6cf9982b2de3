using System.Globalization;
using NetVS.Bench;

namespace NetVS.Commands;

/// <summary>The arguments of <c>netvs bench</c>.</summary>
internal sealed record BenchArguments
{
    /// <summary>How it is used.</summary>
    public static string Usage { get; } = $"""
        usage: netvs bench [{string.Join("] [", BenchOptions.AllParts)}] [options]

        Measures, in memory and in network namespaces of its own, NetVS beside a plain XDP redirect, kernel forwarding,
        nftables DNAT, HAProxy in TCP mode and nginx's stream module. Without parts: all of them. All but engine need root.

          engine     the C# engine in memory: ns per packet
          program    the XDP program by the kernel's test-run: ns per packet by number of flows
          packets    packets per second by number of flows: NAT, DR, TUN, FULLNAT
          requests   connections and requests per second, and latencies, by wrk
          bulk       TCP connections as fast as they go, by iperf3
          memory     octets for each connection

              --repetitions N    how often each thing is measured, in turn (default 3)
              --duration S       seconds one measurement lasts (default 3)
              --sizes N[,N...]   flows and connections (default 1,1000,100000,1000000)
              --netvs V[,V...]   how NetVS is run: {string.Join(", ", BenchOptions.AllVariants)} (default: all)
              --quick            one repetition, one second, 1000 flows, xdp and tc: whether it works
              --json             print the result as JSON
              --markdown         print the result as Markdown
              --save FILE        write the result as JSON besides
              --svg FILE         draw the result besides
              --from FILE        print or draw a saved result, and measure nothing
        """;

    private static readonly string[] s_specification =
    [
        "--repetitions=", "--duration=|--seconds", "--sizes=", "--netvs=", "--quick", "--json", "--markdown", "--save=", "--svg=", "--from=", "--help|-h",
    ];

    /// <summary>What to measure.</summary>
    public required BenchOptions Options { get; init; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp { get; private init; }

    /// <summary>Whether JSON is printed.</summary>
    public bool IsJson { get; private init; }

    /// <summary>Whether Markdown is printed.</summary>
    public bool IsMarkdown { get; private init; }

    /// <summary>Where the result is kept, or null.</summary>
    public string? SaveFile { get; private init; }

    /// <summary>Where the result is drawn, or null.</summary>
    public string? PlotFile { get; private init; }

    /// <summary>The saved result to show instead of measuring, or null.</summary>
    public string? FromFile { get; private init; }

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">The words behind <c>bench</c>.</param>
    /// <param name="program">The executable to measure.</param>
    /// <param name="result">What they ask for.</param>
    /// <returns>What is wrong and what to do, or null.</returns>
    public static string? Parse(string[] arguments, string program, out BenchArguments result)
    {
        OptionReader read = OptionReader.Read(arguments, s_specification);
        var options = new BenchOptions { Program = program };
        result = new BenchArguments { Options = options };
        if (read["--help"] is not null || read.Operands is ["help"])
        {
            result = result with { WantsHelp = true };
            return null;
        }

        if (read.Problem is not null) return read.Problem;
        if (read.Operands.FirstOrDefault(o => !BenchOptions.AllParts.Contains(o)) is { } unknown)
            return $"there is no part '{unknown}': {string.Join(", ", BenchOptions.AllParts)}";
        if (read["--json"] is not null && read["--markdown"] is not null) return "--json and --markdown do not go together: --save FILE keeps the JSON besides";
        if (read["--quick"] is not null)
            options = options with { Repetitions = 1, Duration = TimeSpan.FromSeconds(1), Sizes = [1000], Variants = ["xdp", "tc"] };
        if (read.Operands.Count > 0) options = options with { Parts = [.. BenchOptions.AllParts.Where(read.Operands.Contains)] };
        if (!TryNumber(read["--repetitions"], 100, out int? repetitions)) return "--repetitions needs a number from 1 to 100";
        if (!TryNumber(read["--duration"], 600, out int? seconds)) return "--duration needs whole seconds, from 1 to 600";
        if (repetitions is { } count) options = options with { Repetitions = count };
        if (seconds is { } duration) options = options with { Duration = TimeSpan.FromSeconds(duration) };
        if (read["--sizes"] is { } sizes)
        {
            var numbers = new List<int>();
            foreach (string word in sizes.Split(','))
            {
                if (!TryNumber(word, 2_000_000, out int? size)) return "--sizes needs numbers from 1 to 2000000, with commas between them";
                numbers.Add(size!.Value);
            }

            options = options with { Sizes = [.. numbers.Distinct().Order()] };
        }

        if (read["--netvs"] is { } variants)
        {
            options = options with { Variants = variants.Split(',') };
            if (options.Variants.FirstOrDefault(v => !BenchOptions.AllVariants.Contains(v)) is { } none)
                return $"there is no way '{none}' to run NetVS: {string.Join(", ", BenchOptions.AllVariants)}";
        }

        result = result with
        {
            Options = options, IsJson = read["--json"] is not null, IsMarkdown = read["--markdown"] is not null,
            SaveFile = read["--save"], PlotFile = read["--svg"], FromFile = read["--from"],
        };
        return null;
    }

    private static bool TryNumber(string? text, int most, out int? number)
    {
        number = null;
        if (text is null) return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int read) || read < 1 || read > most) return false;
        number = read;
        return true;
    }
}
