using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Listing;

/// <summary>Addresses and ports as ipvsadm prints them: numbers, or names where there are any. A name is looked up once.</summary>
internal sealed class EndpointNames(INameSource? names)
{
    private readonly Dictionary<IpAddress, string> _hosts = [];

    /// <summary><c>address:port</c>; an IPv6 address in brackets, a host's name without.</summary>
    /// <param name="endpoint">Address and port.</param>
    /// <param name="protocol">For the service name of the port; null prints the number.</param>
    public string Format(IpEndpoint endpoint, IpProtocol? protocol)
    {
        string port = protocol is { } known ? Port(endpoint.Port, known) : endpoint.Port.ToString();
        return $"{Host(endpoint.Address)}:{port}";
    }

    /// <summary>A host, in brackets where it is an IPv6 address.</summary>
    public string Host(IpAddress address)
    {
        if (_hosts.TryGetValue(address, out string? known)) return known;
        string host = names?.FindHostName(address) ?? address.ToString();
        if (address.Family == IpFamily.V6) host = $"[{host}]";
        _hosts[address] = host;
        return host;
    }

    private string Port(ushort port, IpProtocol protocol) =>
        (port == 0 ? null : names?.FindServiceName(port, protocol)) ?? port.ToString();
}
