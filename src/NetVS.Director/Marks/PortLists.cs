using NetVS.Packets;

namespace NetVS.Director.Marks;

/// <summary>The marked ports of TCP, UDP and SCTP for the addresses that one prefix decides about: in order, disjoint.</summary>
public sealed class PortLists
{
    private static readonly IpProtocol[] s_protocols = [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp];
    private readonly MarkedPorts[][] _lists;

    private PortLists(MarkedPorts[][] lists)
    {
        _lists = lists;
        Count = lists.Sum(l => l.Length);
    }

    /// <summary>TCP, UDP and SCTP, in the order of the lists.</summary>
    public static IReadOnlyList<IpProtocol> Protocols => s_protocols;

    /// <summary>Ranges in all lists.</summary>
    public int Count { get; }

    /// <summary>The ranges of a protocol; none for one without marks.</summary>
    public IReadOnlyList<MarkedPorts> this[IpProtocol protocol] => ListOf(protocol);

    /// <summary>The mark of a port, 0 for none. Allocates nothing.</summary>
    public uint Find(IpProtocol protocol, ushort port)
    {
        MarkedPorts[] list = ListOf(protocol);
        int low = 0, high = list.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            ref readonly MarkedPorts range = ref list[middle];
            if (port < range.First) high = middle - 1;
            else if (port > range.Last) low = middle + 1;
            else return range.Mark;
        }

        return 0;
    }

    /// <summary>What a list of rules, of which the first that matches decides, says of the ports.</summary>
    /// <param name="rules">Rules that are all about the addresses in question.</param>
    internal static PortLists FirstMatch(IReadOnlyCollection<Rules.MarkRule> rules)
    {
        var lists = new MarkedPorts[s_protocols.Length][];
        for (int i = 0; i < lists.Length; i++)
        {
            var taken = new List<MarkedPorts>();
            foreach (Rules.MarkRule rule in rules)
            {
                if (rule.Protocol is null || rule.Protocol == s_protocols[i]) Take(taken, new MarkedPorts(rule.FirstPort, rule.LastPort, rule.Mark));
            }

            lists[i] = [.. taken.Where(r => r.Mark != 0)];
        }

        return new PortLists(lists);
    }

    /// <summary>Ranges of these whose marks somebody wants, and all of others; what both have counts once, under any of the marks.</summary>
    internal PortLists Union(PortLists others, Predicate<uint> isWanted)
    {
        var lists = new MarkedPorts[s_protocols.Length][];
        for (int i = 0; i < lists.Length; i++)
        {
            var merged = new List<MarkedPorts>();
            foreach (MarkedPorts range in _lists[i].Where(r => isWanted(r.Mark)).Concat(others._lists[i]).OrderBy(r => r.First))
            {
                if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
                    merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, range.Last) };
                else
                    merged.Add(range);
            }

            lists[i] = [.. merged];
        }

        return new PortLists(lists);
    }

    // Puts what is not taken yet of a range between what is; the list stays in order.
    private static void Take(List<MarkedPorts> taken, MarkedPorts range)
    {
        int next = range.First, at = 0;
        while (next <= range.Last)
        {
            while (at < taken.Count && taken[at].Last < next) at++;
            int end = at < taken.Count ? Math.Min(range.Last, taken[at].First - 1) : range.Last;
            if (next <= end) taken.Insert(at++, range with { First = (ushort)next, Last = (ushort)end });
            if (at == taken.Count) return;
            next = Math.Max(end, taken[at].Last) + 1;
        }
    }

    private MarkedPorts[] ListOf(IpProtocol protocol) => protocol switch
    {
        IpProtocol.Tcp => _lists[0],
        IpProtocol.Udp => _lists[1],
        IpProtocol.Sctp => _lists[2],
        _ => [],
    };
}
