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
        uint port = (service.Rule.Flags & ServiceFlags.Scheduler2) != 0
            && request.Protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp
            ? request.ClientPort
            : 0u;
        return unchecked(request.Client.Fold() + port);
    }
}
