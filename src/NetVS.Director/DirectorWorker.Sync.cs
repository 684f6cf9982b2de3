using NetVS.Director.Services;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Director;

/// <content>The worker's part of synchronisation.</content>
public sealed partial class DirectorWorker
{
    // Connections looked at in one call.
    private const int AnnounceBudget = 2048;

    // So long after three packets have passed the fast path at most, another director knows of a connection.
    private static readonly TimeSpan s_announceInterval = TimeSpan.FromSeconds(1);

    private MonotonicTime _nextAnnouncements;
    private SweepCursor _announcing;
    private int _boundFor;
    private SweepCursor _binding;

    /// <summary>Takes the records of connections in that belong to this worker and were admitted.</summary>
    /// <param name="records">Some; packets wait meanwhile.</param>
    /// <param name="now">The time.</param>
    public void TakeSynced(ReadOnlySpan<SyncRecord> records, MonotonicTime now)
    {
        DrainReports(now);
        foreach (ref readonly SyncRecord record in records)
        {
            if (record.Client.Family == IpFamily.V4) _v4.TakeSynced(in record, now);
            else _v6.TakeSynced(in record, now);
        }
    }

    /// <summary>Takes the records of a peer in that belong to this worker and were admitted.</summary>
    /// <param name="records">Some; packets wait meanwhile.</param>
    /// <param name="now">The time.</param>
    public void TakeTold(ReadOnlySpan<PeerRecord> records, MonotonicTime now)
    {
        DrainReports(now);
        foreach (ref readonly PeerRecord record in records)
        {
            if (record.Entry.Client.Family == IpFamily.V4) _v4.TakeTold(in record, now);
            else _v6.TakeTold(in record, now);
        }
    }

    /// <summary>Hands over this worker's connections that peers are told of, resuming at <paramref name="cursor"/>.</summary>
    /// <param name="cursor">0 to begin, then what the last call returned.</param>
    /// <param name="limit">The most records.</param>
    /// <param name="now">The time.</param>
    /// <param name="sink">Takes them.</param>
    /// <returns>The next cursor; -1 at the end.</returns>
    public long CopyTold(long cursor, int limit, MonotonicTime now, IPeerSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        DrainReports(now);
        int looks = AnnounceBudget, handle = (int)(cursor & 0xFFFF_FFFF);
        if (cursor >> 32 == 0)
        {
            handle = _v4.CopyTold(handle, ref looks, ref limit, now, sink);
            if (handle >= 0) return handle;
            handle = 0;
        }

        handle = _v6.CopyTold(handle, ref looks, ref limit, now, sink);
        return handle >= 0 ? (1L << 32) | (uint)handle : -1;
    }

    /// <summary>While anybody is told, asks the flow table every second how many packets passed, a part in every call.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool AnnounceFlows(MonotonicTime now)
    {
        if (Engine.Offload is null || !Engine.Sync.IsTelling) return false;
        if (!_announcing.IsRunning)
        {
            if (now < _nextAnnouncements) return false;
            _nextAnnouncements = now + s_announceInterval;
            _announcing.Begin();
        }

        return _announcing.MoveTo(_announcing.IsV6
            ? _v6.AnnounceFlows(_announcing.Handle, AnnounceBudget, now)
            : _v4.AnnounceFlows(_announcing.Handle, AnnounceBudget, now));
    }

    /// <summary>When the rules have changed, binds what was made from messages before its real server was known, a part in every call.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool BindSynced()
    {
        int changes = Engine.DestinationChanges;
        if (changes != _boundFor)
        {
            _boundFor = changes;
            if (Destinations[DestinationTable.Unbound].TotalConnections > 0) _binding.Begin();
        }

        return _binding.IsRunning && _binding.MoveTo(_binding.IsV6
            ? _v6.BindSynced(_binding.Handle, AnnounceBudget)
            : _v4.BindSynced(_binding.Handle, AnnounceBudget));
    }
}
