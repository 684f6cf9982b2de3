using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>A way for packets through the director's host.</summary>
internal interface IForwardingPath
{
    /// <summary>Its name in tables.</summary>
    string Name { get; }

    /// <summary>Where clients send to.</summary>
    Ipv4Address Target { get; }

    /// <summary>The port of the web service at <see cref="Target"/>.</summary>
    ushort WebPort { get; }

    /// <summary>What it must make of a datagram to <see cref="Target"/>.</summary>
    SinkExpectation Expectation { get; }

    /// <summary>Sets it up.</summary>
    /// <param name="network">Where.</param>
    /// <param name="load">What it must carry.</param>
    /// <exception cref="BenchException">It is not to be had here.</exception>
    RunningPath Begin(BenchNetwork network, PathLoad load);
}
