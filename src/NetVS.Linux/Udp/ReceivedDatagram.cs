using NetVS.Packets;

namespace NetVS.Linux.Udp;

/// <summary>What a <see cref="DatagramReceiver"/> took.</summary>
public readonly ref struct ReceivedDatagram
{
    /// <summary>The payload, borrowed from the caller's buffer.</summary>
    public ReadOnlySpan<byte> Octets { get; init; }

    /// <summary>The sender's address.</summary>
    public IpAddress Source { get; init; }

    /// <summary>Where it was sent to.</summary>
    public IpAddress Destination { get; init; }

    /// <summary>Its time to live, or hop limit, on arrival.</summary>
    public byte TimeToLive { get; init; }
}
