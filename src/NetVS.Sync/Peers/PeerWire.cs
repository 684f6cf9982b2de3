namespace NetVS.Sync.Peers;

/// <summary>Sizes and numbers of the peer channel's format, in octets; everything in network order.</summary>
/// <remarks>
/// <code>
/// frame     0 kind (1)   1 zero (1)   2 length of what follows (2)
/// hello     0 "NVSP" (4) 4 version (2) 6 zero (2) 8 instance (16); more may follow
/// count     0 number of records (8), in Begin and End
/// record    0 protocol (1)  1 family, 4 or 6 (1)  2 state (1)  3 bit 0: learned (1)
///           4 flags, as in multicast messages (4)
///           8 idle, milliseconds (4)  12 timeout, seconds (4)  16 mark (4)
///          20 client's port (2)  22 virtual port (2)  24 real port (2)  26 zero (2)
///          28 client, virtual, real address (4 or 16 each), then options
/// option    0 type (1)  1 length of what follows (1)
/// </code>
/// </remarks>
public static class PeerWire
{
    /// <summary>The version of the format.</summary>
    public const ushort Version = 1;

    /// <summary>A frame's header.</summary>
    public const int Header = 4;

    /// <summary>No frame that is written is longer, its header included.</summary>
    public const int LongestWritten = 512;

    /// <summary>The longest frame there can be, its header included.</summary>
    public const int Longest = Header + ushort.MaxValue;

    internal const uint Magic = 0x4E56_5350;
    internal const int Hello = 24;
    internal const int Count = 8;
    internal const int Addresses = 28;
    internal const byte Learned = 1;

    internal const byte OptionLocalEnd = 1;
    internal const byte OptionSequence = 2;
    internal const byte OptionEngine = 3;
    internal const byte OptionEngineData = 4;
    internal const byte OptionAnnouncement = 5;

    // Behind the local address: port, state, delta, the real server's number.
    internal const int LocalEndRest = 2 + 1 + 4 + 4;
    internal const int Sequences = 2 * SyncSequence.Size;
    internal const int Announcement = 1 + 2 + 2;
    internal const int LongestEngine = 16;
}
