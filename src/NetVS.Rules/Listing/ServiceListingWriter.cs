using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Listing;

/// <summary>Prints services and servers as <c>ipvsadm -L</c> does, to the character (reference §12.6-§12.8).</summary>
/// <remarks>
/// Trailing blanks of a left-justified last column are part of the layout. Where ipvsadm wraps a server's counters at 2^32, the
/// true number is printed.
/// </remarks>
public sealed class ServiceListingWriter
{
    private const int NameColumns = 33;
    private const int ServerColumns = 28;

    private readonly TextWriter _output;
    private readonly ListingOptions _options;
    private readonly EndpointNames _names;

    /// <summary>Prepares to print; names are asked for only when the options want names.</summary>
    public ServiceListingWriter(TextWriter output, ListingOptions options, INameSource names)
    {
        _output = output;
        _options = options;
        _names = new EndpointNames(options.IsNumeric ? null : names);
    }

    /// <summary>Prints the titles and all services. <paramref name="version"/> is the first line, left out for a single service.</summary>
    public void Write(IEnumerable<ServiceListing> services, string? version)
    {
        if (version is not null) Line(version);
        WriteTitles();
        if (_options.IsSorted) services = ListingOrder.Sort(services);
        foreach (ServiceListing service in services)
        {
            WriteService(service);
            IEnumerable<DestinationListing> destinations = service.Destinations;
            if (_options.IsSorted) destinations = ListingOrder.Sort(destinations);
            foreach (DestinationListing destination in destinations) WriteDestination(service.Rule.Key, destination);
        }
    }

    private void Line(string text)
    {
        _output.Write(text);
        _output.Write('\n');
    }

    private void WriteTitles()
    {
        const string left = "Prot LocalAddress:Port";
        string title = left.PadRight(NameColumns);
        switch (_options.Layout)
        {
            case ListingLayout.Statistics:
                Line($"{title} {"Conns",8} {"InPkts",8} {"OutPkts",8} {"InBytes",8} {"OutBytes",8}");
                Line("  -> RemoteAddress:Port");
                break;
            case ListingLayout.Rates:
                Line($"{title} {"CPS",8} {"InPPS",8} {"OutPPS",8} {"InBPS",8} {"OutBPS",8}");
                Line("  -> RemoteAddress:Port");
                break;
            case ListingLayout.Thresholds:
                Line($"{title} {"Uthreshold",-10} {"Lthreshold",-10} {"ActiveConn",-10} {"InActConn",-10}");
                Line("  -> RemoteAddress:Port");
                break;
            case ListingLayout.PersistentConnections:
                Line($"{title} {"Weight",-9} {"PersistConn",-11} {"ActiveConn",-10} {"InActConn",-10}");
                Line("  -> RemoteAddress:Port");
                break;
            case ListingLayout.TunnelInfo:
                Line($"{left} Scheduler Flags");
                Line("  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn");
                break;
            default:
                Line($"{left} Scheduler Flags");
                Line("  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn");
                break;
        }
    }

    private void WriteService(ServiceListing service)
    {
        VirtualServiceRule rule = service.Rule;
        string name = ServiceName(rule.Key);
        StatisticsListing n = service.Statistics;
        switch (_options.Layout)
        {
            case ListingLayout.Statistics:
                Line(name.PadRight(NameColumns) + Large(n.Connections) + Large(n.InboundPackets) + Large(n.OutboundPackets)
                    + Large(n.InboundBytes) + Large(n.OutboundBytes));
                break;
            case ListingLayout.Rates:
                Line(name.PadRight(NameColumns) + Large(n.ConnectionsPerSecond) + Large(n.InboundPacketsPerSecond)
                    + Large(n.OutboundPacketsPerSecond) + Large(n.InboundBytesPerSecond) + Large(n.OutboundBytesPerSecond));
                break;
            default:
                Line($"{name} {rule.Scheduler}{ServiceSuffix(rule)}");
                break;
        }
    }

