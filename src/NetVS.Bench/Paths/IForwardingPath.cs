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

    /// <summary>Why it cannot carry so many flows here; null when it can.</summary>
    string? FindLimit(int flows) => null;

    /// <summary>Sets it up; what is returned takes it down again.</summary>
    /// <exception cref="BenchException">It is not to be had here.</exception>
    IDisposable Begin(BenchNetwork network);
}
