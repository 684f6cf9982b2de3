using System.Globalization;

namespace NetVS.Rules;

/// <summary>The options of a service that IPVS has not, in the order in which they are saved.</summary>
public static class ServiceOptionTable
{
    /// <summary>The longest time an option takes, in seconds: 31 days, as persistence's.</summary>
    public const uint MostSeconds = VirtualServiceRule.MostPersistence;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ServiceOptionSpec> All { get; } =
    [
        Time("tcp-timeout", "how long idle TCP connections are kept, instead of --set's", (o, s) => o with { TcpTimeout = s }, o => o.TcpTimeout),
        Time("tcpfin-timeout", "the same after one side has closed", (o, s) => o with { TcpFinTimeout = s }, o => o.TcpFinTimeout),
        Time("syn-timeout", "the same before the client has acknowledged", (o, s) => o with { SynTimeout = s }, o => o.SynTimeout),
        Time("udp-timeout", "how long idle UDP connections are kept, instead of --set's", (o, s) => o with { UdpTimeout = s }, o => o.UdpTimeout),
        Time("sctp-timeout", "how long idle SCTP connections are kept", (o, s) => o with { SctpTimeout = s }, o => o.SctpTimeout),
        Switch("reset", "reset both ends of a TCP connection that expires, or whose server is removed", (o, on) => o with { Resets = on }, o => o.Resets),
        Number("max-connections", "N", "refuse new connections while there are so many", (o, n) => o with { MostConnections = n }, o => o.MostConnections),
        Number("max-per-client", "N", "refuse a client that has so many", (o, n) => o with { MostPerClient = n }, o => o.MostPerClient),
        Number("client-prefix", "BITS", "how much of the address makes a client: 24, 64; all of it", (o, n) => o with { ClientPrefix = n }, o => o.ClientPrefix),
        new("over-limit", "drop|reject", "refuse silently (drop), or by a reset or ICMP", ReadOverLimit, o => o.OverLimit == OverLimit.Drop ? null : "reject", "drop or reject"),
        Time("slow-start", "let the share of a server that comes grow over this time", (o, s) => o with { SlowStart = s }, o => o.SlowStart),
        Switch("stable-hash", "sh, dh, mh: a server that goes or comes moves its own clients only", (o, on) => o with { HasStableHash = on }, o => o.HasStableHash),
    ];

    /// <summary>Finds an option by its name.</summary>
    public static ServiceOptionSpec? Find(string name) => All.FirstOrDefault(o => o.Name == name);

    /// <summary>The options that are not at their default, with their values.</summary>
    public static IEnumerable<(ServiceOptionSpec Option, string Value)> Given(ServiceOptions options)
    {
        foreach (ServiceOptionSpec option in All)
            if (option.Write(options) is { } value) yield return (option, value);
    }

    private static ServiceOptionSpec Time(string name, string meaning, Func<ServiceOptions, uint, ServiceOptions> set, Func<ServiceOptions, uint> get) => new(
        name, "TIME", meaning,
        (o, text) => Duration.TryParse(text, out TimeSpan time) && time.TotalSeconds <= MostSeconds ? set(o, (uint)time.TotalSeconds) : null,
        o => Text(get(o)),
        $"at most 31 days, in seconds or with s, m, h or d (90, 10m, 2h); 0 for none");

    private static ServiceOptionSpec Number(string name, string argument, string meaning, Func<ServiceOptions, uint, ServiceOptions> set, Func<ServiceOptions, uint> get) => new(
        name, argument, meaning,
        (o, text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number <= int.MaxValue ? set(o, number) : null,
        o => Text(get(o)),
        "a number; 0 for none");

    private static ServiceOptions? ReadOverLimit(ServiceOptions options, string text) => text switch
    {
        "drop" or "0" => options with { OverLimit = OverLimit.Drop },
        "reject" => options with { OverLimit = OverLimit.Reject },
        _ => null,
    };

    private static ServiceOptionSpec Switch(string name, string meaning, Func<ServiceOptions, bool, ServiceOptions> set, Func<ServiceOptions, bool> get) => new(
        name, null, meaning,
        (o, text) => text is ServiceOptionSpec.On or ServiceOptionSpec.Off ? set(o, text == ServiceOptionSpec.On) : null,
        o => get(o) ? ServiceOptionSpec.On : null,
        "yes or no");

    private static string? Text(uint number) => number == 0 ? null : number.ToString(CultureInfo.InvariantCulture);
}
