using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>What is done between batches.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private static readonly TimeSpan s_poolInterval = TimeSpan.FromMinutes(1);
    private MonotonicTime _nextPoolScan;

    /// <summary>About once a second: local ports.</summary>
    public void KeepUp(MonotonicTime now)
    {
        if (now < _nextPoolScan) return;
        _nextPoolScan = now + s_poolInterval;
        _localPorts.GiveUpIdle(now);
    }

    /// <summary>Appends views of connections behind a handle.</summary>
    /// <param name="handle">The handle looked at last; 0 to begin.</param>
    /// <param name="limit">The most handles to look at; what is left of it.</param>
    /// <param name="now">For the time left.</param>
    /// <param name="into">Where views are appended.</param>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int CopyConnections(int handle, ref int limit, MonotonicTime now, List<ConnectionView> into)
    {
        while (_connections.TryNext(ref handle, ref limit))
            if ((_connections[handle].Flags & ConnectionFlags.OnePacket) == 0) into.Add(ViewOf(handle, now));
        return handle;
    }

    /// <summary>As <see cref="CopyConnections"/>, for the templates of all workers.</summary>
    public int CopyTemplates(int handle, ref int limit, MonotonicTime now, List<ConnectionView> into) => _templates.Copy(handle, ref limit, now, into);

    /// <summary>As <see cref="CopyConnections"/>, for what is expected by all workers.</summary>
    public int CopyExpected(int handle, ref int limit, MonotonicTime now, List<ConnectionView> into) => _expectations.Copy(handle, ref limit, now, into);

    /// <summary>Ends connections behind a handle whose destination is drained, or was deleted if <c>expire_nodest_conn</c> is set.</summary>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int EndUnwanted(int handle, int limit, MonotonicTime now)
    {
        while (_connections.TryNext(ref handle, ref limit))
        {
            ref Connection<TAddress> connection = ref _connections[handle];
            if (connection.DestinationIndex == DestinationTable.Unbound) continue;
            Destination destination = _destinations[connection.DestinationIndex];

            // One that is asked already ends by its own timer.
            if (!IsUnwanted(in connection, destination) || (connection.Flags & ConnectionFlags.Probed) != 0) continue;
            if (TryProbe(handle, ref connection, now)) _connections.SetTimeout(handle, ProbeTimeout, now);
            else End(handle, now, isForced: true);
        }

        return handle;
    }

    private ConnectionView ViewOf(int handle, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        if ((connection.Flags & ConnectionFlags.HasFlow) != 0) ReadBack(handle, ref connection, now);
        bool isFullNat = connection.Method == ForwardingMethod.FullNat;

        // Behind a tunnel the real server may be of the other family; where there is none, the entry itself says what is known.
        IpAddress real = connection.DestinationIndex == DestinationTable.Unbound ? TFamily.ToIpAddress(connection.Real) : _destinations[connection.DestinationIndex].Address;
        return new ConnectionView(
            connection.Protocol,
            new IpEndpoint(TFamily.ToIpAddress(connection.Client), connection.ClientPort),
            new IpEndpoint(TFamily.ToIpAddress(connection.Virtual), connection.VirtualPort),
            isFullNat ? new IpEndpoint(TFamily.ToIpAddress(connection.Local), connection.LocalPort) : default,
            new IpEndpoint(real, connection.RealPort),
            connection.Method,
            ProtocolStates.NameOf(connection.Protocol, connection.State),
            _connections.TimeLeft(handle, now),
            (connection.Flags & ConnectionFlags.Inactive) == 0);
    }
}
