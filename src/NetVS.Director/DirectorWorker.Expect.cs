using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director;

/// <content>Frames are read, and memory is asked for, before they are processed.</content>
/// <remarks>
/// With a million connections and clients in random order, each packet misses the cache twice, one miss after the other: in the index and
/// at the connection. Told of a frame a few frames before it is processed, the worker lets both misses pass while it works on
/// others: a packet then takes a third of the time (bench/NetVS.Benchmarks). What it read to do so is kept until the frame comes.
/// </remarks>
public sealed partial class DirectorWorker
{
    /// <summary>How many frames before <see cref="Process"/> a frame is best told to <see cref="Expect"/>.</summary>
    public const int ExpectAhead = 12;

    // Fewer are in the cache anyway: then asking saves nothing.
    private const int LeastConnections = 4096;
    private const int EtherTypeOffset = 12;

    /// <summary>Tells the worker of a frame that will be processed soon. Only a hint: it changes nothing and may be left out.</summary>
    /// <remarks>
    /// Call it for the first <see cref="ExpectAhead"/> frames of a batch; then, before each frame is processed, for the one as far
    /// ahead, or with an empty frame where the batch has none. What is not a plain TCP or UDP packet is ignored.
    /// </remarks>
    /// <param name="frame">The frame as received, from its Ethernet header on.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Expect(ReadOnlySpan<byte> frame)
    {
        if (ConnectionCount >= LeastConnections) Announce(frame);
    }

    /// <summary><see cref="Expect"/>, however many connections there are.</summary>
    internal void Announce(ReadOnlySpan<byte> frame)
    {
        switch (EtherTypeOf(frame))
        {
            case EtherType.Ipv4:
                _v4.Expect(frame);
                break;
            case EtherType.Ipv6:
                _v6.Expect(frame);
                break;
            default:
                _v4.EndExpecting();
                _v6.EndExpecting();
                break;
        }
    }

    private bool TryFindAnnouncedOwner(ReadOnlySpan<byte> frame, out int owner)
    {
        switch (EtherTypeOf(frame))
        {
            case EtherType.Ipv4:
                return _v4.TryFindAnnouncedOwner(frame, out owner);
            case EtherType.Ipv6:
                return _v6.TryFindAnnouncedOwner(frame, out owner);
            default:
                owner = 0;
                return false;
        }
    }

    private static ushort EtherTypeOf(ReadOnlySpan<byte> frame) =>
        frame.Length < EthernetHeader.Size ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(frame[EtherTypeOffset..]);
}
