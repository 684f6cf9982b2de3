using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Sync;

namespace NetVS.Director;

/// <content>The worker's part of synchronisation.</content>
public sealed partial class DirectorWorker
{
    // Connections looked at in one call.
    private const int AnnounceBudget = 2048;

    // So long after three packets have passed the fast path at most, another director knows of a connection.
    private static readonly TimeSpan s_announceInterval = TimeSpan.FromSeconds(1);

    private MonotonicTime _nextAnnouncements;
    private long _announceCursor = -1;
    private int _boundFor;
    private long _bindCursor = -1;

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

    /// <summary>While a master runs, asks the flow table every second how many packets passed, a part in every call.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool AnnounceFlows(MonotonicTime now)
    {
        if (Engine.Offload is null || Engine.Sync.Outlet is null) return false;
        if (_announceCursor < 0)
        {
            if (now < _nextAnnouncements) return false;
            _nextAnnouncements = now + s_announceInterval;
            _announceCursor = 0;
        }

        int handle = (int)(_announceCursor & 0xFFFF_FFFF);
        if ((_announceCursor >> 32) == 0)
        {
            handle = _v4.AnnounceFlows(handle, AnnounceBudget, now);
            _announceCursor = handle < 0 ? 1L << 32 : handle;
            return true;
        }

        handle = _v6.AnnounceFlows(handle, AnnounceBudget, now);
        _announceCursor = handle < 0 ? -1 : (1L << 32) | (uint)handle;
        return _announceCursor >= 0;
    }

    /// <summary>When the rules have changed, binds what was made from messages before its real server was known, a part in every call.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool BindSynced()
    {
        int changes = Engine.DestinationChanges;
        if (changes != _boundFor)
        {
            _boundFor = changes;
            if (Destinations[DestinationTable.Unbound].TotalConnections > 0) _bindCursor = 0;
        }

        if (_bindCursor < 0) return false;
        int handle = (int)(_bindCursor & 0xFFFF_FFFF);
        if ((_bindCursor >> 32) == 0)
        {
            handle = _v4.BindSynced(handle, AnnounceBudget);
            _bindCursor = handle < 0 ? 1L << 32 : handle;
            return true;
        }

        handle = _v6.BindSynced(handle, AnnounceBudget);
        _bindCursor = handle < 0 ? -1 : (1L << 32) | (uint)handle;
        return _bindCursor >= 0;
    }
}
