using System.Numerics;
using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>Chooses the director's own address for what it sends itself.</summary>
/// <remarks>
/// IPv4, as Linux: on the interface the route leaves by, the first primary address in whose network the gateway is, else the
/// first primary address; else the first one of any other interface. IPv6: the rules 2, 3 and 8 of RFC 6724 §5 (fit scope,
/// not deprecated, longest common prefix), addresses of the leaving interface first (rule 5).
/// </remarks>
internal sealed class SourceSelection
{
    private readonly Dictionary<int, NetworkAddress[]> _byInterface;
    private readonly NetworkAddress[] _all;

    public SourceSelection(IEnumerable<NetworkAddress> addresses)
    {
        _all = [.. addresses.Where(a => !a.Address.IsLoopback && !a.IsUnfitAsSource)];
        _byInterface = _all.GroupBy(a => a.Interface).ToDictionary(g => g.Key, g => g.ToArray());
    }

    /// <summary>The IPv4 address to send from; default when there is none.</summary>
    public IpAddress ChooseV4(int interfaceIndex, IpAddress gateway)
    {
        IpAddress chosen = default;
        foreach (NetworkAddress own in _byInterface.GetValueOrDefault(interfaceIndex, []))
        {
            if (own.Address.Family != IpFamily.V4 || own.IsSecondary) continue;
            if (gateway.Family == IpFamily.V4
                && RouteTable.FirstOf(gateway, own.PrefixLength) == RouteTable.FirstOf(own.Address, own.PrefixLength)) return own.Address;
            if (chosen.IsNone) chosen = own.Address;
        }

        if (!chosen.IsNone) return chosen;
        foreach (NetworkAddress own in _all)
            if (own.Address.Family == IpFamily.V4 && !own.IsSecondary) return own.Address;
        return default;
    }

    /// <summary>The IPv6 address to send from to this destination; default when there is none.</summary>
    public IpAddress ChooseV6(int interfaceIndex, Ipv6Address destination)
    {
        IpAddress own = _byInterface.TryGetValue(interfaceIndex, out NetworkAddress[]? here) ? BestOf(here, destination) : default;
        return own.IsNone && !destination.IsLinkLocal ? BestOf(_all, destination) : own;
    }

    private static IpAddress BestOf(NetworkAddress[] candidates, Ipv6Address destination)
    {
        IpAddress best = default;
        int longest = -1;
        foreach (NetworkAddress candidate in candidates)
        {
            if (candidate.Address.Family != IpFamily.V6) continue;
            Ipv6Address address = candidate.Address.V6;
            if (address.IsLinkLocal != destination.IsLinkLocal) continue;
            int common = CommonPrefix(address, destination);
            if (common <= longest) continue;
            longest = common;
            best = candidate.Address;
        }

        return best;
    }

    private static int CommonPrefix(Ipv6Address a, Ipv6Address b)
    {
        ulong high = a.High ^ b.High;
        return high != 0 ? BitOperations.LeadingZeroCount(high) : 64 + BitOperations.LeadingZeroCount(a.Low ^ b.Low);
    }
}
