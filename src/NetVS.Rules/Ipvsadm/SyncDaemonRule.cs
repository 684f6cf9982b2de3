using NetVS.Packets;

namespace NetVS.Rules.Ipvsadm;

/// <summary>A connection synchronisation daemon as asked for (reference §12.2, §14).</summary>
public sealed record SyncDaemonRule
{
    /// <summary>Whether it sends (master) or receives (backup).</summary>
    public required bool IsMaster { get; init; }

    /// <summary>The interface it multicasts on; at most 15 characters.</summary>
    public string Interface { get; init; } = "eth0";

    /// <summary>The sync id, 0..255.</summary>
    public byte SyncId { get; init; }

    /// <summary>The multicast group; none means 224.0.0.81.</summary>
    public IpAddress Group { get; init; }

    /// <summary>The UDP port, host order; 0 means 8848.</summary>
    public ushort Port { get; init; }

    /// <summary>The multicast TTL; 0 means 1.</summary>
    public byte Ttl { get; init; }

    /// <summary>The longest message, in octets of UDP payload; 0 means what fits the interface.</summary>
    public ushort MaxLength { get; init; }
}
