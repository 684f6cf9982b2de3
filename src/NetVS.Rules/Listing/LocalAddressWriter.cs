using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Listing;

/// <summary>Prints FULLNAT local addresses in the layout of the published FULLNAT tools.</summary>
/// <remarks>Services without local addresses are left out unless a single service was asked for.</remarks>
public static class LocalAddressWriter
{
    /// <summary>Prints titles, then each service with its local addresses.</summary>
    public static void Write(
        TextWriter output, IReadOnlyList<ServiceListing> services, ListingOptions options, INameSource names)
    {
        var lookup = new EndpointNames(options.IsNumeric ? null : names);
        output.Write($"{"VIP:VPORT",-20} {"TOTAL",-8} {"SNAT_IP",-20} {"CONFLICTS",-10} {"CONNS",-10}\n");
        foreach (ServiceListing service in ListingOrder.Sort(services))
        {
            if (service.LocalAddresses.Count == 0 && services.Count > 1) continue;
            ServiceKey key = service.Rule.Key;
            string name = key.IsMark ? key.ToString() : lookup.Format(new IpEndpoint(key.Address, key.Port), key.Protocol);
            output.Write($"{name,-20} {service.LocalAddresses.Count,-8}\n");
            foreach (LocalAddressListing local in service.LocalAddresses.OrderBy(l => l.Address))
                output.Write($"{"",-20} {"",-8} {local.Address,-20} {local.Conflicts,-10} {local.Connections,-10}\n");
        }
    }
}
