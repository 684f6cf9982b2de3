using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Capture;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Control.Replay;

/// <summary>Reads a capture once to find out what it shows of the network around the director.</summary>
/// <remarks>
/// The director's MAC is the one that frames to a VIP were sent to, the first seen counting. Whoever sends from an address is
/// the way to that address: a client behind a router gets the router's MAC, a real server on the link its own, and so for ARP and for
/// what the director itself sent, where the capture has it. A real server the capture never shows gets a MAC made from its address
/// (02:4e, then the last four octets), so that what is sent to it can be told apart.
/// </remarks>
internal sealed class CaptureSurvey
{
    private const int InterfaceIndex = 2;
    private const int VlanIndex = 3;
    private readonly HashSet<IpAddress> _own = [];
    private readonly Dictionary<IpAddress, MacAddress> _macs = [];
    private readonly List<string> _assumptions = [];
    private readonly RuleSet _rules;
    private string _name;
    private MacAddress? _director;
    private ushort _vlanId;
    private int _longest = 1500;

    private CaptureSurvey(RuleSet rules, string name)
    {
        _rules = rules;
        _name = name;
        foreach (ServiceRules service in rules.Services)
        {
            if (!service.Rule.Key.IsMark) _own.Add(service.Rule.Key.Address);
            _own.UnionWith(service.LocalAddresses);
        }
    }

    /// <summary>What was concluded and made up, as sentences.</summary>
    public IReadOnlyList<string> Assumptions => _assumptions;

    /// <summary>Reads the capture.</summary>
    public static CaptureSurvey Of(ReplayInput input, RuleSet rules)
    {
        var survey = new CaptureSurvey(rules, input.InterfaceName ?? "eth0");
        using Stream stream = input.Open();
        var frames = new List<(MacAddress Source, MacAddress Destination, IpAddress From, IpAddress To)>();
        try
        {
            ICaptureReader reader = CaptureReader.Open(stream);
            while (reader.TryReadNext(out CapturedPacket packet)) survey.Look(packet, frames);
            if (reader.Interfaces.Count > 1)
                throw new ReplayException($"{input.Label}: the capture has {reader.Interfaces.Count} interfaces: describe them with --network FILE");
            if (input.InterfaceName is null && reader.Interfaces is [{ Name.Length: > 0 } only]) survey._name = only.Name;
        }
        catch (Exception problem) when (problem is CaptureFormatException or IOException)
        {
            // The replay itself meets the fault in its place, and says so there; without a first packet there is nothing to do.
            if (survey._director is null) throw new ReplayException($"{input.Label}: {problem.Message}");
        }

        survey.Conclude(input.Label);
        return survey;
    }

    /// <summary>Makes the state what was found.</summary>
    public void Publish(NetworkState state)
    {
        MacAddress mac = _director!.Value;
        int over = _vlanId == 0 ? InterfaceIndex : VlanIndex;
        var builder = new NetworkSnapshotBuilder()
            .Add(new NetworkInterface(1, "lo", default, 65536, true) { IsLoopback = true })
            .Add(new NetworkInterface(InterfaceIndex, _name, mac, _longest, true));
        if (_vlanId != 0) builder.Add(new NetworkInterface(VlanIndex, $"{_name}.{_vlanId}", mac, _longest, true, InterfaceIndex, _vlanId));
        foreach (IpFamily family in (ReadOnlySpan<IpFamily>)[IpFamily.V4, IpFamily.V6])
            builder.Add(new NetworkRoute(IpAddress.AnyOf(family), 0, [new RouteHop(over)]));
        foreach (IpAddress own in _own.Order())
        {
            int length = own.Size * 8;
            builder.Add(new NetworkAddress(over, own, length));
            builder.Add(new NetworkRoute(own, length, [new RouteHop(1)]) { Table = RouteTableId.Local, Kind = RouteKind.Local });
        }

        foreach ((IpAddress address, MacAddress known) in _macs) state.NextHops.SetNeighbour(over, address, NextHopState.Reachable, known);
        state.Publish(builder);
    }

