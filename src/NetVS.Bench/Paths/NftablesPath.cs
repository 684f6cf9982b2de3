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
    public SinkExpectation Expectation => SinkExpectation.Of(BenchNetwork.ServerMac, BenchNetwork.Real);

    /// <inheritdoc/>
    public RunningPath Begin(BenchNetwork network, PathLoad load)
    {
        network.Tracking.Need(load.Flows);
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
        return new RunningPath(() =>
        {
            network.Director.Run("nft", "delete", "table", "ip", "bench");

            // What is left of the connections would be searched and timed out while the next subject is measured.
            network.Director.Run("conntrack", "-F");
        });
    }
}
