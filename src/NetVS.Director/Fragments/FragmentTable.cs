// RFC 791 §3.2; RFC 8200 §4.5; RFC 1858 (tiny and overlapping fragments); RFC 5722 (overlapping IPv6 fragments).

using System.Numerics;
using NetVS.Director.Forwarding;
using NetVS.Packets;

namespace NetVS.Director.Fragments;

/// <summary>Remembers the ports that a datagram's first fragment carried, for the fragments that follow, and which octets have passed.</summary>
/// <remarks>
/// <para>Fragments are not reassembled: each is forwarded by the ports of the first. So the first must come first; one that comes
/// earlier is dropped. Which octets have passed is one bit for each unit of 8: a fragment whose octets have all passed is dropped
/// alone (the network duplicates), one that overlaps in part makes the rest of the datagram drop (RFC 5722), so a real server never sees
/// octets twice. An entry ends when all octets have passed, after 30 seconds, or when its place is needed: places are sets of
/// four, chosen by a keyed hash.</para>
/// Threads: shared by all workers under one lock, because the fragments of a datagram may come in at any of them; only
/// fragments take it.
/// </remarks>
internal sealed class FragmentTable
{
    /// <summary>How long the ports are remembered after the first fragment, as Linux's reassembly timeout.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private const int Ways = 4;
    private const int UnitsPerDatagram = 65536 / 8;
    private const int WordsPerDatagram = UnitsPerDatagram / 64;

    private readonly Lock _lock = new();
    private readonly UInt128 _hashKey;
    private readonly Entry[] _entries;
    private readonly ulong[] _passed;
    private readonly int _sets;

    /// <summary>Makes room for a number of datagrams under way (a multiple of four).</summary>
    public FragmentTable(int capacity, UInt128 hashKey)
    {
        _hashKey = hashKey;
        _sets = Math.Max(1, capacity / Ways);
        _entries = new Entry[_sets * Ways];
        _passed = new ulong[_sets * Ways * WordsPerDatagram];
    }

    private struct Entry
    {
        public FragmentKey Key;
        public MonotonicTime Expires;
        public ushort SourcePort;
        public ushort DestinationPort;
        public int UnitsPassed;

        // In units of 8 octets; 0 until the last fragment says it.
        public int UnitsInAll;
        public bool IsInUse;
        public bool IsOverlapped;
    }

    /// <summary>Notes a first fragment's ports without passing it; for a worker that only asks who owns it.</summary>
    public void NotePorts(in FragmentKey key, ushort sourcePort, ushort destinationPort, MonotonicTime now)
    {
        lock (_lock) _ = FindOrBegin(in key, sourcePort, destinationPort, now);
    }

    /// <summary>The ports of a later fragment's datagram.</summary>
    public bool TryFindPorts(in FragmentKey key, MonotonicTime now, out ushort sourcePort, out ushort destinationPort)
    {
        sourcePort = 0;
        destinationPort = 0;
        lock (_lock)
        {
            int place = Find(in key, now);
            if (place < 0) return false;
            sourcePort = _entries[place].SourcePort;
            destinationPort = _entries[place].DestinationPort;
            return true;
        }
    }

    /// <summary>Passes a first fragment and remembers its ports.</summary>
    /// <param name="key">Its datagram.</param>
    /// <param name="length">Octets of data behind the IP header (for IPv6: behind the fragment header).</param>
    /// <param name="sourcePort">As the fragment carries it.</param>
    /// <param name="destinationPort">As the fragment carries it.</param>
    /// <param name="now">The time.</param>
    public FragmentOutcome AcceptFirst(in FragmentKey key, int length, ushort sourcePort, ushort destinationPort, MonotonicTime now)
    {
        lock (_lock) return Pass(FindOrBegin(in key, sourcePort, destinationPort, now), 0, length, true);
    }

