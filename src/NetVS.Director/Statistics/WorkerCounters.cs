using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetVS.Director.Forwarding;
using NetVS.Director.Services;

namespace NetVS.Director.Statistics;

/// <summary>What one worker counts: traffic per destination, drops per reason.</summary>
/// <remarks>
/// A packet is counted once, at its destination; services and totals are sums that control makes (reference §15). Threads: written
/// with plain stores by the worker alone; control reads the words while they move, each whole. Chunks are added by control
/// before a destination in them is published, and never move.
/// </remarks>
internal sealed class WorkerCounters
{
    private readonly Entry[][] _chunks = new Entry[DestinationTable.ChunkSize][];
    private readonly long[] _drops = new long[256];

    /// <summary>One destination's counters: one cache line's worth, so that neighbours do not spread over three.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Entry
    {
        public ulong InboundPackets, InboundBytes, OutboundPackets, OutboundBytes, Connections;
    }

    /// <summary>A connection was scheduled to the destination; not for templates.</summary>
    public void CountConnection(Destination destination)
    {
        ref Entry entry = ref EntryOf(destination);
        unchecked
        {
            entry.Connections++;
        }
    }

    /// <summary>A packet from the client. Nothing is counted for a destination in the trash.</summary>
    /// <param name="destination">The connection's destination.</param>
    /// <param name="ipOctets">The IP packet's length as received, before any encapsulation.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountInbound(Destination destination, int ipOctets)
    {
        if (!destination.IsAvailable) return;
        ref Entry entry = ref EntryOf(destination);
        unchecked
        {
            entry.InboundPackets++;
            entry.InboundBytes += (uint)ipOctets;
        }
    }

    /// <summary>A packet from the real server. Nothing is counted for a destination in the trash.</summary>
    /// <param name="destination">The connection's destination.</param>
    /// <param name="ipOctets">The IP packet's length as received.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountOutbound(Destination destination, int ipOctets)
    {
        if (!destination.IsAvailable) return;
        ref Entry entry = ref EntryOf(destination);
        unchecked
        {
            entry.OutboundPackets++;
            entry.OutboundBytes += (uint)ipOctets;
        }
    }

    /// <summary>A reply that was counted leaves with another length, which is the one that counts.</summary>
    /// <param name="destination">The connection's destination.</param>
    /// <param name="growth">By how many octets it grew; negative where it shrank.</param>
    public void CorrectOutbound(Destination destination, int growth)
    {
        if (destination.IsAvailable) unchecked { EntryOf(destination).OutboundBytes += (ulong)growth; }
    }

    /// <summary>A packet was dropped.</summary>
    public void CountDrop(DropReason reason) => _drops[(byte)reason]++;

    /// <summary>Packets dropped for a reason so far. Thread: any.</summary>
    public long ReadDrops(DropReason reason) => Volatile.Read(ref _drops[(byte)reason]);

    /// <summary>Makes room for a destination's counters. Thread: control, before the index is known to the worker.</summary>
    public void Prepare(int destinationIndex) =>
        _chunks[destinationIndex >> DestinationTable.ChunkBits] ??= new Entry[DestinationTable.ChunkSize];

    /// <summary>The counters of an index as they stand. Thread: any.</summary>
    public TrafficCounters Read(int destinationIndex)
    {
        ref Entry entry = ref _chunks[destinationIndex >> DestinationTable.ChunkBits][destinationIndex & (DestinationTable.ChunkSize - 1)];
        return new TrafficCounters(
            Volatile.Read(ref entry.Connections),
            Volatile.Read(ref entry.InboundPackets),
            Volatile.Read(ref entry.OutboundPackets),
            Volatile.Read(ref entry.InboundBytes),
            Volatile.Read(ref entry.OutboundBytes));
    }

    private ref Entry EntryOf(Destination destination)
    {
        int index = destination.Index;
        return ref _chunks[index >> DestinationTable.ChunkBits][index & (DestinationTable.ChunkSize - 1)];
    }
}
