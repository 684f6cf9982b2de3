using NetVS.Bench.Wires;
using NetVS.Linux.Bpf;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>An XDP program that does nothing but write MACs and redirect: the floor under every forwarder.</summary>
internal sealed class RedirectPath : IForwardingPath
{
    /// <inheritdoc/>
    public string Name => "XDP redirect";

    /// <inheritdoc/>
    public Ipv4Address Target => BenchNetwork.Virtual;

    /// <inheritdoc/>
    public ushort WebPort => 0;

    /// <inheritdoc/>
    public SinkExpectation Expectation => SinkExpectation.Of(BenchNetwork.ServerMac, BenchNetwork.Virtual);

    /// <inheritdoc/>
    public RunningPath Begin(BenchNetwork network, PathLoad load)
    {
        BpfObject program = PacketBench.LoadObject();
        using BpfMap configurations = program.Map("configurations");
        var configuration = new BenchConfiguration { Output = PacketBench.IndexOf(network.Director, "d1") };
        configuration.SetMacs(BenchNetwork.BackMac, BenchNetwork.ServerMac);
        configurations.Update(0u, configuration);
        BpfProgram redirect = program.Program("redirect");
        BpfLink link = PacketBench.Attach(network.Director, "d0", redirect);
        return new RunningPath(() =>
        {
            link.Dispose();
            redirect.Dispose();
            program.Dispose();
        });
    }
}
