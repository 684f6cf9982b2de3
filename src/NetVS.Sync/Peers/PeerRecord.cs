using NetVS.Packets;

namespace NetVS.Sync.Peers;

/// <summary>One connection, template or announced connection, as directors tell each other on the peer channel.</summary>
/// <remarks>Numbers in host order; all addresses of one family. A persistence engine's name and key travel beside it.</remarks>
public readonly record struct PeerRecord
{
    /// <summary>What the multicast protocol knows of it too. The flags name NAT where <see cref="Local"/> makes it FULLNAT.</summary>
    public SyncRecord Entry { get; init; }

    /// <summary>Whether the teller itself has only been told of it: no packet of it has passed there since.</summary>
    public bool IsLearned { get; init; }

    /// <summary>Milliseconds since its last packet, as the teller knows, when this was said.</summary>
    public uint IdleMilliseconds { get; init; }

    /// <summary>LIP of a FULLNAT connection; none for all others.</summary>
    public IpAddress Local { get; init; }

    /// <summary>FULLNAT's local port.</summary>
    public ushort LocalPort { get; init; }

    /// <summary>What is known of the sequence numbers: bits 0 to 2 as the director keeps them.</summary>
    public byte FullNatState { get; init; }

    /// <summary>The director's initial sequence number less the client's, modulo 2^32.</summary>
    public uint SequenceDelta { get; init; }

    /// <summary>The real server's initial sequence number.</summary>
    public uint RealIsn { get; init; }

    /// <summary>Who is to open an announced connection; <see cref="PeerAnnouncement.None"/> for all others.</summary>
    public PeerAnnouncement Announcement { get; init; }

    /// <summary>The client's port of the control connection that announced it.</summary>
    public ushort ControlClientPort { get; init; }

    /// <summary>The virtual port of the control connection that announced it.</summary>
    public ushort ControlVirtualPort { get; init; }

    /// <summary>Whether it is a FULLNAT connection.</summary>
    public bool IsFullNat => !Local.IsNone;
}
