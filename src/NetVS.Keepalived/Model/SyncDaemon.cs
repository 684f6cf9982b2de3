using NetVS.Keepalived.Language;
using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>The lvs_sync_daemon line.</summary>
public sealed record SyncDaemon
{
    /// <summary>The interface.</summary>
    public string Interface { get; init; } = "";

    /// <summary>The VRRP instance that decides who is master; null for both roles always.</summary>
    public string? Instance { get; init; }

    /// <summary>The sync id; null for the instance's id.</summary>
    public int? Id { get; init; }

    /// <summary>The most octets of a packet.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The port, host order.</summary>
    public ushort? Port { get; init; }

    /// <summary>The time to live.</summary>
    public int? Ttl { get; init; }

    /// <summary>The multicast group; none for the default.</summary>
    public IpAddress Group { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
