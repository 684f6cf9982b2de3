// Reference §10.1, §17.1, §17.2, §17.4, and where they differ a Linux 6.1 kernel with IPVS: the files that tools of IPVS read under /proc/net.

using System.Globalization;
using NetVS.Packets;

namespace NetVS.Rules.Listing;

/// <summary>Prints services, helpers, connections and totals in the formats of the kernel's /proc/net/ip_vs, ip_vs_app, ip_vs_conn and ip_vs_stats.</summary>
/// <remarks>The kernel prints in the order of its hash tables, which means nothing; this prints in the order it is given.</remarks>
public static class ProcWriter
{
    /// <summary>
    /// Ticks of a second in which ip_vs prints persistence timeouts: the kernel's HZ, here that of Debian's kernels.
    /// </summary>
    public const int TicksPerSecond = 250;

    /// <summary>/proc/net/ip_vs.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="title">Version and size of the connection table, as the first line of ipvsadm's listing.</param>
    /// <param name="services">The services.</param>
    public static void WriteServices(TextWriter output, string title, IEnumerable<ServiceListing> services)
    {
        output.Write($"{title}\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n");
        foreach (ServiceListing service in services)
        {
            output.Write(Service(service.Rule) + "\n");
            foreach (DestinationListing d in service.Destinations)
            {
                output.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  -> {Address(d.Rule.Real.Address)}:{d.Rule.Real.Port:X4}      {Method(d.Rule.Method),-7} {d.Rule.Weight,-6} {d.ActiveConnections,-10} {d.InactiveConnections,-10}\n"));
            }
        }
    }

    /// <summary>/proc/net/ip_vs_app.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="helpers">Of each helper at a port: protocol, port, control connections, name.</param>
    public static void WriteHelpers(TextWriter output, IEnumerable<(string Protocol, int Port, int Connections, string Name)> helpers)
    {
        output.Write("prot port    usecnt name\n");
        foreach ((string protocol, int port, int connections, string name) in helpers)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{protocol,-3}  {port,-7} {connections,-6} {name,-17}\n"));
    }

    /// <summary>The title line of /proc/net/ip_vs_conn.</summary>
    public static void WriteConnectionTitle(TextWriter output) => output.Write("Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n");

    /// <summary>A line of /proc/net/ip_vs_conn.</summary>
    public static void WriteConnection(TextWriter output, ConnectionListing c)
    {
        output.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{ProtocolNames.Format(c.Protocol),-3} {Plain(c.Client)} {Plain(c.Virtual)} {Plain(c.Real)} {c.State,-11} {c.ExpiresIn,7}"));
        output.Write(c.EngineName is { } engine ? $" {engine} {c.EngineData}\n" : "\n");
    }

    /// <summary>/proc/net/ip_vs_stats.</summary>
    public static void WriteStatistics(TextWriter output, StatisticsListing s)
    {
        output.Write("   Total Incoming Outgoing         Incoming         Outgoing\n   Conns  Packets  Packets            Bytes            Bytes\n");
        output.Write($"{s.Connections,8:X} {s.InboundPackets,8:X} {s.OutboundPackets,8:X} {s.InboundBytes,16:X} {s.OutboundBytes,16:X}\n\n");
        output.Write(" Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n");
        output.Write(
            $"{s.ConnectionsPerSecond,8:X} {s.InboundPacketsPerSecond,8:X} {s.OutboundPacketsPerSecond,8:X} {s.InboundBytesPerSecond,16:X} {s.OutboundBytesPerSecond,16:X}\n");
    }

    private static string Service(VirtualServiceRule rule)
    {
        ServiceKey key = rule.Key;
        string name = key.IsMark ? $"FWM  {key.Mark:X8}" : $"{ProtocolNames.Format(key.Protocol)}  {Address(key.Address)}:{key.Port:X4}";

        // The kernel prints another blank on the lines of IPv4 addresses, and says nothing of one-packet scheduling on those of IPv6 addresses.
        bool isV6Line = !key.IsMark && key.Family == IpFamily.V6;
        string ops = (rule.Flags & ServiceFlags.OnePacket) != 0 && !isV6Line ? "ops " : "";
        string line = $"{name} {rule.Scheduler} {ops}{(key.IsMark || isV6Line ? "" : " ")}";
        return (rule.Flags & ServiceFlags.Persistent) == 0
            ? line
            : string.Create(CultureInfo.InvariantCulture, $"{line}persistent {(ulong)rule.PersistenceTimeout * TicksPerSecond} {Mask(rule):X8}");
    }

    // The kernel takes the mask for one in network order; of IPv6 it is the length, a number of the host's order, so its octets are turned round.
    private static uint Mask(VirtualServiceRule rule) => rule.Key.Family == IpFamily.V6
        ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(rule.NetmaskPrefix)
        : rule.Netmask;

    private static string Method(ForwardingMethod method) => method switch
    {
        ForwardingMethod.Nat => "Masq",
        ForwardingMethod.Local => "Local",
        ForwardingMethod.Tunnel => "Tunnel",
        ForwardingMethod.FullNat => "FullNat",
        _ => "Route",
    };

    private static string Plain(IpEndpoint endpoint) => $"{(endpoint.Address.Family == IpFamily.V6 ? Groups(endpoint.Address.V6) : Address(endpoint.Address))} {endpoint.Port:X4}";

    private static string Address(IpAddress address) => address.Family == IpFamily.V6 ? $"[{Groups(address.V6)}]" : $"{address.V4.Value:X8}";

    private static string Groups(Ipv6Address address)
    {
        byte[] octets = new byte[Ipv6Address.Size];
        address.Write(octets);
        return string.Join(':', octets.Chunk(2).Select(g => $"{g[0]:x2}{g[1]:x2}"));
    }
}
