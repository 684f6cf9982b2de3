using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.FullNat;
using NetVS.Director.Timing;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Director.Synchronisation;

/// <summary>Connections as records of the peer channel, and the times in these.</summary>
internal static class PeerMapping
{
    private const uint MillisecondsPerTick = 1000 / TimerTick.PerSecond;

    /// <summary>The record of a connection or template.</summary>
    /// <param name="connection">Its entry.</param>
    /// <param name="clientPort">The client's port; 0 for a template.</param>
    /// <param name="now">The time.</param>
    public static PeerRecord RecordOf<TFamily, TAddress>(in Connection<TAddress> connection, ushort clientPort, MonotonicTime now)
        where TFamily : struct, IAddressFamily<TAddress>
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        SyncRecord entry = SyncMapping.RecordOf<TFamily, TAddress>(in connection, clientPort);
        bool isFullNat = connection.Method == ForwardingMethod.FullNat;
        return new PeerRecord
        {
            Entry = isFullNat ? entry with { Flags = entry.Flags & ~SyncFlags.Method } : entry,
            IsLearned = (connection.Flags & ConnectionFlags.Learned) != 0,
            IdleMilliseconds = IdleOf(in connection, now),
            Local = isFullNat ? TFamily.ToIpAddress(connection.Local) : default,
            LocalPort = isFullNat ? connection.LocalPort : (ushort)0,
            FullNatState = isFullNat ? (byte)ToldOf((FullNatFlags)connection.FullNatState) : (byte)0,
            SequenceDelta = isFullNat ? connection.SequenceDelta : 0,
            RealIsn = isFullNat ? connection.RealIsn : 0,
        };
    }

    // Where the real server began is not known any more once the word holds a later number: nothing is left to insert then, which is what a peer has to know.
    private static FullNatFlags ToldOf(FullNatFlags known) => (known & FullNatFlags.HasServerNumber) == 0
        ? known
        : known & ~(FullNatFlags.HasServerNumber | FullNatFlags.HasRealIsn);

    /// <summary>When the last packet of a record passed at the teller: as if it had been on its way for no time, and not before the clock's origin.</summary>
    public static MonotonicTime PassedAt(in PeerRecord record, MonotonicTime now) =>
        new(Math.Max(now.Nanoseconds - (record.IdleMilliseconds * 1_000_000L), 0));

    /// <summary>Whether a record's timeout has run out, or there is none.</summary>
    public static bool HasRunOut(in PeerRecord record) => record.IdleMilliseconds >= record.Entry.Timeout * 1000UL;

    /// <summary>What speaks against taking a record of something that is known here already; the rule is in docs/sync.md.</summary>
    /// <param name="known">The entry here, its time up to date.</param>
    /// <param name="record">The record.</param>
    /// <param name="passed">When the record's last packet passed.</param>
    /// <returns>Null if it is to be taken.</returns>
    public static SyncCount? FindObjection<TAddress>(in Connection<TAddress> known, in PeerRecord record, MonotonicTime passed)
        where TAddress : unmanaged
    {
        if (record.IsLearned) return SyncCount.AlreadyKnown;
        if ((known.Flags & ConnectionFlags.Learned) != 0) return null;
        return TimerTick.Difference(TimerTick.AtOrAfter(passed), known.LastSeen) > 0 ? null : SyncCount.KnownBetter;
    }

    private static uint IdleOf<TAddress>(in Connection<TAddress> connection, MonotonicTime now)
        where TAddress : unmanaged => (uint)Math.Max(TimerTick.Difference(TimerTick.AtOrBefore(now), connection.LastSeen), 0) * MillisecondsPerTick;
}
