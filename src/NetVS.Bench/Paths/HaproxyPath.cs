using System.Diagnostics;
using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>HAProxy in TCP mode: two connections for each, joined in user space.</summary>
internal sealed class HaproxyPath : IForwardingPath
{
    /// <summary>Its name in tables.</summary>
    public const string Title = "HAProxy (TCP)";

    /// <inheritdoc/>
    public string Name => Title;

    /// <inheritdoc/>
    public Ipv4Address Target => BenchNetwork.Virtual;

    /// <inheritdoc/>
    public ushort WebPort => BenchNetwork.WebPort;

    /// <inheritdoc/>
    public SinkExpectation Expectation => throw new NotSupportedException("a TCP proxy carries no datagrams");

    /// <inheritdoc/>
    public RunningPath Begin(BenchNetwork network, PathLoad load)
    {
        string file = Path.Combine(network.Folder, "haproxy.cfg");
        File.WriteAllText(file, $"""
            global
              nbthread 2
              maxconn 4000
            defaults
              mode tcp
              option splice-auto
              backlog 8192
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            listen web
              bind {BenchNetwork.Virtual}:{BenchNetwork.WebPort}
              server real {BenchNetwork.Real}:{BenchNetwork.RealWebPort}
            listen bulk
              bind {BenchNetwork.Virtual}:{BenchNetwork.BulkPort}
              server real {BenchNetwork.Real}:{BenchNetwork.BulkPort}

            """);
        Process process = Listener.Start(network.Director, "haproxy", BenchNetwork.BulkPort, "haproxy", "-db", "-f", file);
        return new RunningPath(() => Tool.End(process)) { Process = process };
    }
}
