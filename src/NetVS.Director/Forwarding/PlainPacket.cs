using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>What one reading of a plain packet's headers told, and where its connection is looked for.</summary>
/// <remarks>
/// <para>Plain is a whole TCP segment or UDP datagram in a frame without VLAN tag, IP options and extension headers, whose lengths and IPv4 header
/// checksum are right: nearly every packet. Where its headers lie needs no looking for, and nothing about it is asked twice.</para>
/// <para>All of it follows from the headers' octets and the frame's length, but for what follows from the rules, too. So a reading made
/// when a frame was announced is good for every frame that its <see cref="Key"/> fits, whoever announced it and whatever came in between.</para>
/// </remarks>
/// <typeparam name="TAddress">The family's address.</typeparam>
internal struct PlainPacket<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>The headers it was read of, TCP's options left out: nothing here follows from them.</summary>
    public FrameKey Key;

    /// <summary>Both ends, protocol and flags.</summary>
    public FlowEnds<TAddress> Ends;

    /// <summary>Octets of the IP packet.</summary>
    public int IpLength;

    /// <summary>The first connection that <see cref="Hash"/> leads to; 0 if there is none, or nobody has looked.</summary>
    public int Handle;

    /// <summary>The hash of its client's end, or, of a <see cref="PlainSide.LocalReply"/>, of its connection's inner side.</summary>
    public ulong Hash;

    /// <summary>The generation of the rules that <see cref="Side"/> and <see cref="Hash"/> follow from: <see cref="SideMemo{TFamily, TAddress}.Generation"/>.</summary>
    public ulong Rules;

    /// <summary>Whose packet it is.</summary>
    public PlainSide Side;

    /// <summary>Octets of the L4 header without options.</summary>
    public readonly int L4HeaderLength => Ends.Protocol == IpProtocol.Tcp ? TcpHeader.Size : UdpHeader.Size;
}
