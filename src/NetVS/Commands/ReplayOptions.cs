using System.Globalization;

namespace NetVS.Commands;

/// <summary>The arguments of <c>netvs replay</c>.</summary>
internal sealed class ReplayOptions
{
    /// <summary>How it is used.</summary>
    public const string Usage =
        """
        usage: netvs replay IN --rules FILE [options]
               netvs replay -i NAME=IN [-i NAME=IN ...] --rules FILE --network FILE [options]

        Runs a capture (pcap or pcapng, Ethernet) through the director with the capture's own clock. Needs no
        root and no network.

          IN                     the capture; - for standard input
          -i, --interface NAME=IN  the packets of IN were received on interface NAME
          -r, --rules FILE       the rules, as ipvsadm -S writes them
          -n, --network FILE     interfaces, addresses, routes and neighbours, as lines of ip -batch;
                                 without it: one interface, and MACs from the capture
          -o, --output FILE      what the director sent: pcapng, or pcap where the name ends in .pcap;
                                 - for standard output (the summary then goes to standard error)
              --set KEY=VALUE    a setting, as with netvs set
              --seed N           where random choices begin (default 1)
              --json             the summary as JSON
        """;

    /// <summary>The captures with their interfaces; null where the capture says it.</summary>
    public List<(string? Interface, string File)> Inputs { get; } = [];

    /// <summary>The rules file.</summary>
    public string Rules { get; private set; } = "";

    /// <summary>The network file, or null.</summary>
    public string? Network { get; private set; }

    /// <summary>The output file, or null.</summary>
    public string? Output { get; private set; }

    /// <summary>Settings to change.</summary>
    public List<(string Name, string Value)> Settings { get; } = [];

    /// <summary>Where random choices begin.</summary>
    public ulong Seed { get; private set; } = 1;

    /// <summary>Whether the summary is JSON.</summary>
    public bool IsJson { get; private set; }

    /// <summary>Reads the arguments.</summary>
    /// <returns>Null, or what is wrong and what to do.</returns>
    public static string? Parse(IReadOnlyList<string> arguments, out ReplayOptions options)
    {
        options = new ReplayOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name == "--json")
            {
                options.IsJson = true;
                continue;
            }

            if (name == "-" || !name.StartsWith('-'))
            {
                options.Inputs.Add((null, name));
                continue;
            }

            string? value = null;
            int equals = name.IndexOf('=', StringComparison.Ordinal);
            if (name.StartsWith("--", StringComparison.Ordinal) && equals > 0) (name, value) = (name[..equals], name[(equals + 1)..]);
            if (name is not ("-i" or "--interface" or "-r" or "--rules" or "-n" or "--network" or "-o" or "--output" or "--set" or "--seed"))
                return $"unknown argument '{arguments[i]}': see 'netvs replay --help'";
            value ??= ++i < arguments.Count ? arguments[i] : null;
            if (string.IsNullOrEmpty(value)) return $"{name} needs a value: see 'netvs replay --help'";
            if (options.Set(name, value) is { } problem) return problem;
        }

        return options.Check();
    }

    private string? Set(string name, string value)
    {
        int equals = value.IndexOf('=', StringComparison.Ordinal);
        switch (name)
        {
            case "-i" or "--interface":
                if (equals < 1 || equals == value.Length - 1) return $"-i {value}: say which interface the capture is of: -i NAME=FILE";
                Inputs.Add((value[..equals], value[(equals + 1)..]));
                return null;
            case "-r" or "--rules": Rules = value; return null;
            case "-n" or "--network": Network = value; return null;
            case "-o" or "--output": Output = value; return null;
            case "--set":
                if (equals < 1) return $"--set {value}: give the setting and its value: --set KEY=VALUE";
                Settings.Add((value[..equals], value[(equals + 1)..]));
                return null;
            default:
                if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)) return $"--seed {value}: give a whole number";
                Seed = seed;
                return null;
        }
    }

    private string? Check()
    {
        if (Inputs.Count == 0) return "no capture given: say 'netvs replay IN --rules FILE'";
        if (Rules.Length == 0) return "no rules given: say --rules FILE";
        if (Inputs.Count > 1 && Inputs.Any(i => i.Interface is null)) return "several captures: say which interface each is of, with -i NAME=FILE";
        if (Inputs.Count > 1 && Network is null) return "several captures need a description of their interfaces: give it with --network FILE";
        if (Inputs.Count(i => i.File == "-") > 1) return "only one capture can come from standard input";
        if (Inputs.Any(i => i.File == "-") && (Rules == "-" || Network == "-")) return "standard input is the capture: give the other files by name";
        return null;
    }
}
