using System.Text;
using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Listing;

/// <summary>Prints rules as <c>ipvsadm -S</c> does: command lines that make them again (reference §12.9).</summary>
/// <remarks>
/// As in ipvsadm, thresholds are not saved and a local node is written as DR. Our extension: FULLNAT is written as <c>-b</c>, the
/// local addresses follow the servers of their service as <c>-P</c> lines, and the options of a service that IPVS has not end its line.
/// </remarks>
public static class SaveWriter
{
    /// <summary>Prints all services in listing order.</summary>
    public static void Write(TextWriter output, IEnumerable<ServiceListing> services, ListingOptions options, INameSource names)
    {
        var lookup = new EndpointNames(options.IsNumeric ? null : names);
        foreach (ServiceListing service in ListingOrder.Sort(services))
        {
            string address = ServiceAddress(service.Rule.Key, lookup);
            output.Write($"-A {address}{ServiceOptions(service.Rule)}\n");
            IpProtocol? protocol = service.Rule.Key.IsMark ? null : service.Rule.Key.Protocol;
            foreach (DestinationListing destination in ListingOrder.Sort(service.Destinations))
                output.Write($"-a {address} -r {lookup.Format(destination.Rule.Real, protocol)}{ServerOptions(destination.Rule)}\n");
            foreach (LocalAddressListing local in service.LocalAddresses.OrderBy(l => l.Address))
                output.Write($"-P {address} -z {local.Address}\n");
        }
    }

    /// <summary>A service as an option with its argument, in numbers: <c>-t 192.0.2.1:80</c>.</summary>
    public static string FormatService(ServiceKey key) => ServiceAddress(key, new EndpointNames(null));

    /// <summary>A whole <c>-A</c> (or <c>-E</c>) line in numbers.</summary>
    public static string FormatService(string command, VirtualServiceRule rule) =>
        $"{command} {FormatService(rule.Key)}{ServiceOptions(rule)}";

    /// <summary>A whole <c>-a</c> (or <c>-e</c>) line in numbers, thresholds included.</summary>
    public static string FormatServer(string command, ServiceKey key, DestinationRule rule)
    {
        string line = $"{command} {FormatService(key)} -r {rule.Real}{ServerOptions(rule)}";
        if (rule.UpperThreshold != 0) line += $" -x {rule.UpperThreshold}";
        return rule.LowerThreshold != 0 ? line + $" -y {rule.LowerThreshold}" : line;
    }

    private static string ServiceAddress(ServiceKey key, EndpointNames lookup)
    {
        if (key.IsMark) return $"-f {key.Mark}{(key.Family == IpFamily.V6 ? " -6" : "")}";
        string option = key.Protocol switch
        {
            IpProtocol.Udp => "-u",
            IpProtocol.Sctp => "--sctp-service",
            _ => "-t",
        };
        return $"{option} {lookup.Format(new IpEndpoint(key.Address, key.Port), key.Protocol)}";
    }

    private static string ServiceOptions(VirtualServiceRule rule)
    {
        var line = new StringBuilder($" -s {rule.Scheduler}");
        if (rule.Flags.HasFlag(ServiceFlags.Persistent))
        {
            line.Append($" -p {rule.PersistenceTimeout}");
            if (NetmaskText.Format(rule) is { } mask) line.Append($" -M {mask}");
        }

        if (rule.PersistenceEngine is { } engine) line.Append($" --pe {engine}");
        if (rule.Flags.HasFlag(ServiceFlags.OnePacket)) line.Append(" -o");
        string flags = SchedulerFlagNames.Format(rule);
        if (flags.Length > 0) line.Append($" -b {flags}");
        foreach ((ServiceOptionSpec option, string value) in ServiceOptionTable.Given(rule.Options)) line.Append(option.IsSwitch ? $" --{option.Name}" : $" --{option.Name} {value}");
        return line.ToString();
    }

    private static string ServerOptions(DestinationRule rule)
    {
        string method = rule.Method switch
        {
            ForwardingMethod.Nat => "-m",
            ForwardingMethod.Tunnel => "-i",
            ForwardingMethod.FullNat => "-b",
            _ => "-g",
        };
        string line = $" {method} -w {rule.Weight}";
        if (rule.Method != ForwardingMethod.Tunnel) return line;
        string checksum = rule.TunnelChecksum switch
        {
            TunnelChecksum.Checksum => "--tun-csum",
            TunnelChecksum.RemoteChecksum => "--tun-remcsum",
            _ => "--tun-nocsum",
        };
        return line + rule.TunnelType switch
        {
            TunnelType.Gue => $" --tun-type gue --tun-port {rule.TunnelPort} {checksum}",
            TunnelType.Gre => $" --tun-type gre {checksum}",
            _ => " --tun-type ipip",
        };
    }
}
