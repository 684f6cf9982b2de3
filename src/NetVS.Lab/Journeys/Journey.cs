using System.Globalization;
using NetVS.Lab.Hosts;
using NetVS.Packets;

namespace NetVS.Lab.Journeys;

/// <summary>Follows one connection hop by hop through the captures and holds it against the textbook.</summary>
internal sealed class Journey(
    IReadOnlyDictionary<LabLink, IReadOnlyList<WirePacket>> captures,
    IReadOnlyList<Hop> inbound, IReadOnlyList<Hop> outbound, IEnumerable<LabLink> links)
{
    private readonly Dictionary<MacAddress, LabLink> _names = links.ToDictionary(l => l.Mac);
    private ushort _clientPort;
    private ushort _localPort;

    /// <summary>Prints every hop of every step beside what the textbook says.</summary>
    /// <param name="clientPort">The client's port, which names the connection.</param>
    /// <param name="print">Takes each line.</param>
    /// <returns>How many hops differ from the textbook or are missing.</returns>
    public int Print(ushort clientPort, Action<string> print)
    {
        _clientPort = clientPort;
        _localPort = 0;
        int differences = 0;
        long? began = null;
        foreach (Step step in Step.All)
        {
            print($"  {step.Name}");
            foreach (Hop hop in step.IsInbound ? inbound : outbound)
            {
                WirePacket? packet = Find(step, hop);
                if (packet is null)
                {
                    print($"    {hop.From} > {hop.To}");
                    print($"      textbook  {Describe(hop)}");
                    print("      wire      MISSING: no such packet was captured there");
                    differences++;
                    continue;
                }

                began ??= packet.Time;
                string? difference = Compare(step, hop, packet);
                print(string.Create(CultureInfo.InvariantCulture, $"    {hop.From} > {hop.To}   +{(packet.Time - began.Value) / 1e6:0.000} ms   {hop.Because}"));
                print($"      wire      {Describe(packet)}");
                print($"      textbook  {Describe(hop)}   {(difference is null ? "ok" : "DIFFERS: " + difference)}");
                if (difference is not null) differences++;
            }
        }

        return differences;
    }

    private WirePacket? Find(Step step, Hop hop)
    {
        WirePacket? best = null;
        foreach (WirePacket packet in captures[hop.To])
        {
            if (!step.Matches(packet) || !Belongs(packet.Source, hop.Source) || !Belongs(packet.Destination, hop.Destination)) continue;
            // A switch floods what it has not learnt yet, and a one-armed director is passed twice: the frame's ends tell the hop.
            if (packet.SourceMac == hop.From.Mac && packet.DestinationMac == hop.To.Mac && packet.Outer.HasValue == hop.Outer.HasValue)
            {
                LearnLocalPort(hop, packet);
                return packet;
            }

            best ??= packet.DestinationMac == hop.To.Mac ? packet : null;
        }

        return best;
    }

    // The only ports the textbook cannot know are the client's, which names the connection, and FULLNAT's local one.
    private bool Belongs(IpEndpoint actual, IpEndpoint expected) =>
        actual.Address == expected.Address && (expected.Port != 0
            ? actual.Port == expected.Port
            : actual.Port == _clientPort || _localPort == 0 || actual.Port == _localPort);

    private void LearnLocalPort(Hop hop, WirePacket packet)
    {
        if (hop.Source.Port == 0 && packet.Source.Port != _clientPort) _localPort = packet.Source.Port;
    }

    private string? Compare(Step step, Hop hop, WirePacket packet)
    {
        if (packet.SourceMac != hop.From.Mac) return $"source MAC {Name(packet.SourceMac)}";
        if (packet.DestinationMac != hop.To.Mac) return $"destination MAC {Name(packet.DestinationMac)}";
        if (packet.Outer != hop.Outer) return hop.Outer is null ? "tunnelled" : $"outer header {packet.Outer}";
        if (packet.Shim != hop.Shim) return packet.Shim.Length == 0 ? "plain IP in IP" : packet.Shim;
        if (packet.Ttl != hop.Ttl) return $"TTL {packet.Ttl}";
        bool mayCarry = step.Name is "ACK" or "request";
        if (hop.CarriesClientAddress && mayCarry && packet.ClientAddress?.Port != _clientPort) return "no TOA option with the client's port";
        return !hop.CarriesClientAddress && packet.ClientAddress is not null ? "an unexpected TOA option" : null;
    }

    private string Describe(WirePacket packet)
    {
        string outer = packet.Outer is { } o ? $"[{o.Source} > {o.Destination}{Shim(packet.Shim)}] " : "";
        string toa = packet.ClientAddress is { } client ? $" TOA {client}" : "";
        return $"{Name(packet.SourceMac)} > {Name(packet.DestinationMac)}  {outer}{packet.Source} > {packet.Destination}  ttl {packet.Ttl}{toa}";
    }

    private static string Describe(Hop hop)
    {
        string outer = hop.Outer is { } o ? $"[{o.Source} > {o.Destination}{Shim(hop.Shim)}] " : "";
        return $"{hop.From} > {hop.To}  {outer}{Port(hop.Source)} > {Port(hop.Destination)}  ttl {hop.Ttl}{(hop.CarriesClientAddress ? " (TOA on ACK and request)" : "")}";
    }

    private static string Shim(string shim) => shim.Length == 0 ? "" : $" {shim}";

    private static string Port(IpEndpoint endpoint)
    {
        string text = endpoint.ToString();
        return endpoint.Port == 0 ? text[..^1] + "*" : text;
    }

    private string Name(MacAddress mac) => _names.TryGetValue(mac, out LabLink? link) ? link.ToString() : mac.ToString();
}
