using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>Plain packets are read when they are announced, and their connections' memory is asked for.</content>
/// <remarks>
/// A ring of readings, in the order of the announcements; the positions only grow. Each goes through three steps: it is read, and its index line
/// asked for; a few announcements later, when that line has come, its connection is; and then its packet comes, and takes it.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    // A power of two, and more than DirectorWorker.ExpectAhead.
    private const uint RingSize = 16;

    // When twice as many wait, the index lines of the first half have come.
    private const uint GroupSize = 4;

    private readonly PlainPacket<TAddress>[] _expected = new PlainPacket<TAddress>[RingSize + 1];
    private readonly SideMemo<TFamily, TAddress> _sides = new();
    private uint _announced;
    private uint _asked;
    private uint _taken;

    // All headers of IPv6 and TCP have 74 octets, of IPv4 54. The comparison is one that the compiler makes.
    private static bool IsKeyLong
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TAddress) == typeof(Ipv6Address);
    }

    /// <summary>How many were announced and have neither come nor been passed over.</summary>
    private uint Outstanding
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => unchecked(_announced - _taken);
    }

    /// <summary>How many plain packets have been announced. For tests.</summary>
    internal uint Announced => _announced;

    /// <summary>The one announced last. For tests.</summary>
    internal ref readonly PlainPacket<TAddress> LastAnnounced => ref _expected[unchecked(_announced - 1) % RingSize];

    /// <summary>Reads an announced frame and asks for its index line, if it is plain.</summary>
    /// <param name="frame">The frame: any octets.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Expect(ReadOnlySpan<byte> frame)
    {
        ref PlainPacket<TAddress> plain = ref _expected[_announced % RingSize];
        if (!TryRead(frame, ref plain)) return;
        plain.Key.Keep(frame, EthernetHeader.Size + TFamily.HeaderSize + plain.L4HeaderLength, IsKeyLong);
        if (plain.Side == PlainSide.LocalReply) _connections.PrefetchLocalIndex(plain.Hash);
        else _connections.PrefetchIndex(plain.Hash);
        unchecked
        {
            _announced++;
            if (Outstanding > RingSize) _taken = _announced - RingSize;
            if (_announced - _asked >= 2 * GroupSize) AskForConnections(GroupSize);
        }
    }

    /// <summary>No more frames are announced for now: the second step of all that were.</summary>
    public void EndExpecting()
    {
        if (_asked != _announced) AskForConnections(unchecked(_announced - _asked));
    }

    /// <summary>The second step of so many announced packets: of several at once, whose page walks then go on side by side.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AskForConnections(uint count)
    {
        for (; count > 0; count--)
        {
            ref PlainPacket<TAddress> plain = ref _expected[_asked % RingSize];
            plain.Handle = plain.Side == PlainSide.LocalReply ? _connections.PrefetchByLocalEnd(plain.Hash) : _connections.PrefetchConnection(plain.Hash);
            unchecked { _asked++; }
        }
    }

    /// <summary>The worker that owns the connection of an announced packet, if it is plain and its client's end alone decides.</summary>
    public bool TryFindAnnouncedOwner(ReadOnlySpan<byte> frame, out int owner)
    {
        owner = 0;
        if (!TrySeek(frame)) return false;
        ref PlainPacket<TAddress> plain = ref _expected[_taken % RingSize];
        if (!IsCurrent(in plain)) ClassifyAnew(ref plain);
        ServiceTable table = _sides.Table!;
        if (!table.MarkedDestinations.IsEmpty || table.LocalAddresses.Count != 0) return false;
        owner = ConnectionHash.OwnerOf(plain.Hash, _worker.WorkerCount);

        // It will not come here again.
        if (owner != _worker.Index) unchecked { _taken++; }
        return true;
    }

    /// <summary>The reading of a frame, made when it was announced or now; false if it is not plain.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="position">Where the reading is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTake(ReadOnlySpan<byte> frame, out uint position)
    {
        if (!TrySeek(frame))
        {
            position = RingSize;
            return TryReadNow(frame);
        }

        position = _taken % RingSize;
        unchecked { _taken++; }
        return true;
    }

    /// <summary>Goes on to the announcement of a frame; stays where it is if there was none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TrySeek(ReadOnlySpan<byte> frame) =>
        Outstanding != 0 && (_expected[_taken % RingSize].Key.Fits(frame, IsKeyLong) || TrySeekFurther(frame));

    // Some of what was announced went another way, or this was not.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TrySeekFurther(ReadOnlySpan<byte> frame)
    {
        for (uint i = 1; i < Outstanding; i++)
        {
            uint place = unchecked(_taken + i);
            if (!_expected[place % RingSize].Key.Fits(frame, IsKeyLong)) continue;
            _taken = place;
            return true;
        }

        return false;
    }

    // Has a place of its own, behind the ring.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadNow(ReadOnlySpan<byte> frame) => TryRead(frame, ref _expected[RingSize]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryRead(ReadOnlySpan<byte> frame, ref PlainPacket<TAddress> plain)
    {
        if (!TFamily.TryReadPlain(frame, ref plain)) return false;
        Classify(ref plain);
        return true;
    }

    /// <summary>Whether a reading follows from the rules in force.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsCurrent(in PlainPacket<TAddress> plain) => plain.Rules == _sides.Generation && _sides.AreCurrent(_worker.Table);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ClassifyAnew(ref PlainPacket<TAddress> plain) => Classify(ref plain);

    /// <summary>Whose packet it is, and what its connection is found by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Classify(ref PlainPacket<TAddress> plain)
    {
        ref readonly FlowEnds<TAddress> ends = ref plain.Ends;
        plain.Handle = 0;
        plain.Side = _sides.Of(_worker.Table, ends.Destination);
        plain.Rules = _sides.Generation;
        plain.Hash = plain.Side switch
        {
            PlainSide.Request => _connections.HashOf(ends.Protocol, ends.Source, ends.SourcePort),
            PlainSide.LocalReply => _connections.HashOfLocalEnd(ends.Protocol, ends.Destination, ends.DestinationPort, ends.Source, ends.SourcePort),
            _ => _connections.HashOf(ends.Protocol, ends.Destination, ends.DestinationPort),
        };
    }
}
