using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Commands;

/// <summary>The machine's names: the resolver for hosts, /etc/services for ports.</summary>
internal sealed class SystemNames : INameSource
{
    private readonly Lazy<(Dictionary<(string, string), ushort> Ports, Dictionary<(ushort, string), string> Names)> _services = new(ReadServices);

    /// <inheritdoc/>
    public bool TryFindHost(string name, out Ipv4Address address)
    {
        address = default;
        try
        {
            foreach (IPAddress found in Dns.GetHostAddresses(name, AddressFamily.InterNetwork))
            {
                address = Ipv4Address.Read(found.GetAddressBytes());
                return true;
            }
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // No such host: that is the answer.
        }

        return false;
    }

    /// <inheritdoc/>
    public bool TryFindPort(string service, IpProtocol protocol, out ushort port) =>
        _services.Value.Ports.TryGetValue((service, ProtocolName(protocol)), out port);

    /// <inheritdoc/>
    public string? FindHostName(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[address.Size];
        address.Write(octets);
        var host = new IPAddress(octets);
        try
        {
            string name = Dns.GetHostEntry(host).HostName;
            return name.Length == 0 || name == host.ToString() ? null : name;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public string? FindServiceName(ushort port, IpProtocol protocol) =>
        _services.Value.Names.GetValueOrDefault((port, ProtocolName(protocol)));

    private static string ProtocolName(IpProtocol protocol) => protocol switch
    {
        IpProtocol.Tcp => "tcp",
        IpProtocol.Udp => "udp",
        IpProtocol.Sctp => "sctp",
        _ => "",
    };

    private static (Dictionary<(string, string), ushort> Ports, Dictionary<(ushort, string), string> Names) ReadServices()
    {
        var ports = new Dictionary<(string, string), ushort>();
        var names = new Dictionary<(ushort, string), string>();
        IEnumerable<string> lines;
        try
        {
            lines = File.ReadAllLines("/etc/services");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lines = [];
        }

        foreach (string line in lines)
        {
            string[] words = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[1].Split('/') is not [string number, string protocol]) continue;
            if (!ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) continue;
            names.TryAdd((port, protocol), words[0]);
            ports.TryAdd((words[0], protocol), port);
            foreach (string alias in words[2..]) ports.TryAdd((alias, protocol), port);
        }

        return (ports, names);
    }
}
