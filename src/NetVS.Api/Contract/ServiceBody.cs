namespace NetVS.Api.Contract;

/// <summary>A virtual service as asked for.</summary>
internal record ServiceBody
{
    /// <summary><c>tcp:192.0.2.1:80</c>, <c>udp:[2001:db8::1]:53</c>, <c>sctp:…</c>, <c>fwm:7</c> or <c>fwm6:7</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The scheduler's short name.</summary>
    public string Scheduler { get; set; } = "wlc";

    /// <summary>Scheduler flags by ipvsadm's names.</summary>
    public string[] Flags { get; set; } = [];

    /// <summary>Persistence timeout in seconds, or null.</summary>
    public uint? Persistence { get; set; }

    /// <summary>The persistence netmask: a dotted IPv4 mask or an IPv6 prefix length; null for every bit.</summary>
    public string? Netmask { get; set; }

    /// <summary>The persistence engine, or null.</summary>
    public string? PersistenceEngine { get; set; }

    /// <summary>One-packet scheduling.</summary>
    public bool OnePacket { get; set; }

    /// <summary>What it asks for beyond IPVS, by the names of ipvsadm's long options; switches are <c>yes</c>. Null for nothing.</summary>
    public Dictionary<string, string>? Options { get; set; }
}
