using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>Packets of flows in force: what XDP and tc make of them, octet for octet.</summary>
public sealed class FlowForwardingTests(SharedFlows shared) : IClassFixture<SharedFlows>
{
    private const string Client = "203.0.113.7:40000", Vip = "10.0.0.1:80", Real = "192.168.1.10:8080", Local = "192.168.1.2:5000";
    private const string ClientV6 = "[2001:db8:7::7]:40000", VipV6 = "[2001:db8::1]:80", RealV6 = "[fd00::10]:8080", LocalV6 = "[fd00::2]:5000";

    private readonly FlowFixture _flows = shared.Empty();

    public static TheoryData<string, string> Cases()
    {
        var rows = new TheoryData<string, string>();
        foreach (string hook in (string[])["xdp", "tc"])
        {
            foreach (string family in (string[])["v4", "v6"])
            {
                foreach (string protocol in (string[])["tcp", "udp"])
                {
                    foreach (string kind in (string[])["nat", "nat reply", "fullnat", "fullnat reply", "direct", "tunnel", "tunnel df", "gre df", "gue df"])
                        rows.Add(hook, $"{family} {protocol} {kind}");
                }
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Packet_OfAFlow_LeavesAsTheDirectorWouldSendIt(string hook, string name)
    {
        string[] words = name.Split(' ', 3);
        bool isV4 = words[0] == "v4";
        IpProtocol protocol = words[1] == "tcp" ? IpProtocol.Tcp : IpProtocol.Udp;
        (string client, string vip, string real, string local) = isV4 ? (Client, Vip, Real, Local) : (ClientV6, VipV6, RealV6, LocalV6);
        (string From, string To, FlowAction Action, string NewFrom, string NewTo) flow = words[2] switch
        {
            "nat" => (client, vip, FlowAction.Rewrite, client, real),
            "nat reply" => (real, client, FlowAction.Rewrite | FlowAction.Reply, vip, client),
            "fullnat" => (client, vip, FlowAction.Rewrite, local, real),
            "fullnat reply" => (real, local, FlowAction.Rewrite | FlowAction.Reply, vip, client),
            "direct" => (client, vip, FlowAction.Direct, client, vip),
            "gre df" => (client, vip, FlowAction.Gre | FlowAction.OuterDontFragment, local, real),
            "gue df" => (client, vip, FlowAction.Gue | FlowAction.OuterDontFragment, local, real),
            "tunnel df" => (client, vip, FlowAction.Tunnel | FlowAction.OuterDontFragment, local, real),
            _ => (client, vip, FlowAction.Tunnel, local, real),
        };
        int line = _flows.Install(protocol, flow.From, flow.To, flow.Action, flow.NewFrom, flow.NewTo);
        for (int length = 0; length < 70; length++)
        {
            byte[] frame = Packet(protocol, flow.From, flow.To, length).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            (uint action, byte[] output, string counted) = _flows.Run(hook, frame);
            action.ShouldBe(hook == "xdp" ? FlowFixture.XDP_REDIRECT : FlowFixture.TC_ACT_REDIRECT, $"payload of {length}");
            counted.ShouldBe("flow_forwarded");
            PacketChecker.Verify(output);
            bool isTunnel = (flow.Action & FlowAction.Kind) >= FlowAction.Tunnel;
            bool keepsEnds = isTunnel || words[2] == "direct";
            PacketBuilder expected = Packet(protocol, keepsEnds ? flow.From : flow.NewFrom, keepsEnds ? flow.To : flow.NewTo, length).Ttl(63);
            if (isTunnel) expected = Outer(expected, flow.NewFrom, flow.NewTo, flow.Action, output);
            output.ShouldBe(expected.Macs(FlowFixture.HopSource, FlowFixture.HopTarget).Build(), $"payload of {length}");
        }

        ref FlowState state = ref _flows.StateOf(isV4, line);
        state.Packets.ShouldBe(70u);
        (ulong InboundPackets, ulong InboundOctets, ulong OutboundPackets, ulong OutboundOctets) counts = _flows.Counted();
        ulong octets = (ulong)Enumerable.Range(0, 70).Sum(l => Packet(protocol, flow.From, flow.To, l).BuildIp().Length);
        bool isReply = (flow.Action & FlowAction.Reply) != 0;
        counts.ShouldBe(isReply ? (0UL, 0UL, 70UL, octets) : (70UL, octets, 0UL, 0UL));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void VlanTags_InXdp_AreTakenOffPutOnAndReplaced(bool isTagged, bool hopIsTagged)
    {
        foreach ((IpProtocol protocol, string from, string to, string newTo) in (
            (IpProtocol, string, string, string)[])[(IpProtocol.Udp, Client, Vip, Real), (IpProtocol.Tcp, ClientV6, VipV6, RealV6)])
        {
            _flows.Install(protocol, from, to, FlowAction.Rewrite, from, newTo, hopIsTagged ? FlowFixture.TaggedHop : FlowFixture.PlainHop);
            PacketBuilder packet = Packet(protocol, from, to, 100).Macs(FlowFixture.Peer, FlowFixture.Us);
            PacketBuilder expected = Packet(protocol, from, newTo, 100).Ttl(63).Macs(FlowFixture.HopSource, FlowFixture.HopTarget);
            if (isTagged) packet.Vlan(100, 5);
            if (hopIsTagged) expected.Vlan(FlowFixture.HopVlan);
            (uint action, byte[] output, _) = _flows.Run("xdp", packet.Build());
            action.ShouldBe(FlowFixture.XDP_REDIRECT);
            output.ShouldBe(expected.Build());
        }
    }

    private static PacketBuilder Packet(IpProtocol protocol, string from, string to, int length)
    {
        PacketBuilder packet = protocol == IpProtocol.Tcp
            ? PacketBuilder.Tcp(from, to, TcpFlags.Psh).Seq(1000).Ack(5000).Nop().Nop().Timestamps(7, 9)
            : PacketBuilder.Udp(from, to);
        return packet.Payload(length).Tos((byte)(length & 7)).Id((ushort)((length * 977) & 0xFFFF)).DontFragment(length % 2 == 0);
    }

    private static PacketBuilder Outer(PacketBuilder inner, string from, string to, FlowAction action, byte[] output)
    {
        byte[] octets = inner.BuildIp();
        bool isV4 = octets[0] >> 4 == 4;
        int tos = isV4 ? octets[1] : ((octets[0] << 4) | (octets[1] >> 4)) & 0xFF;

        // RFC 3168: congestion that was met before the tunnel is not marked a second time.
        if ((tos & 3) == 3) tos = (tos & 0xFC) | 2;
        byte protocol = isV4 ? (byte)4 : (byte)41;
        int length = octets.Length + 12;
        byte[] gue = [0xC0, 0x01, 0x17, 0xC0, (byte)(length >> 8), (byte)(length & 0xFF), 0, 0, 0, protocol, 0, 0];
        byte[] gre = [0, 0, .. isV4 ? (byte[])[8, 0] : [0x86, 0xDD]];
        (byte next, byte[] shim) = (action & FlowAction.Kind) switch
        {
            FlowAction.Gre => ((byte)47, gre),
            FlowAction.Gue => ((byte)17, gue),
            _ => (protocol, []),
        };
        PacketBuilder outer = PacketBuilder.Ip(Endpoints.Parse(from).Address, Endpoints.Parse(to).Address, next)
            .Payload([.. shim, .. octets]).Ttl(63).Tos((byte)tos);
        bool hasDf = isV4 && (action & FlowAction.OuterDontFragment) != 0 && (octets[6] & 0x40) != 0;

        // Without DF the identification is a random one: it is taken over from what is checked.
        return hasDf ? outer.DontFragment() : outer.Id(isV4 ? (ushort)((output[18] << 8) | output[19]) : (ushort)0);
    }
}
