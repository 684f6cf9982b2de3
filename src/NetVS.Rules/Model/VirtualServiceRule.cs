namespace NetVS.Rules;

/// <summary>A virtual service as it was asked for; compared by value.</summary>
public sealed record VirtualServiceRule
{
    /// <summary>The longest persistence timeout in seconds: 31 days, as ipvsadm has it.</summary>
    public const uint MostPersistence = 31 * 24 * 3600;

    /// <summary>What identifies the service.</summary>
    public required ServiceKey Key { get; init; }

    /// <summary>The scheduler's short name; ipvsadm's default is <c>wlc</c>.</summary>
    public string Scheduler { get; init; } = "wlc";

    /// <summary>The service's flags.</summary>
    public ServiceFlags Flags { get; init; }

    /// <summary>Persistence timeout in seconds; 0 unless <see cref="ServiceFlags.Persistent"/>.</summary>
    public uint PersistenceTimeout { get; init; }

    /// <summary>Prefix length of the persistence netmask when it is contiguous; 32 or 128 by default.</summary>
    public uint NetmaskPrefix { get; init; }

    /// <summary>The IPv4 persistence mask as a host-order integer; 0xFFFFFFFF by default, unused for IPv6.</summary>
    public uint Netmask { get; init; } = 0xFFFF_FFFF;

    /// <summary>The persistence engine's name, or null.</summary>
    public string? PersistenceEngine { get; init; }

    /// <summary>What it asks for beyond IPVS.</summary>
    public ServiceOptions Options { get; init; } = ServiceOptions.None;
}