    private static string ServiceSuffix(VirtualServiceRule rule)
    {
        string flags = SchedulerFlagNames.Format(rule);
        string suffix = flags.Length == 0 ? "" : $" ({flags})";
        if (rule.Flags.HasFlag(ServiceFlags.Persistent))
            suffix += $" persistent {rule.PersistenceTimeout}{(NetmaskText.Format(rule) is { } mask ? " mask " + mask : "")}";
        if (rule.PersistenceEngine is { } engine && rule.Flags.HasFlag(ServiceFlags.Persistent)) suffix += " pe " + engine;
        return rule.Flags.HasFlag(ServiceFlags.OnePacket) ? suffix + " ops" : suffix;
    }

    private void WriteDestination(ServiceKey key, DestinationListing destination)
    {
        DestinationRule rule = destination.Rule;
        string name = _names.Format(rule.Real, key.IsMark ? null : key.Protocol);
        if (rule.Real.Address.Family == IpFamily.V4 && name.Length > ServerColumns) name = name[..ServerColumns];
        string start = $"  -> {name,-ServerColumns}";
        StatisticsListing n = destination.Statistics;
        Line(start + _options.Layout switch
        {
            ListingLayout.Statistics => Large(n.Connections) + Large(n.InboundPackets) + Large(n.OutboundPackets)
                + Large(n.InboundBytes) + Large(n.OutboundBytes),
            ListingLayout.Rates => $" {n.ConnectionsPerSecond,8} {n.InboundPacketsPerSecond,8} {n.OutboundPacketsPerSecond,8}"
                + Large(n.InboundBytesPerSecond) + Large(n.OutboundBytesPerSecond),
            ListingLayout.Thresholds => $" {rule.UpperThreshold,-10} {rule.LowerThreshold,-10}"
                + $" {destination.ActiveConnections,-10} {destination.InactiveConnections,-10}",
            ListingLayout.PersistentConnections => $" {rule.Weight,-9} {destination.PersistentConnections,-11}"
                + $" {destination.ActiveConnections,-10} {destination.InactiveConnections,-10}",
            ListingLayout.TunnelInfo => $" {MethodName(rule.Method),-7} {TunnelInfo(rule),-13} {rule.Weight,-6}"
                + $" {destination.ActiveConnections,-10} {destination.InactiveConnections,-10}",
            _ => $" {MethodName(rule.Method),-7} {rule.Weight,-6}"
                + $" {destination.ActiveConnections,-10} {destination.InactiveConnections,-10}",
        });
    }

    private string ServiceName(ServiceKey key)
    {
        if (key.IsMark) return $"FWM  {key.Mark}{(key.Family == IpFamily.V6 ? " IPv6" : "")}";
        string name = $"{ProtocolNames.Format(key.Protocol),-4} {_names.Format(new IpEndpoint(key.Address, key.Port), key.Protocol)}";
        return key.Family == IpFamily.V4 && name.Length > NameColumns ? name[..NameColumns] : name;
    }

    private string Large(ulong number) => LargeNumber.Format(number, _options.IsExact);

    private static string MethodName(ForwardingMethod method) => method switch
    {
        ForwardingMethod.Nat => "Masq",
        ForwardingMethod.Local => "Local",
        ForwardingMethod.Tunnel => "Tunnel",
        ForwardingMethod.FullNat => "FullNat",
        _ => "Route",
    };

    private static string TunnelInfo(DestinationRule rule)
    {
        if (rule.Method != ForwardingMethod.Tunnel) return "n/a";
        string checksum = rule.TunnelChecksum switch
        {
            TunnelChecksum.Checksum => "+c",
            TunnelChecksum.RemoteChecksum => "r+c",
            _ => "-c",
        };
        return rule.TunnelType switch
        {
            TunnelType.Gue => $"gue:{rule.TunnelPort}:{checksum}",
            TunnelType.Gre => $"gre:{checksum}",
            _ => "ipip",
        };
    }
}
