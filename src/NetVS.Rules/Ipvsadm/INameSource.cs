using NetVS.Packets;

namespace NetVS.Rules.Ipvsadm;

/// <summary>Names of hosts and of TCP/UDP services, which the pure layer cannot look up itself.</summary>
public interface INameSource
{
    /// <summary>The IPv4 address of a host; ipvsadm resolves names to IPv4 only.</summary>
    bool TryFindHost(string name, out Ipv4Address address);

    /// <summary>The port of a service name ("http") for a protocol, host order.</summary>
    bool TryFindPort(string service, IpProtocol protocol, out ushort port);

    /// <summary>The name of an address, or null.</summary>
    string? FindHostName(IpAddress address);

    /// <summary>The service name of a port (host order) for a protocol, or null.</summary>
    string? FindServiceName(ushort port, IpProtocol protocol);
}
