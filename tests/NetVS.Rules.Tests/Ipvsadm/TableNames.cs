using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Tests.Ipvsadm;

/// <summary>The names that were in /etc/hosts and /etc/services when the sessions were recorded.</summary>
internal sealed class TableNames : INameSource
{
    private static readonly Dictionary<string, string> s_hosts = new()
    {
        ["localhost"] = "127.0.0.1",
        ["cluster.example"] = "192.0.2.77",
        ["a-very-long-host-name-of-a-cluster.example"] = "192.0.2.78",
        ["real.example"] = "10.0.0.77",
        ["a-very-long-real-server-name.example"] = "10.0.0.78",
        ["six.example"] = "2001:db8::77",
    };

    private static readonly (string Name, ushort Port, IpProtocol Protocol)[] s_services =
    [
        ("http", 80, IpProtocol.Tcp), ("https", 443, IpProtocol.Tcp), ("http-alt", 8080, IpProtocol.Tcp),
        ("domain", 53, IpProtocol.Tcp), ("domain", 53, IpProtocol.Udp), ("sip", 5060, IpProtocol.Tcp), ("sip", 5060, IpProtocol.Udp),
    ];

    public bool TryFindHost(string name, out Ipv4Address address)
    {
        address = default;
        return s_hosts.TryGetValue(name, out string? text) && Ipv4Address.TryParse(text, out address);
    }

    public bool TryFindPort(string service, IpProtocol protocol, out ushort port)
    {
        port = s_services.FirstOrDefault(s => s.Name == service && s.Protocol == protocol).Port;
        return port != 0;
    }

    public string? FindHostName(IpAddress address) => s_hosts.FirstOrDefault(h => h.Value == address.ToString()).Key;

    public string? FindServiceName(ushort port, IpProtocol protocol) =>
        s_services.FirstOrDefault(s => s.Port == port && s.Protocol == protocol).Name;
}
