using System.Text;
using NetVS.Director.Forwarding;
using NetVS.Director.Persistence;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Director.Synchronisation;

/// <content>The peer channel: everything is told once, then what changes.</content>
public sealed partial class DirectorSync
{
    private PeerOutlet? _peers;
    private volatile bool _isTelling;
    private volatile bool _missesRules;

    /// <summary>Where workers hand changes to; null while no peer listens. Partner: <see cref="StartPeers"/>, <see cref="StopPeers"/>.</summary>
    internal PeerOutlet? Peers => Volatile.Read(ref _peers);

    /// <summary>Whether anybody is told of connections: the question that packets ask.</summary>
    internal bool IsTelling => _isTelling;

    /// <summary>Changes that were lost since <see cref="StartPeers"/>: when it moves, everything is to be told anew.</summary>
    public long LostChanges => (Peers?.Lost ?? 0) + _engine.TemplatesV4.LostChanges + _engine.TemplatesV6.LostChanges;

    /// <summary>About how many records a full transfer has.</summary>
    public long CountTold => _engine.Workers.Sum(w => (long)w.ConnectionCount) + _engine.TemplatesV4.Count + _engine.TemplatesV6.Count
        + _engine.ExpectationsV4.Count + _engine.ExpectationsV6.Count;

    /// <summary>Whether a record was refused for want of a rule since this was set to false.</summary>
    public bool MissesRules
    {
        get => _missesRules;
        set => _missesRules = value;
    }

    /// <summary>Changes with the rules.</summary>
    public int RulesVersion => _engine.DestinationChanges;

    /// <summary>From now on changes are kept for <see cref="TakeChanges"/>.</summary>
    public void StartPeers()
    {
        Volatile.Write(ref _peers, new PeerOutlet(_engine.Options.Workers));
        _engine.TemplatesV4.IsTelling = _engine.TemplatesV6.IsTelling = true;
        NoteTelling();
    }

    /// <summary>Changes are kept no more.</summary>
    public void StopPeers()
    {
        Volatile.Write(ref _peers, null);
        _engine.TemplatesV4.IsTelling = _engine.TemplatesV6.IsTelling = false;
        NoteTelling();
    }

    /// <summary>Hands changes over, the oldest first. Thread: one.</summary>
    /// <param name="limit">The most.</param>
    /// <param name="now">The time.</param>
    /// <param name="sink">Takes them.</param>
    /// <returns>How many.</returns>
    public int TakeChanges(int limit, MonotonicTime now, IPeerSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (Peers is not { } peers) return 0;
        int left = limit;
        for (; left > 0 && peers.TryTake(out PeerRecord record); left--) sink.Tell(in record, [], []);
        _engine.TemplatesV4.TakeChanges(ref left, now, Tally, sink);
        _engine.TemplatesV6.TakeChanges(ref left, now, Tally, sink);
        return limit - left;
    }

    /// <summary>Hands over what belongs to no worker: templates, and what is announced. Resumes at a cursor; see <see cref="DirectorWorker.CopyTold"/>.</summary>
    /// <returns>The next cursor; -1 at the end.</returns>
    public long CopyShared(long cursor, int limit, MonotonicTime now, IPeerSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        int table = (int)(cursor >> 32), handle = (int)(cursor & 0xFFFF_FFFF);
        for (; table < 4; table++, handle = 0)
        {
            handle = table switch
            {
                0 => _engine.TemplatesV4.CopyTold(handle, ref limit, now, Tally, sink),
                1 => _engine.TemplatesV6.CopyTold(handle, ref limit, now, Tally, sink),
                2 => _engine.ExpectationsV4.CopyTold(handle, ref limit, now, sink),
                _ => _engine.ExpectationsV6.CopyTold(handle, ref limit, now, sink),
            };
            if (handle >= 0) return ((long)table << 32) | (uint)handle;
        }

        return -1;
    }

    /// <summary>Judges a record of a peer before it goes to where it belongs.</summary>
    /// <returns>False, and counted, when nothing here can follow from it.</returns>
    public bool Admits(in PeerRecord record, in SyncExtras engine)
    {
        SyncCount? fault = FindFault(in record, in engine);
        if (fault is { } reason) Tally.Count(reason);
        return fault is null;
    }

    /// <summary>The worker that the record of a connection belongs to; of an announced one, its control connection's.</summary>
    public int OwnerOf(in PeerRecord record) =>
        OwnerOf(record.Announcement == PeerAnnouncement.None ? record.Entry : record.Entry with { ClientPort = record.ControlClientPort });

    /// <summary>Takes a peer's record of a template in. It must have been admitted.</summary>
    public void TakeTemplate(in PeerRecord record, in SyncExtras engine, MonotonicTime now)
    {
        EngineTable.TryFind(engine.EngineName.IsEmpty ? null : Encoding.ASCII.GetString(engine.EngineName), out IPersistenceEngine? found);
        SyncCount outcome = record.Entry.Client.Family == IpFamily.V4
            ? _engine.TemplatesV4.TakeTold(_engine.Table, in record, found, engine.EngineData, now, Tally)
            : _engine.TemplatesV6.TakeTold(_engine.Table, in record, found, engine.EngineData, now, Tally);
        Tally.Count(outcome);
    }

    private void NoteTelling() => _isTelling = Peers is not null || Outlet is not null;

    private SyncCount? FindFault(in PeerRecord record, in SyncExtras engine)
    {
        SyncRecord entry = record.Entry;
        bool hasEngine = !engine.EngineName.IsEmpty;
        if (hasEngine && (!entry.IsTemplate || !EngineTable.TryFind(Encoding.ASCII.GetString(engine.EngineName), out _))) return SyncCount.EngineUnknown;
        if (PeerMapping.HasRunOut(in record)) return SyncCount.RunOut;
        bool isMark = entry.IsTemplate && entry.Protocol == IpProtocol.HopByHop;
        if (!ProtocolStates.HasPorts(entry.Protocol) && !isMark) return SyncCount.ProtocolUnknown;
        SyncCount? fault = isMark || entry.Protocol == IpProtocol.Sctp ? FindFaultOfEnds(in entry) : FindFault(in entry, hasSequence: true);
        if (fault is not null && !(fault == SyncCount.ClientPortUnknown && record.Announcement == PeerAnnouncement.FromClient)) return fault;
        if (record.Announcement != PeerAnnouncement.None) return entry.Protocol == IpProtocol.Tcp ? null : SyncCount.ProtocolUnknown;
        if (entry.Protocol == IpProtocol.Sctp && !entry.IsTemplate && entry.State >= SctpStateMachine.StateCount) return SyncCount.StateUnknown;
        return record.IsFullNat && !IsHost(record.Local) ? SyncCount.AddressImpossible : null;
    }
}
