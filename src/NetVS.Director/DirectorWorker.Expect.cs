using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director;

/// <content>Memory is asked for before it is needed.</content>
/// <remarks>
/// With a million connections and clients in random order, each packet misses the cache twice, one miss after the other: in the index and
/// at the connection. Told of a frame a few frames before it is processed, the worker lets both misses pass while it works on
/// others: a packet then takes a third of the time (bench/NetVS.Benchmarks).
/// </remarks>
public sealed partial class DirectorWorker
{
    /// <summary>How many frames before <see cref="Process"/> a frame is best told to <see cref="Expect"/>.</summary>
    public const int ExpectAhead = 8;

    // The index line is asked for when the frame is announced, and has come when this many more have been: then the connection's.
    private const int IndexAhead = ExpectAhead / 2;

    // Fewer are in the cache anyway: then the hint costs 20 ns and saves nothing.
    private const int LeastConnections = 4096;
    private const ulong IsV6 = 1UL << 62;
    private const int EtherTypeOffset = 12, VlanEtherTypeOffset = 16;
    private const byte Ipv4WithoutOptions = 0x45;

    private readonly ulong[] _expected = new ulong[IndexAhead];
    private int _expectedAt;

    /// <summary>Tells the worker of a frame that will be processed soon. Only a hint: it changes nothing and may be left out.</summary>
    /// <remarks>
    /// Call it for the first <see cref="ExpectAhead"/> frames of a batch; then, before each frame is processed, for the one as far
    /// ahead, or with an empty frame where the batch has none. What is not a plain TCP or UDP packet is ignored.
    /// </remarks>
    /// <param name="frame">The frame as received, from its Ethernet header on.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Expect(ReadOnlySpan<byte> frame)
    {
        if (ConnectionCount < LeastConnections) return;
        ref ulong slot = ref _expected[_expectedAt];
        _expectedAt = (_expectedAt + 1) % IndexAhead;
        ulong earlier = slot;
        slot = ExpectIndex(frame);
        if (earlier != 0) ExpectConnection(earlier);
    }

    /// <summary>The second step: asks for a connection; its handle, or 0.</summary>
    internal int ExpectConnection(ulong token) => (token & IsV6) == 0 ? _v4.ExpectConnection(token) : _v6.ExpectConnection(token);

    /// <summary>The first step: asks for an index line; what the second step takes, or 0.</summary>
    internal ulong ExpectIndex(ReadOnlySpan<byte> frame)
    {
        int ipOffset = EthernetHeader.Size;
        if (frame.Length < EthernetHeader.Size + VlanTag.Size + Ipv4Header.Size) return 0;
        ushort etherType = BinaryPrimitives.ReadUInt16BigEndian(frame[EtherTypeOffset..]);
        if (etherType == EtherType.Vlan)
        {
            etherType = BinaryPrimitives.ReadUInt16BigEndian(frame[VlanEtherTypeOffset..]);
            ipOffset += VlanTag.Size;
        }

        ReadOnlySpan<byte> ip = frame[ipOffset..];
        return etherType switch
        {
            EtherType.Ipv4 when ip[0] == Ipv4WithoutOptions => _v4.ExpectIndex(ip, (IpProtocol)ip[9]),
            EtherType.Ipv6 when ip.Length >= Ipv6Header.Size => Tagged(_v6.ExpectIndex(ip, (IpProtocol)ip[6])),
            _ => 0,
        };
    }

    private static ulong Tagged(ulong token) => token == 0 ? 0 : token | IsV6;
}
