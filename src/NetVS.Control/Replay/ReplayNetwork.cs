using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Capture;
using NetVS.Rules;

namespace NetVS.Control.Replay;

/// <summary>The network a replay takes place in, and which of its interfaces a captured packet came in by.</summary>
internal sealed class ReplayNetwork
{
    private readonly string _origin;

    private ReplayNetwork(NetworkState state, string origin)
    {
        State = state;
        _origin = origin;
    }

    /// <summary>The director's view of it.</summary>
    public NetworkState State { get; }

    /// <summary>What was assumed, as sentences; none when the network came from a file.</summary>
    public IReadOnlyList<string> Assumptions { get; private init; } = [];

    /// <summary>The interfaces that can be captured on and sent by: those with an Ethernet wire of their own.</summary>
    public IEnumerable<NetworkInterface> Wires => State.Interfaces.Where(i => i is { IsEthernet: true, IsLoopback: false, VlanId: 0 });

    /// <summary>Reads a network file.</summary>
    public static ReplayNetwork FromFile(string text, string file)
    {
        IpBatch batch = IpBatch.Parse(text);
        if (batch.Diagnostics.Count > 0) throw new ReplayException(string.Join('\n', batch.Diagnostics.Select(d => $"{file}:{d}")));
        var state = new NetworkState();
        batch.Publish(state);
        var network = new ReplayNetwork(state, file);
        if (!network.Wires.Any()) throw new ReplayException($"{file}: no interface: add a line 'link set dev NAME address MAC up'");
        return network;
    }

    /// <summary>One interface on which everybody is a neighbour, with the MACs the capture shows.</summary>
    public static ReplayNetwork FromCapture(ReplayInput input, RuleSet rules)
    {
        CaptureSurvey survey = CaptureSurvey.Of(input, rules);
        var state = new NetworkState();
        survey.Publish(state);
        return new ReplayNetwork(state, "the network taken from the capture") { Assumptions = survey.Assumptions };
    }

    /// <summary>The index of the interface a packet was received on.</summary>
    /// <param name="input">The capture it is in.</param>
    /// <param name="captured">The capture's own interface.</param>
    public int FindInterface(ReplayInput input, CaptureInterface captured)
    {
        string name = input.InterfaceName ?? captured.Name;
        if (name.Length > 0 && Wires.FirstOrDefault(i => i.Name == name) is { } named) return named.Index;
        NetworkInterface[] wires = [.. Wires];
        if (input.InterfaceName is null && (captured.Name.Length == 0 || Assumptions.Count > 0) && wires.Length == 1) return wires[0].Index;
        throw new ReplayException(name.Length == 0
            ? $"{input.Label}: the capture does not say its interface, and there are several: give it with -i NAME={input.Label}"
            : $"{input.Label}: no interface '{name}' in {_origin}: there {(wires.Length == 1 ? "is" : "are")} {string.Join(", ", wires.Select(w => w.Name))}"
              + $"; add a line 'link set dev {name} address MAC up', or say another one with -i NAME={input.Label}");
    }
}
