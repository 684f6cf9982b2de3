using System.Globalization;
using NetVS.Api.Contract;
using NetVS.Rules;

namespace NetVS.Commands;

/// <summary>The options of <c>netvs service</c> and <c>netvs server</c>, as members of the API's bodies.</summary>
internal static class RuleOptions
{
    /// <summary>Options of a service.</summary>
    public static string[] OfService { get; } = ["--scheduler=|-s", "--flags=", "--persistence=", "--netmask=", "--engine=", "--one-packet=", .. ServiceOptionTable.All.Select(o => $"--{o.Name}=")];

    /// <summary>Options of a real server.</summary>
    public static string[] OfServer { get; } = ["--method=", "--weight=|-w", "--upper=", "--lower=", "--tunnel=", "--tunnel-port=", "--tunnel-checksum="];

    /// <summary>The paragraph on the options of a service.</summary>
    public static string ServiceUsage { get; } =
        "  SERVICE             tcp:192.0.2.10:80, udp:[2001:db8::10]:53, sctp:192.0.2.10:9, fwm:7, fwm6:7\n" +
        "  -s, --scheduler S   rr, wrr, lc, wlc (the default), sh, dh, sed, nq, lblc, lblcr, fo, ovf, mh, twos\n" +
        "      --flags F,F     scheduler flags: sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3; none for none\n" +
        "      --persistence T clients keep their real server for this time: 300, 5m, 2h; none for not at all\n" +
        "      --netmask M     which clients count as one: 255.255.255.0, or a prefix length for IPv6; none for each by itself\n" +
        "      --engine E      the persistence engine; none for none\n" +
        "      --one-packet B  schedule each UDP datagram by itself: yes or no\n" +
        "Beyond IPVS:\n" +
        string.Concat(ServiceOptionTable.All.Select(o => $"      {$"--{o.Name} {o.Argument ?? "B"}",-24} {o.Meaning}{(o.IsSwitch ? ": yes or no" : "")}\n"));

    /// <summary>The paragraph on the options of a real server.</summary>
    public const string ServerUsage =
        "  REAL                10.0.0.1:80, [2001:db8::a]:80\n" +
        "      --method M      nat, dr (the default), tun, fullnat\n" +
        "  -w, --weight N      its share (1); 0 for no new connections\n" +
        "      --upper N       connections from which on it gets no new ones; 0 for no limit\n" +
        "      --lower N       connections below which it gets some again; 0 for three quarters of the upper limit\n" +
        "      --tunnel T      of the method tun: ipip (the default), gre, gue\n" +
        "      --tunnel-port P the UDP port of gue\n" +
        "      --tunnel-checksum C  none (the default), checksum, or remote (gue)\n";

    /// <summary>Puts the options that were given into a service's body.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Take(OptionReader options, ServiceBody body)
    {
        if (options["--scheduler"] is { } scheduler) body.Scheduler = scheduler;
        if (options["--flags"] is { } flags) body.Flags = flags == "none" ? [] : flags.Split(',');
        if (options["--netmask"] is { } netmask) body.Netmask = OrNull(netmask);
        if (options["--engine"] is { } engine) body.PersistenceEngine = OrNull(engine);
        if (options["--persistence"] is { } persistence)
        {
            TimeSpan time = default;
            if (persistence != "none" && !Duration.TryParse(persistence, out time)) return $"--persistence: '{persistence}' is no time: {Duration.Spellings}, or none";
            if (time.TotalSeconds > uint.MaxValue) return $"--persistence: '{persistence}' is too long";
            body.Persistence = persistence == "none" ? null : (uint)time.TotalSeconds;
        }

        if (options["--one-packet"] is { } onePacket)
        {
            body.OnePacket = onePacket == "yes";
            if (onePacket is not ("yes" or "no")) return $"--one-packet: '{onePacket}' is neither yes nor no";
        }

        return TakeBeyond(options, body);
    }

    private static string? TakeBeyond(OptionReader options, ServiceBody body)
    {
        foreach (ServiceOptionSpec option in ServiceOptionTable.All)
        {
            if (options[$"--{option.Name}"] is not { } value) continue;
            if (value == "none") value = option.IsSwitch ? ServiceOptionSpec.Off : "0";
            if (option.Read(ServiceOptions.None, value) is not { } read) return $"--{option.Name}: '{value}' is no value of it: write {option.Expected}";
            body.Options ??= [];
            body.Options.Remove(option.Name);
            if (option.Write(read) is { } said) body.Options.Add(option.Name, said);
        }

        return null;
    }

    /// <summary>Puts the options that were given into a real server's body.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Take(OptionReader options, DestinationBody body)
    {
        if (options["--method"] is { } method) body.Method = method;
        if (!TryNumber(options["--weight"], body.Weight, int.MaxValue, out int weight)) return $"--weight: '{options["--weight"]}' is no weight: write a number from 0 on";
        if (!TryNumber(options["--upper"], body.UpperThreshold, uint.MaxValue, out uint upper)) return NoLimit("--upper", options);
        if (!TryNumber(options["--lower"], body.LowerThreshold, uint.MaxValue, out uint lower)) return NoLimit("--lower", options);
        (body.Weight, body.UpperThreshold, body.LowerThreshold) = (weight, upper, lower);
        if (body.Method != "tun") body.Tunnel = null;
        if (options["--tunnel"] is null && options["--tunnel-port"] is null && options["--tunnel-checksum"] is null) return null;
        body.Tunnel ??= new TunnelBody();
        if (options["--tunnel"] is { } type) body.Tunnel.Type = type;
        if (options["--tunnel-checksum"] is { } checksum) body.Tunnel.Checksum = checksum;
        if (!TryNumber(options["--tunnel-port"], body.Tunnel.Port, ushort.MaxValue, out ushort port)) return $"--tunnel-port: '{options["--tunnel-port"]}' is no port";
        body.Tunnel.Port = port;
        return null;
    }

    private static string? OrNull(string word) => word == "none" ? null : word;

    private static string NoLimit(string option, OptionReader options) => $"{option}: '{options[option]}' is no number of connections";

    private static bool TryNumber<T>(string? text, T otherwise, T most, out T number)
        where T : System.Numerics.IBinaryInteger<T>
    {
        number = otherwise;
        return text is null || (T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number!) && number <= most);
    }
}
