// Reference §10.2 (data entries), §5.2 (entries without a client's port), §6.1 (LISTEN).

using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync.Peers;

namespace NetVS.Director.Helpers;

/// <summary>Connections of one family that were announced on a control connection and have not begun.</summary>
/// <remarks>
/// <para>Who gets the first packet of such a connection is decided by the client's port, which in one mode nobody knows before: so expectations are not
/// in the workers' tables but here, for all of them. The first packet takes its expectation out and makes a connection of it. The lock is taken by
/// control connections that announce one, and by packets without a connection while anything is expected.</para>
/// <para>An expectation is an entry like a connection's, in state LISTEN, and counts as one of its real server's; where the client's port is not known, a
/// hash of the virtual end stands in its place. It holds its control connection's session.</para>
/// Threads: any.
/// </remarks>
internal sealed class ExpectationTable<TFamily, TAddress> : IDisposable
    where TFamily : struct, IAddressFamily<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>The most that are expected at once.</summary>
    public const int Most = 65_536;

    // Reference §6.1: what LISTEN lives.
    private const uint Patience = 120;
    private const int TimerBudget = 4096;

    private readonly Lock _lock = new();
    private readonly ConnectionTable<TAddress> _expected;
    private readonly DestinationTable _destinations;
    private readonly HelperSessions _sessions;

    /// <summary>An empty table.</summary>
    /// <param name="connections">The most connections: each may hold <see cref="HelperSessions.MostHeld"/>, <see cref="Most"/> together.</param>
    /// <param name="hashKey">The key of the hash.</param>
    /// <param name="destinations">All destinations.</param>
    /// <param name="sessions">Their control connections' sessions.</param>
    public ExpectationTable(int connections, UInt128 hashKey, DestinationTable destinations, HelperSessions sessions)
    {
        _expected = new ConnectionTable<TAddress>((int)Math.Min((long)connections * HelperSessions.MostHeld, Most), hashKey);
        _destinations = destinations;
        _sessions = sessions;
    }

    /// <summary>How many are expected. Thread: any, perhaps a moment old.</summary>
    public int Count => _expected.Count;

    /// <summary>Returns the memory. Nobody may use it any more.</summary>
    public void Dispose() => _expected.Dispose();

    /// <summary>Expects a connection that a control connection announced; one that was expected already is expected anew.</summary>
    /// <param name="kind">Who opens it.</param>
    /// <param name="clientPort">The client's port; 0 where it is not known.</param>
    /// <param name="control">The control connection.</param>
    /// <param name="virtualPort">The virtual port.</param>
    /// <param name="realPort">The real server's port.</param>
    /// <param name="now">The time.</param>
    /// <param name="keepsFormer">Whether one that was expected already stays as it is.</param>
    /// <returns>False when too much is expected, of this client or in all.</returns>
    public bool TryExpect(
        ExpectationKind kind, ushort clientPort, in Connection<TAddress> control, ushort virtualPort, ushort realPort, MonotonicTime now, bool keepsFormer = false)
    {
        ushort port = kind == ExpectationKind.FromServer ? clientPort : ConnectionKey<TAddress>.PortFor(control.Virtual, virtualPort);
        var key = new ConnectionKey<TAddress>(IpProtocol.Tcp, control.Client, port, control.Virtual, virtualPort);
        lock (_lock)
        {
            int former = _expected.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort);
            if (former != 0 && keepsFormer) return true;
            if (former != 0) End(former);
            if (!_sessions.TryHold(control.HelperSlot)) return false;
            var target = new ConnectionTarget<TAddress>(ForwardingMethod.Nat, control.Real, realPort, control.DestinationIndex);
            if (!_expected.TryCreate(in key, in target, now, out int handle))
            {
                _sessions.Release(control.HelperSlot);
                return false;
            }

            ref Connection<TAddress> entry = ref _expected[handle];
            entry.State = (byte)TcpState.Listen;
            entry.HelperSlot = control.HelperSlot;
            entry.Mark = control.Mark;
            if (kind == ExpectationKind.FromClient) entry.Flags |= ConnectionFlags.NoClientPort;
            _expected.SetTimeout(handle, Patience, now);
            _destinations[entry.DestinationIndex].Bind(isTemplate: false);
            return true;
        }
    }

    /// <summary>Takes out what a client's first packet begins. What the expectation held is the new connection's.</summary>
    public bool TryTakeFromClient(TAddress client, TAddress virtualAddress, ushort virtualPort, out Connection<TAddress> expected)
    {
        var key = new ConnectionKey<TAddress>(IpProtocol.Tcp, client, ConnectionKey<TAddress>.PortFor(virtualAddress, virtualPort), virtualAddress, virtualPort);
        lock (_lock)
        {
            int handle = _expected.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort);
            return TryTake(handle != 0 && IsFromClient(handle) ? handle : 0, out expected);
        }
    }

    /// <summary>Takes out what a real server's first packet begins, whatever its port: not every server may use the one below its own.</summary>
    public bool TryTakeFromServer(TAddress client, ushort clientPort, TAddress real, out Connection<TAddress> expected)
    {
        lock (_lock)
        {
            int handle = _expected.FindByReal(IpProtocol.Tcp, client, clientPort, real, ConnectionFlags.NoClientPort);
            return TryTake(handle, out expected);
        }
    }

    /// <summary>Lets expire what nobody began, a bounded part of it.</summary>
    public void Advance(MonotonicTime now)
    {
        if (_expected.Count == 0) return;
        lock (_lock)
        {
            var handler = new ExpiryHandler(this);
            _expected.Advance(now, TimerBudget, ref handler);
        }
    }

    /// <summary>Appends views of what is expected behind a handle.</summary>
    /// <inheritdoc cref="Forwarder{TFamily, TAddress}.CopyConnections" path="/param"/>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int Copy(int handle, ref int limit, MonotonicTime now, List<ConnectionView> into)
    {
        lock (_lock)
        {
            while (_expected.TryNext(ref handle, ref limit)) into.Add(ViewOf(handle, now));
            return handle;
        }
    }

    /// <summary>Hands over what is expected behind a handle.</summary>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int CopyTold(int handle, ref int limit, MonotonicTime now, IPeerSink sink)
    {
        lock (_lock)
        {
            while (_expected.TryNext(ref handle, ref limit))
            {
                ref Connection<TAddress> entry = ref _expected[handle];
                if (!_sessions.TryFindControl(entry.HelperSlot, out ushort clientPort, out ushort virtualPort)) continue;
                bool isFromClient = IsFromClient(handle);
                PeerRecord record = PeerMapping.RecordOf<TFamily, TAddress>(in entry, isFromClient ? (ushort)0 : entry.ClientPort, now);
                sink.Tell(record with
                {
                    Announcement = isFromClient ? PeerAnnouncement.FromClient : PeerAnnouncement.FromServer,
                    ControlClientPort = clientPort,
                    ControlVirtualPort = virtualPort,
                }, [], []);
            }

            return handle;
        }
    }

    private bool IsFromClient(int handle) => (_expected[handle].Flags & ConnectionFlags.NoClientPort) != 0;

    private bool TryTake(int handle, out Connection<TAddress> expected)
    {
        expected = default;
        if (handle == 0) return false;
        expected = _expected[handle];
        _expected.Remove(handle);
        return true;
    }

    private void End(int handle)
    {
        Release(ref _expected[handle]);
        _expected.Remove(handle);
    }

    private void Release(ref Connection<TAddress> entry)
    {
        _destinations[entry.DestinationIndex].Unbind(isTemplate: false, wasActive: false);
        _sessions.Release(entry.HelperSlot);
    }

    private ConnectionView ViewOf(int handle, MonotonicTime now)
    {
        ref Connection<TAddress> entry = ref _expected[handle];
        return new ConnectionView(
            entry.Protocol, new IpEndpoint(TFamily.ToIpAddress(entry.Client), IsFromClient(handle) ? (ushort)0 : entry.ClientPort),
            new IpEndpoint(TFamily.ToIpAddress(entry.Virtual), entry.VirtualPort), default, new IpEndpoint(TFamily.ToIpAddress(entry.Real), entry.RealPort),
            entry.Method, TcpStateMachine.NameOf(TcpState.Listen), _expected.TimeLeft(handle, now), IsActive: false);
    }

    private readonly struct ExpiryHandler(ExpectationTable<TFamily, TAddress> table) : IExpiryHandler<TAddress>
    {
        public uint Expire(int handle, ref Connection<TAddress> connection, MonotonicTime now)
        {
            table.Release(ref connection);
            return 0;
        }

        public uint ReadBack(int handle, ref Connection<TAddress> connection, MonotonicTime now) => uint.MaxValue;
    }
}
