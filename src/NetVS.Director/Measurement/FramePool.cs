using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Director.Measurement;

/// <summary>TCP segments of many clients, one after the other in memory, as a network card would have put them there.</summary>
/// <remarks>64 octets each: Ethernet, IPv4 without options, TCP without options, padding. The checksums are right.</remarks>
internal sealed class FramePool
{
    /// <summary>Octets of a frame.</summary>
    public const int FrameLength = 64;

    private const int IpOffset = 14, TcpOffset = 34, IpLength = 40;

    private readonly byte[] _frames;

    /// <summary>Makes room for frames.</summary>
    public FramePool(int count) => _frames = GC.AllocateUninitializedArray<byte>(count * FrameLength, pinned: true);

    /// <summary>A frame's octets.</summary>
    public ReadOnlySpan<byte> this[int index] => _frames.AsSpan(index * FrameLength, FrameLength);

    /// <summary>Writes a segment without payload.</summary>
    public void Write(int index, MacAddress to, IpEndpoint source, IpEndpoint destination, byte tcpFlags)
    {
        Span<byte> frame = _frames.AsSpan(index * FrameLength, FrameLength);
        frame.Clear();
        to.Write(frame);
        frame[6] = 2;
        frame[12] = 8;
        Span<byte> ip = frame[IpOffset..];
        ip[0] = 0x45;
        ip[3] = IpLength;
        ip[8] = 64;
        ip[9] = (byte)IpProtocol.Tcp;
        source.Address.Write(ip[12..]);
        destination.Address.Write(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Fold(Sum(ip[..20])));

        Span<byte> tcp = frame[TcpOffset..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], destination.Port);
        tcp[12] = 0x50;
        tcp[13] = tcpFlags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 8192);
        uint pseudoHeader = Sum(ip[12..20]) + (uint)IpProtocol.Tcp + 20;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Fold(Sum(tcp[..20]) + pseudoHeader));
    }

    private static uint Sum(ReadOnlySpan<byte> octets)
    {
        uint sum = 0;
        for (int i = 0; i < octets.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(octets[i..]);
        return sum;
    }

    private static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)(~sum & 0xFFFF);
    }
}
