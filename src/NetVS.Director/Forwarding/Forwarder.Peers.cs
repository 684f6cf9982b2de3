// docs/sync.md, "Who knows best".

using NetVS.Director.Connections;
using NetVS.Director.Helpers;
using NetVS.Director.Services;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Director.Forwarding;

/// <content>Connections that peers are told of in full, and those that peers tell of.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Hands over connections behind a handle that peers are told of.</summary>
    /// <param name="handle">The handle looked at last; 0 to begin.</param>
    /// <param name="looks">The most handles to look at; what is left of it.</param>
    /// <param name="limit">The most to hand over; what is left of it.</param>
    /// <param name="now">The time.</param>
    /// <param name="sink">Takes them.</param>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int CopyTold(int handle, ref int looks, ref int limit, MonotonicTime now, IPeerSink sink)
    {
        while (limit > 0 && _connections.TryNext(ref handle, ref looks))
        {
            ref Connection<TAddress> connection = ref _connections[handle];
            if ((connection.Flags & ConnectionFlags.HasFlow) != 0) ReadBack(handle, ref connection, now);
            if (!PeerPolicy.IsTold(in connection) || !TryDescribe(ref connection, now, out PeerRecord record)) continue;
            sink.Tell(in record, [], []);
            limit--;
        }

        return handle;
    }

    /// <summary>Takes a peer's record of a connection of this worker in. It must have been admitted.</summary>
    public void TakeTold(in PeerRecord record, MonotonicTime now)
    {
        if (record.Announcement != PeerAnnouncement.None)
        {
            _sync.Tally.Count(TakeAnnouncement(in record, now));
            return;
        }

        SyncRecord entry = record.Entry;
        TAddress client = TFamily.FromIpAddress(entry.Client), virtualAddress = TFamily.FromIpAddress(entry.Virtual);
        int handle = _connections.FindInbound(entry.Protocol, client, entry.ClientPort, virtualAddress, entry.VirtualPort);
        MonotonicTime passed = PeerMapping.PassedAt(in record, now);
        if (handle != 0 && FindObjection(handle, in record, passed, now) is { } objection)
        {
            _sync.Tally.Count(objection);
            return;
        }

        if (handle != 0 && !LeadsTo(in _connections[handle], in record))
        {
            End(handle, now);
            _sync.Tally.Count(SyncCount.Replaced);
            handle = 0;
        }

        bool isNew = handle == 0;
        SyncCount outcome = isNew ? TryMakeSynced(in record, client, virtualAddress, now, out handle) : SyncCount.ConnectionsUpdated;
        _sync.Tally.Count(outcome);
        if (outcome is SyncCount.LocalEndWithoutRule or SyncCount.LocalAddressUnknown) _sync.MissesRules = true;
        if (handle == 0) return;
        Settle(handle, isNew, in entry, now);
        ref Connection<TAddress> connection = ref _connections[handle];
        if (record.IsFullNat) (connection.FullNatState, connection.SequenceDelta, connection.RealIsn) = (record.FullNatState, record.SequenceDelta, record.RealIsn);
        _connections.Recall(handle, Math.Min(entry.Timeout, Protocols.ProtocolTimeouts.Maximum), passed);
    }

    private SyncCount? FindObjection(int handle, in PeerRecord record, MonotonicTime passed, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        if ((connection.Flags & ConnectionFlags.HasFlow) != 0) ReadBack(handle, ref connection, now);
        if (PeerMapping.FindObjection(in connection, in record, passed) is { } objection) return objection;
        if ((connection.Method == ForwardingMethod.FullNat) != record.IsFullNat) return SyncCount.MethodUnknown;

        // The end of one that the client has replaced is of no interest any more.
        return !LeadsTo(in connection, in record) && (record.Entry.Flags & SyncFlags.Inactive) != 0 ? SyncCount.StaleEnd : null;
    }

    private static bool LeadsTo(in Connection<TAddress> connection, in PeerRecord record)
    {
        SyncRecord entry = record.Entry;
        return GoesTo(in connection, in entry) &&
            (!record.IsFullNat || (connection.LocalPort == record.LocalPort && connection.Local.Equals(TFamily.FromIpAddress(record.Local))));
    }

    /// <summary>What peers are told of a connection.</summary>
    /// <returns>False, and counted, for a real server of another family, which no record can name.</returns>
    private bool TryDescribe(ref Connection<TAddress> connection, MonotonicTime now, out PeerRecord record)
    {
        record = default;
        bool isBound = connection.DestinationIndex != DestinationTable.Unbound;
        if (isBound && _destinations[connection.DestinationIndex].Address.Family != TFamily.Family)
        {
            _sync.Tally.Count(SyncCount.NotDescribable);
            return false;
        }

        record = PeerMapping.RecordOf<TFamily, TAddress>(in connection, connection.ClientPort, now);
        if ((record.Entry.Flags & SyncFlags.Sequence) != 0) record = record with { Entry = WithShifts(record.Entry, in connection) };
        return true;
    }

    // A control connection is told before what it announces.
    private void TellOfAnnouncement(in Connection<TAddress> control, in HelperOrder order, MonotonicTime now)
    {
        if (_sync.Peers is not { } peers) return;
        PeerRecord record = PeerMapping.RecordOf<TFamily, TAddress>(in control, order.ClientPort, now);
        bool isFromClient = order.Expected == ExpectationKind.FromClient;
        peers.Offer(_worker.Index, record with
        {
            Announcement = isFromClient ? PeerAnnouncement.FromClient : PeerAnnouncement.FromServer,
            ControlClientPort = control.ClientPort,
            ControlVirtualPort = control.VirtualPort,
            Entry = record.Entry with
            {
                Flags = isFromClient ? SyncFlags.NoClientPort : 0,
                ClientPort = isFromClient ? (ushort)0 : order.ClientPort,
                VirtualPort = order.VirtualPort,
                RealPort = order.RealPort,
            },
        });
    }

    private SyncCount TakeAnnouncement(in PeerRecord record, MonotonicTime now)
    {
        SyncRecord entry = record.Entry;
        int handle = _connections.FindInbound(
            entry.Protocol, TFamily.FromIpAddress(entry.Client), record.ControlClientPort, TFamily.FromIpAddress(entry.Virtual), record.ControlVirtualPort);
        if (handle == 0) return SyncCount.ControlUnknown;
        ref Connection<TAddress> control = ref _connections[handle];
        bool isHis = (control.Flags & ConnectionFlags.Helped) != 0 && control.DestinationIndex != DestinationTable.Unbound && control.Real.Equals(TFamily.FromIpAddress(entry.Real));
        ExpectationKind kind = record.Announcement == PeerAnnouncement.FromClient ? ExpectationKind.FromClient : ExpectationKind.FromServer;
        return isHis && _expectations.TryExpect(kind, entry.ClientPort, in control, entry.VirtualPort, entry.RealPort, now, keepsFormer: true)
            ? SyncCount.AnnouncementsMade
            : SyncCount.ControlUnknown;
    }
}
