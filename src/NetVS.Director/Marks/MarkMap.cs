using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Marks;

/// <summary>Marked networks by address: an immutable table that workers search without a lock.</summary>
/// <remarks>
/// A list of rules of which the first that matches decides would have to be walked for every packet. But which rules are about an address
/// depends on nothing but the longest of all the rules' prefixes that has it: all prefixes that contain this one, and no others. So for each
/// prefix the rules that contain it are put together once, as ranges of ports with their marks, and a lookup is two binary searches, in the
/// director as in the eBPF program (bpf/mark.h).
/// </remarks>
internal sealed class MarkMap
{
    /// <summary>The most ranges of ports that a list of rules may come to.</summary>
    public const int MostRanges = 16_384;

    private readonly MarkedNetwork[] _networks;
    private readonly PrefixRanges<uint> _v4;
    private readonly PrefixRanges<UInt128> _v6;

    private MarkMap(MarkedNetwork[] networks)
    {
        _networks = networks;
        var v4 = new List<(uint, int, int)>();
        var v6 = new List<(UInt128, int, int)>();
        for (int i = 0; i < networks.Length; i++)
        {
            MarkedNetwork network = networks[i];
            if (network.Network.Family == IpFamily.V4) v4.Add((network.Network.V4.Value, network.PrefixLength, i));
            else v6.Add((NumberOf(network.Network.V6), network.PrefixLength, i));
        }

        _v4 = PrefixRanges<uint>.Build(v4);
        _v6 = PrefixRanges<UInt128>.Build(v6);
    }

    /// <summary>Nothing is marked.</summary>
    public static MarkMap Empty { get; } = new([]);

    /// <summary>Whether nothing is marked at all.</summary>
    public bool IsEmpty => _networks.Length == 0;

    /// <summary>The networks, in no particular order.</summary>
    public IReadOnlyList<MarkedNetwork> Networks => _networks;

    /// <summary>Ranges of ports in all networks.</summary>
    public int RangeCount => _networks.Sum(n => n.Ports.Count);

    /// <summary>What a list of rules comes to.</summary>
    public static MarkMap Of(IReadOnlyList<MarkRule> rules) => Of(rules, rules);

    /// <summary>What must be recognised: packets with a mark that somebody wants, and whatever former rules marked.</summary>
    /// <param name="rules">The rules in force.</param>
    /// <param name="former">Rules no longer in force, whose connections may live on.</param>
    /// <param name="isWanted">Whether a mark has a service, or has connections of one.</param>
    public static MarkMap Recognised(IReadOnlyList<MarkRule> rules, IReadOnlyList<MarkRule> former, Func<IpFamily, uint, bool> isWanted)
    {
        MarkMap map = Of([.. rules, .. former], rules);
        if (map.IsEmpty) return Empty;
        MarkedNetwork[] networks =
        [
            .. map._networks.Select(n => n with
            {
                Ports = n.Ports.Union(
                    PortLists.FirstMatch([.. former.Where(r => r.Mark != 0 && Contains(r, n.Network, n.PrefixLength))]),
                    mark => isWanted(n.Network.Family, mark)),
            }),
        ];
        return networks.All(n => n.Ports.Count == 0) ? Empty : new MarkMap(networks);
    }

    /// <summary>The network that decides about an address, or null.</summary>
    public MarkedNetwork? Find(Ipv4Address address) => IsEmpty ? null : At(_v4.Find(address.Value));

    /// <inheritdoc cref="Find(Ipv4Address)"/>
    public MarkedNetwork? Find(Ipv6Address address) => IsEmpty ? null : At(_v6.Find(NumberOf(address)));

    private MarkedNetwork? At(int index) => index < 0 ? null : _networks[index];

    private static MarkMap Of(IEnumerable<MarkRule> prefixes, IReadOnlyList<MarkRule> rules)
    {
        MarkedNetwork[] networks =
        [
            .. prefixes.Select(r => (r.Network, r.PrefixLength)).Distinct().Select(p => new MarkedNetwork(
                p.Network, p.PrefixLength, PortLists.FirstMatch([.. rules.Where(r => Contains(r, p.Network, p.PrefixLength))]))),
        ];
        return networks.Length == 0 ? Empty : new MarkMap(networks);
    }

    private static bool Contains(MarkRule rule, IpAddress network, int length)
    {
        if (rule.Network.Family != network.Family || rule.PrefixLength > length) return false;
        if (rule.PrefixLength == 0) return true;
        if (network.Family == IpFamily.V4) return (rule.Network.V4.Value ^ network.V4.Value) >> (32 - rule.PrefixLength) == 0;
        return (NumberOf(rule.Network.V6) ^ NumberOf(network.V6)) >> (128 - rule.PrefixLength) == 0;
    }

    private static UInt128 NumberOf(Ipv6Address address)
    {
        (ulong high, ulong low) = address;
        return new UInt128(high, low);
    }
}
