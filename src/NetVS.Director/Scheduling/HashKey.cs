using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Scheduling;

/// <summary>What sh and mh hash of a client.</summary>
internal static class HashKey
{
    /// <summary>The client's address as IPVS hashes it, plus its port where the service's flag 2 (sh-port, mh-port) says so.</summary>
    public static uint OfClient(VirtualServiceState service, in SchedulingRequest request)
    {
        uint port = PortOf(service, in request);
        return unchecked(request.Client.Fold() + port);
    }

    /// <summary>The client's port where the service's flag 2 says that it counts, else 0.</summary>
    public static ushort PortOf(VirtualServiceState service, in SchedulingRequest request) =>
        (service.Rule.Flags & ServiceFlags.Scheduler2) != 0 && request.Protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp
            ? request.ClientPort
            : (ushort)0;
}