    private void Look(in CapturedPacket packet, List<(MacAddress Source, MacAddress Destination, IpAddress From, IpAddress To)> pending)
    {
        ReadOnlySpan<byte> frame = packet.Data.Span;
        if (frame.Length < EthernetHeader.Size) return;
        MacAddress destination = MacAddress.Read(frame);
        MacAddress source = MacAddress.Read(frame[MacAddress.Size..]);
        if (!PacketShape.TryParse(frame, out PacketShape shape))
        {
            LookAtArp(frame, shape);
            return;
        }

        (IpAddress from, IpAddress to) = AddressesOf(frame[shape.IpOffset..], shape.Family);

        // A frame longer than the usual one was put together by the card, or the link carries jumbo frames; the MTU cannot be
        // told from that. Fragmenting what passed unfragmented would be wrong in both cases.
        _longest = Math.Clamp(shape.IpLength, _longest, 65535);
        if (_director is null && !destination.IsGroup && _own.Contains(to))
        {
            _director = destination;
            _vlanId = shape.VlanId;
            foreach ((MacAddress Source, MacAddress Destination, IpAddress From, IpAddress To) early in pending)
                Learn(early.Source, early.Destination, early.From, early.To);
            pending.Clear();
        }

        if (_director is null) pending.Add((source, destination, from, to));
        else Learn(source, destination, from, to);
    }

    private void LookAtArp(ReadOnlySpan<byte> frame, in PacketShape shape)
    {
        const ushort EtherTypeArp = 0x0806;
        int at = EthernetHeader.Size + (4 * shape.VlanTags);
        if (shape.EtherType != EtherTypeArp || frame.Length < at || !ArpPacket.TryParse(frame[at..], out ArpPacket arp)) return;
        IpAddress sender = arp.SenderAddress.Host;
        if (!sender.IsAny && !_own.Contains(sender)) _macs.TryAdd(sender, arp.SenderMac.Host);
    }

    private void Learn(MacAddress source, MacAddress destination, IpAddress from, IpAddress to)
    {
        if (source == _director && !destination.IsGroup && !_own.Contains(to)) _macs.TryAdd(to, destination);
        else if (source != _director && !source.IsGroup && !_own.Contains(from)) _macs.TryAdd(from, source);
    }

    private void Conclude(string label)
    {
        if (_director is not { } director)
        {
            throw new ReplayException(_own.Count == 0
                ? $"{label}: the rules have no virtual service, so the director's interface cannot be told: describe it with --network FILE"
                : $"{label}: no packet to a virtual address ({string.Join(", ", _own.Order().Take(5))}): is it the director's capture? Else describe the network with --network FILE");
        }

        string tagged = _vlanId == 0 ? "" : $", VLAN {_vlanId}";
        _assumptions.Add($"interface {_name}, MAC {director}{tagged}, IP MTU {_longest}; everybody is its neighbour, with the MAC the capture shows");
        foreach (DestinationRule server in _rules.Services.SelectMany(s => s.Destinations))
        {
            IpAddress address = server.Real.Address;
            if (_own.Contains(address) || _macs.ContainsKey(address)) continue;
            uint last = address.Family == IpFamily.V4 ? address.V4.Value : unchecked((uint)address.V6.Low);
            _macs[address] = new MacAddress(0x024E_0000_0000UL | last);
            _assumptions.Add($"real server {address} is not in the capture: its MAC is made up, {_macs[address]}");
        }
    }

    private static (IpAddress From, IpAddress To) AddressesOf(ReadOnlySpan<byte> header, IpFamily family) => family == IpFamily.V4
        ? (Ipv4Address.Read(header[12..]), Ipv4Address.Read(header[16..]))
        : (Ipv6Address.Read(header[8..]), Ipv6Address.Read(header[24..]));
}
