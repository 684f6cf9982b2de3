using System.Runtime.CompilerServices;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>The L4 header of a plain packet.</summary>
internal static class PlainL4
{
    /// <summary>Whether there is a whole TCP or UDP header; TCP's flags.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="offset">Where the L4 header would begin.</param>
    /// <param name="length">Octets of the IP packet from there; the frame has them, if it is positive.</param>
    /// <param name="protocol">What the IP header says follows.</param>
    /// <param name="flags">TCP's flags; none for UDP.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> frame, int offset, int length, IpProtocol protocol, out TcpFlags flags)
    {
        flags = TcpFlags.None;
        if (protocol == IpProtocol.Udp) return length >= UdpHeader.Size;
        if (protocol != IpProtocol.Tcp || length < TcpHeader.Size) return false;
        ref readonly TcpHeader tcp = ref WireView.ReadAt<TcpHeader>(frame, offset);
        flags = tcp.Flags;
        return tcp.HeaderLength >= TcpHeader.Size && tcp.HeaderLength <= length;
    }
}
