using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Icmp;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>How many connections a service and its clients may have.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private const int ClientGenerationShift = 16;

    /// <summary>Counts connections behind a handle that their service's counts of clients do not know.</summary>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int CountClients(int handle, int limit)
    {
        while (_connections.TryNext(ref handle, ref limit))
        {
            ref Connection<TAddress> connection = ref _connections[handle];
            TryCountClient(ref connection, _destinations[connection.DestinationIndex].Service, isLimited: false);
        }

        return handle;
    }

    /// <summary>Whether a limit forbids a new connection. What several workers begin at the same moment may exceed a service's by one each.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DropReason FindLimit(VirtualServiceState service, ServiceLimits limits, in FlowEnds<TAddress> ends)
    {
        if (limits.MostConnections != 0 && ServiceLimits.CountOf(service) >= limits.MostConnections) return DropReason.ServiceLimit;
        return limits.Clients is { } clients && clients.Has(TFamily.ToIpAddress(ends.Source), limits.MostPerClient) ? DropReason.ClientLimit : DropReason.None;
    }

    /// <summary>Refuses a packet that would have begun a connection too many, as the service wants it.</summary>
    private Verdict RefuseOverLimit(
        VirtualServiceState service, DropReason reason, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        if (service.Limits?.Answer != OverLimit.Reject) return _worker.Drop(ref packet, reason);
        return ends.Protocol == IpProtocol.Tcp
            ? RefuseByReset(ref packet, in shape, reason, now)
            : Refuse(ref packet, in shape, reason, IcmpReason.PortUnreachable, 0, ends.Destination, now);
    }

    /// <summary>Counts a connection for its client, if its service wants that and it is not counted yet.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="service">Its service.</param>
    /// <param name="isLimited">Whether the limit is asked; what is there already, or was announced, is counted in any case.</param>
    /// <returns>False when the client has as many as it may.</returns>
    private static bool TryCountClient(ref Connection<TAddress> connection, VirtualServiceState service, bool isLimited)
    {
        if (service.Limits is not { Clients: { } clients } limits) return true;
        var generation = (ConnectionFlags)((uint)clients.Generation << ClientGenerationShift);
        if ((connection.Flags & ConnectionFlags.ClientGeneration) == generation) return true;
        if (!clients.TryTake(TFamily.ToIpAddress(connection.Client), isLimited ? limits.MostPerClient : uint.MaxValue)) return false;
        connection.Flags = (connection.Flags & ~ConnectionFlags.ClientGeneration) | generation;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseClient(in Connection<TAddress> connection)
    {
        if (_destinations[connection.DestinationIndex].Service.Limits?.Clients is not { } clients) return;
        if ((uint)(connection.Flags & ConnectionFlags.ClientGeneration) >> ClientGenerationShift == clients.Generation)
            clients.Release(TFamily.ToIpAddress(connection.Client));
    }
}
