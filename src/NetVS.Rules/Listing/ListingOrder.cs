using NetVS.Packets;

namespace NetVS.Rules.Listing;

/// <summary>The order of a sorted listing: services by mark, family, protocol, address and port; servers by address and port.</summary>
/// <remarks>
/// ipvsadm subtracts addresses as signed words, which makes its order circular (172.16.0.0 before 10.0.0.0) and dependent on the
/// C library's sort; here every comparison is unsigned, IPv4 before IPv6 (reference §12.6 recommends it).
/// </remarks>
internal static class ListingOrder
{
    /// <summary>Services in order.</summary>
    public static IEnumerable<ServiceListing> Sort(IEnumerable<ServiceListing> services) =>
        services.OrderBy(s => s.Rule.Key, Comparer<ServiceKey>.Create(Compare));

    /// <summary>Destinations in order.</summary>
    public static IEnumerable<DestinationListing> Sort(IEnumerable<DestinationListing> destinations) =>
        destinations.OrderBy(d => d.Rule.Real);

    private static int Compare(ServiceKey left, ServiceKey right)
    {
        int order = left.Mark.CompareTo(right.Mark);
        if (order == 0) order = left.Family.CompareTo(right.Family);
        if (order == 0) order = left.Protocol.CompareTo(right.Protocol);
        if (order == 0) order = left.Address.CompareTo(right.Address);
        return order != 0 ? order : left.Port.CompareTo(right.Port);
    }
}