    /// <summary>Passes a later fragment, if its datagram's first one has been seen.</summary>
    /// <param name="key">Its datagram.</param>
    /// <param name="offset">Where its data belongs, in octets.</param>
    /// <param name="length">Octets of its data.</param>
    /// <param name="more">Whether further fragments follow it.</param>
    /// <param name="now">The time.</param>
    /// <param name="sourcePort">As the first fragment carried it.</param>
    /// <param name="destinationPort">As the first fragment carried it.</param>
    public FragmentOutcome AcceptLater(
        in FragmentKey key, int offset, int length, bool more, MonotonicTime now, out ushort sourcePort, out ushort destinationPort)
    {
        sourcePort = 0;
        destinationPort = 0;
        lock (_lock)
        {
            int place = Find(in key, now);
            if (place < 0) return FragmentOutcome.WithoutFirst;
            sourcePort = _entries[place].SourcePort;
            destinationPort = _entries[place].DestinationPort;
            return Pass(place, offset, length, more);
        }
    }

    private FragmentOutcome Pass(int place, int offset, int length, bool more)
    {
        ref Entry entry = ref _entries[place];
        if (entry.IsOverlapped) return FragmentOutcome.Overlap;
        int first = offset / 8;
        int end = (offset + length + 7) / 8;
        Span<ulong> passed = _passed.AsSpan(place * WordsPerDatagram, WordsPerDatagram);
        int repeated = CountPassed(passed, first, end);
        if (repeated == end - first) return FragmentOutcome.Duplicate;

        // Data beyond the end that the last fragment stated is the same lie as an overlap.
        if (repeated > 0 || (entry.UnitsInAll != 0 && (!more || end > entry.UnitsInAll)))
        {
            entry.IsOverlapped = true;
            return FragmentOutcome.Overlap;
        }

        for (int unit = first; unit < end; unit++) passed[unit / 64] |= 1UL << (unit & 63);
        entry.UnitsPassed += end - first;
        if (!more) entry.UnitsInAll = end;
        if (entry.UnitsPassed == entry.UnitsInAll) entry.IsInUse = false;
        return FragmentOutcome.Accepted;
    }

    private static int CountPassed(ReadOnlySpan<ulong> passed, int first, int end)
    {
        int count = 0;
        for (int word = first / 64; word * 64 < end; word++)
        {
            ulong mask = ulong.MaxValue;
            if (word * 64 < first) mask &= ulong.MaxValue << (first & 63);
            if (end - (word * 64) < 64) mask &= (1UL << (end & 63)) - 1;
            count += BitOperations.PopCount(passed[word] & mask);
        }

        return count;
    }

    private int Find(in FragmentKey key, MonotonicTime now)
    {
        int set = SetOf(in key);
        for (int place = set; place < set + Ways; place++)
        {
            ref Entry entry = ref _entries[place];
            if (entry.IsInUse && entry.Expires > now && entry.Key == key) return place;
        }

        return -1;
    }

    // Other ports under the same identification are another datagram: the sender's counter has come round.
    private int FindOrBegin(in FragmentKey key, ushort sourcePort, ushort destinationPort, MonotonicTime now)
    {
        int place = Find(in key, now);
        if (place >= 0 && _entries[place].SourcePort == sourcePort && _entries[place].DestinationPort == destinationPort) return place;
        if (place < 0) place = ChoosePlace(SetOf(in key), now);
        ref Entry entry = ref _entries[place];
        entry = default;
        entry.Key = key;
        entry.Expires = now + Lifetime;
        entry.SourcePort = sourcePort;
        entry.DestinationPort = destinationPort;
        entry.IsInUse = true;
        _passed.AsSpan(place * WordsPerDatagram, WordsPerDatagram).Clear();
        return place;
    }

    private int ChoosePlace(int set, MonotonicTime now)
    {
        int oldest = set;
        for (int place = set; place < set + Ways; place++)
        {
            if (!_entries[place].IsInUse || _entries[place].Expires <= now) return place;
            if (_entries[place].Expires < _entries[oldest].Expires) oldest = place;
        }

        return oldest;
    }

    private int SetOf(in FragmentKey key)
    {
        (ulong sourceHigh, ulong sourceLow) = Words(key.Source);
        (ulong destinationHigh, ulong destinationLow) = Words(key.Destination);
        ulong hash = KeyedHash.Of(
            _hashKey, sourceHigh, sourceLow, destinationHigh, destinationLow, ((ulong)key.Id << 8) | (byte)key.Protocol);
        return (int)(hash % (uint)_sets) * Ways;
    }

    private static (ulong High, ulong Low) Words(IpAddress address) =>
        address.Family == IpFamily.V6 ? (address.V6.High, address.V6.Low) : (0, address.V4.Value);
}
