using NetVS.Director.Marks;
using NetVS.Director.Services;
using NetVS.Linux.Bpf;
using NetVS.Packets;

namespace NetVS.Linux.Divert;

/// <summary>The maps of bpf/mark.h: which packets are marked.</summary>
/// <remarks>
/// A set is written whole: its ranges into the half of the array that the former one does not use, then each prefix's entry, which points there, then
/// the prefixes that are gone are taken out. So at any time every address finds the former answer or the new one. Thread: one at a time.
/// </remarks>
internal sealed class MarkMaps(BpfMap networks, BpfMap ranges) : IDisposable
{
    private readonly Dictionary<(IpAddress Network, int Length), mark_network> _written = [];
    private IReadOnlyList<MarkedNetwork> _set = [];
    private uint _half;

    /// <summary>Replaces the set.</summary>
    /// <exception cref="DivertException">It has too many prefixes or ranges; the former one is still in force.</exception>
    public void Apply(IReadOnlyList<MarkedNetwork> set)
    {
        if (ReferenceEquals(set, _set)) return;
        int count = set.Sum(n => n.Ports.Count);
        if (count > DivertAbi.MARK_RANGES || set.Count > DivertAbi.MARK_NETWORKS)
            throw new DivertException($"the mark rules, with those that connections still need, come to {set.Count} prefixes and {count} ranges of ports, and {DivertAbi.MARK_NETWORKS} and {DivertAbi.MARK_RANGES} are the most");
        uint next = _half = DivertAbi.MARK_RANGES - _half;
        foreach (MarkedNetwork network in set)
        {
            mark_network value = default;
            for (int i = 0; i < PortLists.Protocols.Count; i++)
            {
                IReadOnlyList<MarkedPorts> list = network.Ports[PortLists.Protocols[i]];
                value.first[i] = next;
                value.count[i] = (uint)list.Count;
                foreach (MarkedPorts ports in list) ranges.Update(next++, new mark_range { first = ports.First, last = ports.Last });
            }

            networks.Update(mark_key.Of(network.Network, network.PrefixLength), value);
            _written[(network.Network, network.PrefixLength)] = value;
        }

        HashSet<(IpAddress, int)> kept = [.. set.Select(n => (n.Network, n.PrefixLength))];
        foreach ((IpAddress network, int length) in _written.Keys.Where(k => !kept.Contains(k)).ToArray())
        {
            networks.Delete(mark_key.Of(network, length));
            _written.Remove((network, length));
        }

        _set = set;
    }

    /// <summary>Removes prefixes that another director left and this one has not written.</summary>
    public void ForgetInherited()
    {
        HashSet<string> kept = [.. _written.Keys.Select(k => Text(mark_key.Of(k.Network, k.Length)))];
        foreach (byte[] key in networks.ToKeys())
            if (!kept.Contains(Convert.ToHexString(key))) networks.Delete(key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        networks.Dispose();
        ranges.Dispose();
    }

    private static string Text(mark_key key) =>
        Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<mark_key>(in key)));
}
