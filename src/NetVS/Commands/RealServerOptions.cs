using System.Globalization;
using NetVS.Packets;
using NetVS.RealServer;

namespace NetVS.Commands;

/// <summary>The arguments of <c>netvs realserver</c>.</summary>
internal sealed class RealServerOptions
{
    /// <summary>How it is used.</summary>
    public const string Usage =
        """
        usage: netvs realserver setup|undo|status --method dr|tun|fullnat --vip VIP[,VIP…] [options]

          setup    prepares this host (this network namespace) as a real server, printing each step
          undo     puts back what setup changed; without --method and --vip, all of it
          status   what is there and what is missing; exit status 1 when anything is missing

          -m, --method dr|tun|fullnat  how packets come from the director
          -v, --vip VIP[,VIP…]         the virtual addresses, IPv4 or IPv6 (not needed for fullnat)
          -i, --interface IF[,IF…]     where packets come in (default: every Ethernet interface there is now)
              --from ADDR[/BITS],…     tun: directors whose tunnel packets are taken; fullnat: local addresses of
                                       directors whose TOA option is believed (default: those given before, else
                                       anyone's, with a warning; "any" to say so)
              --gue-port PORT          tun: the UDP port of GUE tunnels (default: 6080); IPIP and GRE need nothing said
              --cgroup PATH            fullnat: only processes of this control group (default: the whole host)
          -n, --dry-run                print the steps, change nothing
        """;

    /// <summary>setup, undo or status.</summary>
    public string Action { get; private init; } = "";

    /// <summary>dr, tun, fullnat, or empty for all.</summary>
    public string Method { get; private set; } = "";

    /// <summary>The VIPs.</summary>
    public List<IpAddress> Vips { get; } = [];

    /// <summary>The interfaces; empty for all.</summary>
    public List<string> Interfaces { get; } = [];

    /// <summary>Who is believed; null where it was not given, empty for anyone.</summary>
    public List<AddressRange>? From { get; private set; }

    /// <summary>The UDP port of GUE tunnels; null where it was not given.</summary>
    public ushort? GuePort { get; private set; }

    /// <summary>The control group.</summary>
    public string ControlGroup { get; private set; } = "/";

    /// <summary>Whether to print only.</summary>
    public bool IsDryRun { get; private set; }

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">Those after "realserver".</param>
    /// <param name="options">The result.</param>
    /// <returns>Null, or what is wrong and what to do.</returns>
    public static string? Parse(IReadOnlyList<string> arguments, out RealServerOptions options)
    {
        options = new RealServerOptions { Action = arguments.Count > 0 ? arguments[0] : "" };
        if (options.Action is not ("setup" or "undo" or "status"))
            return options.Action.Length == 0 ? "say setup, undo or status" : $"unknown action '{options.Action}': say setup, undo or status";
        for (int i = 1; i < arguments.Count; i++)
        {
            string name = arguments[i];
            string? value = null;
            int equals = name.IndexOf('=', StringComparison.Ordinal);
            if (name.StartsWith("--", StringComparison.Ordinal) && equals > 0) (name, value) = (name[..equals], name[(equals + 1)..]);
            if (name is "-n" or "--dry-run" && value is null)
            {
                options.IsDryRun = true;
                continue;
            }

            if (name is not ("-m" or "--method" or "-v" or "--vip" or "-i" or "--interface" or "--from" or "--cgroup" or "--gue-port"))
                return $"unknown argument '{arguments[i]}': see 'netvs realserver --help'";
            value ??= ++i < arguments.Count ? arguments[i] : null;
            if (string.IsNullOrEmpty(value)) return $"{name} needs a value: see 'netvs realserver --help'";
            if (options.Set(name, value) is string problem) return problem;
        }

        return options.Check();
    }

    private string? Set(string name, string value)
    {
        string[] parts = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (name)
        {
            case "-m" or "--method":
                Method = value;
                return value is "dr" or "tun" or "fullnat"
                    ? null
                    : $"unknown method '{value}': say dr, tun or fullnat (nat needs no preparation but the director as the way back to clients)";
            case "-v" or "--vip":
                foreach (string part in parts)
                {
                    if (!IpAddress.TryParse(part, out IpAddress vip)) return $"--vip {part}: not an IP address: give the address alone, without a port or a prefix";
                    if (!Vips.Contains(vip)) Vips.Add(vip);
                }

                return null;
            case "-i" or "--interface":
                Interfaces.AddRange(parts.Where(p => !Interfaces.Contains(p)));
                return null;
            case "--gue-port":
                if (!ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
                    return $"--gue-port {value}: not a UDP port: give a number from 1 to 65535";
                GuePort = port;
                return null;
            case "--cgroup":
                ControlGroup = value;
                return null;
            default:
                From ??= [];
                foreach (string part in parts.Where(p => p != "any"))
                {
                    if (!AddressRange.TryParse(part, out AddressRange range)) return $"--from {part}: neither an IP address nor a range like 192.0.2.0/24";
                    From.Add(range);
                }

                return null;
        }
    }

    private string? Check()
    {
        if (Method.Length == 0 && (Action == "setup" || From is not null || Interfaces.Count > 0)) return "no method given: say --method dr, tun or fullnat";
        if (Action == "setup" && Method != "fullnat" && Vips.Count == 0) return "no VIP given: say --vip ADDRESS";
        if (ControlGroup != "/" && Method is not ("fullnat" or "")) return $"--cgroup is for --method fullnat, not for {Method}";
        if (GuePort is not null && Method != "tun") return $"--gue-port is for --method tun{(Method.Length == 0 ? "" : $", not for {Method}")}";
        if (From is not null && Method == "dr") return "--from is for --method tun and fullnat: direct routing cannot tell the director from others";
        if (Interfaces.Count > 0 && Method == "fullnat") return "--interface is for --method dr and tun: fullnat works by control groups";
        return null;
    }
}
