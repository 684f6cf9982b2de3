// Reference §14.4 (what is announced), §14.5 (what comes of a record).

using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Helpers;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Director.Forwarding;

/// <content>Connections that are told to other directors, and those that others tell of.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Hands a connection to the master's threads, and to who tells peers, if it is due.</summary>
    /// <param name="handle">The connection.</param>
    /// <param name="connection">Its entry.</param>
    /// <param name="before">Its packets when this was asked last.</param>
    /// <param name="now">The time.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Announce(int handle, ref Connection<TAddress> connection, uint before, MonotonicTime now)
    {
        SyncOutlet? outlet = _sync.Outlet;
        PeerOutlet? peers = _sync.Peers;
        if ((connection.Flags & ConnectionFlags.OnePacket) != 0) return;
        if (connection.Controller != 0 && _settings.SyncPersistMode) outlet = null;

        // One word says what was announced, so whoever runs beside is told too.
        bool isDue = outlet is not null && SyncPolicy.IsDue(ref connection, before, SyncTerms.Of(_settings), now);
        if (!isDue && peers is not null) isDue = PeerPolicy.IsDue(ref connection, _settings.SyncThreshold, now);
        if (!isDue) return;
        if (peers is not null && TryDescribe(ref connection, now, out PeerRecord told)) peers.Offer(_worker.Index, in told);
        if (outlet is null) return;
        if (connection.Method == ForwardingMethod.FullNat)
        {
            _sync.Tally.Count(SyncCount.NotDescribable);
            return;
        }

        SyncRecord record = WithShifts(SyncMapping.RecordOf<TFamily, TAddress>(in connection, connection.ClientPort), in connection);
        outlet.Offer(_worker.Index, handle, new SyncItem(record, connection.Controller));
    }

    private SyncRecord WithShifts(SyncRecord record, in Connection<TAddress> connection)
    {
        if ((record.Flags & SyncFlags.Sequence) == 0) return record;
        ref HelperSession session = ref _sessions[connection.HelperSlot];
        return record with { Inbound = session.Inbound.ToSync(), Outbound = session.Outbound.ToSync() };
    }

    /// <summary>Asks the lines of connections behind a handle how many packets passed, so that these are announced in time.</summary>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int AnnounceFlows(int handle, int limit, MonotonicTime now)
    {
        while (_connections.TryNext(ref handle, ref limit))
        {
            ref Connection<TAddress> connection = ref _connections[handle];
            if ((connection.Flags & ConnectionFlags.HasFlow) != 0) ReadBack(handle, ref connection, now);
        }

        return handle;
    }

    /// <summary>Takes the record of a connection of this worker in. It must have been admitted.</summary>
    public void TakeSynced(in SyncRecord record, MonotonicTime now)
    {
        TAddress client = TFamily.FromIpAddress(record.Client), virtualAddress = TFamily.FromIpAddress(record.Virtual);
        int handle = _connections.FindInbound(record.Protocol, client, record.ClientPort, virtualAddress, record.VirtualPort);
        if (handle != 0 && !GoesTo(in _connections[handle], in record))
        {
            // Its end is of no interest any more where the client has begun another one.
            if ((record.Flags & SyncFlags.Inactive) != 0)
            {
                _sync.Tally.Count(SyncCount.StaleEnd);
                return;
            }

            End(handle, now);
            _sync.Tally.Count(SyncCount.Replaced);
            handle = 0;
        }

        bool isNew = handle == 0;
        SyncCount outcome = SyncCount.ConnectionsUpdated;
        if (isNew) outcome = TryMakeSynced(new PeerRecord { Entry = record }, client, virtualAddress, now, out handle);
        _sync.Tally.Count(outcome);
        if (handle == 0) return;
        Settle(handle, isNew, in record, now);
        _connections.SetTimeout(handle, TimeoutOf(in record, _destinations[_connections[handle].DestinationIndex].Timeouts), now);
    }

    /// <summary>Gives an entry the state that a record says.</summary>
    private void Settle(int handle, bool isNew, in SyncRecord record, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        if (!isNew)
        {
            if ((connection.Flags & ConnectionFlags.HasFlow) != 0) RetireFlow(handle, ref connection, now);
            SetActivity(ref connection, (record.Flags & SyncFlags.Inactive) == 0);
            if (connection.DestinationIndex == DestinationTable.Unbound) TryBindSynced(ref connection);
        }

        if ((connection.Flags & ConnectionFlags.Helped) != 0) TakeShifts(ref connection, in record);
        connection.State = (byte)record.State;
        connection.InPackets = (uint)_settings.SyncThreshold;
        connection.SyncMark = SyncPolicy.Received(connection.State);
        connection.Flags = (connection.Flags & ~(ConnectionFlags.Probed | ConnectionFlags.ProbedAgain)) | ConnectionFlags.Learned;
    }

    // Where text was replaced by the other director.
    private void TakeShifts(ref Connection<TAddress> connection, in SyncRecord record)
    {
        ref HelperSession session = ref _sessions[connection.HelperSlot];
        session.Inbound = SequenceShifts.Of(record.Inbound);
        session.Outbound = SequenceShifts.Of(record.Outbound);
        NoteShifts(ref connection, in session);
    }

    /// <summary>Gives unbound connections behind a handle the real servers that rules name by now.</summary>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int BindSynced(int handle, int limit)
    {
        while (_connections.TryNext(ref handle, ref limit))
            if (_connections[handle].DestinationIndex == DestinationTable.Unbound) TryBindSynced(ref _connections[handle]);
        return handle;
    }

    private static bool GoesTo(in Connection<TAddress> connection, in SyncRecord record) =>
        connection.RealPort == record.RealPort && connection.Real.Equals(TFamily.FromIpAddress(record.Real));

    private SyncCount TryMakeSynced(in PeerRecord told, TAddress client, TAddress virtualAddress, MonotonicTime now, out int handle)
    {
        handle = 0;
        SyncRecord record = told.Entry;
        Destination? known = SyncMapping.FindDestination(_worker.Table, in record);
        if (!SyncMapping.TryGetMethod(record.Flags, out ForwardingMethod method)) return SyncCount.MethodUnknown;
        if (known is null && told.IsFullNat) return SyncCount.LocalEndWithoutRule;
        if (known is not null && TryGetMethod(known, out method) == told.IsFullNat) return SyncCount.MethodUnknown;
        if (told.IsFullNat) method = ForwardingMethod.FullNat;
        Destination destination = known ?? _destinations[DestinationTable.Unbound];
        if (IsTableFull()) return SyncCount.TableFull;
        TAddress real = TFamily.FromIpAddress(record.Real), local = told.IsFullNat ? TFamily.FromIpAddress(told.Local) : default;
        if (told.IsFullNat && ReserveLocalPort(record.Protocol, local, told.LocalPort, real, record.RealPort, now) is { } refusal) return refusal;
        var key = new ConnectionKey<TAddress>(record.Protocol, client, record.ClientPort, virtualAddress, record.VirtualPort);
        var target = new ConnectionTarget<TAddress>(method, real, record.RealPort, destination.Index, local, told.LocalPort);
        if (!_connections.TryCreate(in key, in target, now, out handle))
        {
            if (told.IsFullNat) ReleaseLocalPort(record.Protocol, local, told.LocalPort, real, record.RealPort, now);
            return SyncCount.TableFull;
        }

        if (!TryBindHelper(handle))
        {
            _connections.Remove(handle);
            handle = 0;
            return SyncCount.TableFull;
        }

        ref Connection<TAddress> connection = ref _connections[handle];
        connection.Flags |= ConnectionFlags.Synced;
        connection.Mark = record.Mark;
        destination.Bind(isTemplate: false);
        TryCountClient(ref connection, destination.Service, isLimited: false);
        SetActivity(ref connection, (record.Flags & SyncFlags.Inactive) == 0);
        if (known is null) _sync.Tally.Count(SyncCount.MadeUnbound);
        return SyncCount.ConnectionsMade;
    }

    // The method is the local rule's, not the sender's. False for FULLNAT, whose local end is in no multicast message.
    private bool TryGetMethod(Destination destination, out ForwardingMethod method)
    {
        method = destination.Method;
        if (method != ForwardingMethod.FullNat) return true;
        method = ForwardingMethod.Nat;
        return _worker.Network.IsLocal(destination.Address);
    }

    private bool TryBindSynced(ref Connection<TAddress> connection)
    {
        SyncRecord record = SyncMapping.RecordOf<TFamily, TAddress>(in connection, connection.ClientPort);
        if (SyncMapping.FindDestination(_worker.Table, in record) is not { } destination || !TryGetMethod(destination, out ForwardingMethod method)) return false;
        bool isActive = (connection.Flags & ConnectionFlags.Inactive) == 0;
        _destinations[DestinationTable.Unbound].Unbind(isTemplate: false, isActive);
        connection.DestinationIndex = destination.Index;
        connection.Method = method;
        connection.Flags = method == ForwardingMethod.Nat ? connection.Flags & ~ConnectionFlags.NoOutput : connection.Flags | ConnectionFlags.NoOutput;
        destination.Bind(isTemplate: false);
        TryCountClient(ref connection, destination.Service, isLimited: false);
        if (isActive) destination.BecomeActive();
        _sync.Tally.Count(SyncCount.BoundLater);
        return true;
    }

    private void SetActivity(ref Connection<TAddress> connection, bool isActive)
    {
        if (isActive == ((connection.Flags & ConnectionFlags.Inactive) == 0)) return;
        connection.Flags ^= ConnectionFlags.Inactive;
        TellActivity(_destinations[connection.DestinationIndex], isActive ? ActivityChange.BecameActive : ActivityChange.BecameInactive);
    }

    private uint TimeoutOf(in SyncRecord record, ServiceTimeouts? own)
    {
        if (record.Timeout != 0) return Math.Min(record.Timeout, ProtocolTimeouts.Maximum);
        return record.Protocol == IpProtocol.Tcp ? _timeouts.OfTcp((TcpState)record.State, own) : _timeouts.OfUdp(own);
    }
}
