using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>The kernel forwards, clients address the server itself: what forwarding costs without any translation.</summary>
internal sealed class KernelPath : IForwardingPath
{
    /// <inheritdoc/>
    public string Name => "kernel forwarding";

    /// <inheritdoc/>
    public Ipv4Address Target => BenchNetwork.Real;

    /// <inheritdoc/>
    public ushort WebPort => BenchNetwork.RealWebPort;

    /// <inheritdoc/>
    public SinkExpectation Expectation => SinkExpectation.Of(BenchNetwork.ServerMac, BenchNetwork.Real);

    /// <inheritdoc/>
    public RunningPath Begin(BenchNetwork network, PathLoad load) => new(static () => { });
}
