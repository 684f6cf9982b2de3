using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>The kernel's connection tracking translates (nftables DNAT).</summary>
internal sealed class NftablesPath : IForwardingPath
{
    /// <inheritdoc/>
    public string Name => "nftables DNAT";

    /// <inheritdoc/>
    public Ipv4Address Target => BenchNetwork.Virtual;

    /// <inheritdoc/>
    public ushort WebPort => BenchNetwork.WebPort;

    /// <inheritdoc/>
    public string? FindLimit(int flows)
    {
        // One number for the whole machine, and so not ours to change.
        const string Limit = "/proc/sys/net/netfilter/nf_conntrack_max";
        return File.Exists(Limit) && int.TryParse(File.ReadAllText(Limit), out int most) && flows > most
            ? $"{flows} flows are more than this machine's connection tracking may hold ({most}): sysctl net.netfilter.nf_conntrack_max"
            : null;
    }

    /// <inheritdoc/>
    public IDisposable Begin(BenchNetwork network)
    {
        string rules = $$"""
            table ip bench {
              chain prerouting {
                type nat hook prerouting priority dstnat;
                ip daddr {{BenchNetwork.Virtual}} udp dport {{BenchNetwork.DatagramPort}} dnat to {{BenchNetwork.Real}}:{{BenchNetwork.DatagramPort}}
                ip daddr {{BenchNetwork.Virtual}} tcp dport {{BenchNetwork.WebPort}} dnat to {{BenchNetwork.Real}}:{{BenchNetwork.RealWebPort}}
                ip daddr {{BenchNetwork.Virtual}} tcp dport {{BenchNetwork.BulkPort}} dnat to {{BenchNetwork.Real}}:{{BenchNetwork.BulkPort}}
              }
            }
            """;
        Tool.Run("nsenter", network.Director.Enter("nft", "-f", "-"), rules);
        return new Cleanup(() => network.Director.Run("nft", "delete", "table", "ip", "bench"));
    }
}
