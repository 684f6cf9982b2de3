using System.Diagnostics;
using NetVS.Director.Offload;
using NetVS.Linux.Flows;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>What the fast path leaves to others: packets of a flow that go up to the director, and packets it does not look at.</summary>
public sealed class FlowRefusalTests(SharedFlows shared) : IClassFixture<SharedFlows>
{
    private const string Client = "203.0.113.7:40000", Vip = "10.0.0.1:80", Real = "192.168.1.10:8080", Local = "192.168.1.2:5000";
    private const string ClientV6 = "[2001:db8:7::7]:40000", VipV6 = "[2001:db8::1]:80", RealV6 = "[fd00::10]:8080";

    private readonly FlowFixture _flows = shared.Empty();

    [Theory]
    [InlineData("flow_up_ttl")]
    [InlineData("flow_up_size")]
    [InlineData("flow_up_checksum")]
    [InlineData("flow_up_syn")]
    [InlineData("flow_up_syn shifted reply")]
    [InlineData("flow_up_flags")]
    [InlineData("flow_up_options")]
    [InlineData("flow_up_options end of list")]
    [InlineData("flow_up_hop none")]
    [InlineData("flow_up_hop unusable")]
    [InlineData("flow_up_hop being written")]
    [InlineData("flow_up_hop without xdp")]
    [InlineData("flow_up_withdrawn")]
    [InlineData("flow_up_expired")]
    [InlineData("flow_up_ring none")]
    public void Packet_OfAFlowThatCannotBeHandled_GoesUpUnchanged(string reason)
    {
        foreach (bool isV4 in (bool[])[true, false])
        {
            (string from, string to, string real) = isV4 ? (Client, Vip, Real) : (ClientV6, VipV6, RealV6);
            IpProtocol protocol = reason.Contains("checksum", StringComparison.Ordinal) ? IpProtocol.Udp : IpProtocol.Tcp;
            int hop = reason switch
            {
                "flow_up_hop none" => 0,
                "flow_up_hop without xdp" => FlowFixture.NoXdpHop,
                "flow_up_hop unusable" => 100,
                "flow_up_hop being written" => 101,
                _ => FlowFixture.PlainHop,
            };
            _flows.SetHop(101, 0, FlowAbi.HopXdp, version: 3);
            FlowAction action = FlowAction.Rewrite;
            if (reason.Contains("options", StringComparison.Ordinal) || reason.Contains("shifted", StringComparison.Ordinal)) action |= FlowAction.Shift;
            if (reason.Contains("reply", StringComparison.Ordinal)) action |= FlowAction.Reply;
            int line = _flows.Install(protocol, from, to, action, from, real, hop);
            PacketBuilder packet = protocol == IpProtocol.Udp ? PacketBuilder.Udp(from, to).NoChecksum() : PacketBuilder.Tcp(from, to, TcpFlags.Ack);
            packet.Payload(100);
            ref FlowState state = ref _flows.StateOf(isV4, line);
            switch (reason)
            {
                case "flow_up_ttl": packet.Ttl(1); break;
                case "flow_up_size": state.IpMtu = (ushort)(isV4 ? 139 : 159); break;
                case "flow_up_syn": packet = PacketBuilder.Tcp(from, to, TcpFlags.Syn); break;
                case "flow_up_syn shifted reply": packet = PacketBuilder.Tcp(from, to, TcpFlags.Syn | TcpFlags.Ack); break;
                case "flow_up_flags": packet = PacketBuilder.Tcp(from, to, TcpFlags.Psh); break;
                case "flow_up_options": packet.Nop().Nop().Sack((1, 2)); break;
                case "flow_up_options end of list": packet.Timestamps(1, 2); break;
                case "flow_up_withdrawn": _flows.ForEachCounter((ref FlowCounter c) => c.Withdrawn = 1); break;
                case "flow_up_ring none": (state.Report, state.Worker) = (0, 9); break;
                case "flow_up_expired":
                    _flows.SetDirector(isDead: true);
                    state.LastSeen = unchecked(FlowMaps.Now - ((60 * 1000 / 134) + 20));
                    break;
            }

            byte[] frame = packet.Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            FlowState before = state;
            bool isDead = reason == "flow_up_expired";
            string counter = reason.Split(' ')[0];
            Expect("xdp", isDead ? FlowFixture.XDP_PASS : FlowFixture.XDP_DROP, $"divert_no_director {counter}");
            if (reason != "flow_up_hop without xdp")
            {
                Expect("tc", isDead ? FlowFixture.TC_ACT_UNSPEC : FlowFixture.TC_ACT_SHOT, isDead ? $"divert_no_director {counter}" : counter);
                Expect("filter", uint.MaxValue, "");
            }

            _flows.StateOf(isV4, line).ShouldBe(before, $"{reason}: the director counts it");
            _flows.ForEachCounter((ref FlowCounter c) => c.Withdrawn = 0);
            _flows.SetDirector(isDead: false);

            void Expect(string hook, uint expected, string counted)
            {
                (uint action, byte[] output, string actual) = _flows.Run(hook, frame);
                actual.ShouldBe(counted, $"{reason}, v4 {isV4}, {hook}");
                action.ShouldBe(expected, $"{reason}, v4 {isV4}, {hook}");
                if (hook != "filter") output.ShouldBe(frame);
            }
        }

        _flows.Counted().ShouldBe((0UL, 0UL, 0UL, 0UL));
    }

    [Fact]
    public void UnsegmentedFrame_IsAsLongAsItsSegments_AndNeverGoesIntoATunnel()
    {
        _flows.Install(IpProtocol.Tcp, Client, Vip, FlowAction.Rewrite, Client, Real);
        _flows.Install(IpProtocol.Tcp, ClientV6, VipV6, FlowAction.Tunnel, "[fd00::2]:1", RealV6);
        byte[] frame = PacketBuilder.Tcp(Client, Vip, TcpFlags.Ack).Payload(3000).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        byte[] tunnelled = PacketBuilder.Tcp(ClientV6, VipV6, TcpFlags.Ack).Payload(3000).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        _flows.Run("tc", frame, 1460).Counted.ShouldBe("flow_forwarded");
        _flows.Run("tc", frame, 1461).Counted.ShouldBe("flow_up_size");
        _flows.Run("tc", tunnelled, 1200).Counted.ShouldBe("flow_up_segments");
    }

    public static TheoryData<string, byte[]> Others()
    {
        var rows = new TheoryData<string, byte[]>();
        void Row(string name, PacketBuilder packet) => rows.Add(name, packet.Macs(FlowFixture.Peer, FlowFixture.Us).Build());
        PacketBuilder Tcp() => PacketBuilder.Tcp(Client, Vip, TcpFlags.Ack).Payload(60);
        PacketBuilder V6() => PacketBuilder.Tcp(ClientV6, VipV6, TcpFlags.Ack).Payload(60);
        byte[] Changed(PacketBuilder packet, int at, byte value)
        {
            byte[] frame = packet.Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            frame[at] = value;
            return frame;
        }

        Row("first fragment", Tcp().Fragment(0, true));
        Row("later fragment", Tcp().Fragment(64, false));
        Row("ip options", Tcp().IpOptions(7, 7, 4, 0, 0, 0, 0, 0));
        Row("extension header", V6().HopByHop());
        Row("v6 fragment header", V6().Fragment(0, true, 5));
        Row("another port", PacketBuilder.Tcp("203.0.113.7:40001", Vip, TcpFlags.Ack));
        Row("another source", PacketBuilder.Tcp("203.0.113.8:40000", Vip, TcpFlags.Ack));
        Row("another protocol", PacketBuilder.Udp(Client, Vip));
        Row("another v6 source", PacketBuilder.Tcp("[2001:db8:7::8]:40000", VipV6, TcpFlags.Ack));
        Row("another v6 target", PacketBuilder.Tcp(ClientV6, "[2001:db8:0:1::1]:80", TcpFlags.Ack));
        Row("sctp", PacketBuilder.Sctp(Client, Vip, SctpChunkType.Data));
        rows.Add("another MAC", Tcp().Macs(FlowFixture.Peer, "02:00:00:00:00:99").Build());
        rows.Add("bad header checksum", Changed(Tcp(), 24, 0x55));
        rows.Add("octets behind the packet", [.. Tcp().Macs(FlowFixture.Peer, FlowFixture.Us).Build(), 1]);
        rows.Add("cut short", Tcp().Macs(FlowFixture.Peer, FlowFixture.Us).Build()[..^1]);
        rows.Add("TCP header longer than the packet", Changed(PacketBuilder.Tcp(Client, Vip, TcpFlags.Ack), 46, 0x60));
        rows.Add("TCP header too short", Changed(Tcp(), 46, 0x40));
        rows.Add("v6 packet of another version", Changed(V6(), 14, 0x50));
        rows.Add("v6 cut short", V6().Macs(FlowFixture.Peer, FlowFixture.Us).Build()[..^1]);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void Packet_ThatIsNoneOfAFlow_IsDecidedWithoutTheTable(string name, byte[] frame)
    {
        _flows.Install(IpProtocol.Tcp, Client, Vip, FlowAction.Rewrite, Client, Real);
        _flows.Install(IpProtocol.Tcp, ClientV6, VipV6, FlowAction.Rewrite, ClientV6, RealV6);
        _flows.Run("xdp", PacketBuilder.Tcp(Client, Vip, TcpFlags.Ack).Macs(FlowFixture.Peer, FlowFixture.Us).Build()).Counted.ShouldBe("flow_forwarded");
        foreach (string hook in (string[])["xdp", "tc"])
        {
            (uint action, byte[] output, string counted) = _flows.Run(hook, frame);
            counted.ShouldStartWith("divert_", customMessage: name);
            action.ShouldBe(hook == "xdp" ? FlowFixture.XDP_PASS : FlowFixture.TC_ACT_UNSPEC, name);
            output.ShouldBe(frame, name);
        }
    }

    [Theory]
    [InlineData(FlowAbi.Generation | FlowAbi.Busy, false)]
    [InlineData(FlowAbi.Generation | FlowAbi.Free, false)]
    [InlineData(uint.MaxValue, false)]
    [InlineData(FlowAbi.Live, true)]
    [InlineData(unchecked(0u - 2), true)]
    public void Line_CountsOnlyInForce(uint version, bool isInForce)
    {
        foreach (bool isV4 in (bool[])[true, false])
        {
            (string from, string to, string real) = isV4 ? (Client, Vip, Real) : (ClientV6, VipV6, RealV6);
            _flows.Install(IpProtocol.Udp, from, to, FlowAction.Rewrite, from, real, version: version);
            byte[] frame = PacketBuilder.Udp(from, to).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            foreach (string hook in (string[])["xdp", "tc"])
                _flows.Run(hook, frame).Counted.ShouldBe(isInForce ? "flow_forwarded" : "divert_passed");
        }
    }

    [Fact]
    public void Line_ThatChangesWhilePacketsPass_IsNeverTorn()
    {
        int line = _flows.Install(IpProtocol.Udp, Client, Vip, FlowAction.Rewrite, Client, Real);
        byte[] frame = PacketBuilder.Udp(Client, Vip).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        byte[] first = _flows.Run("xdp", frame).Frame;
        FlowLineV4 one = _flows.Memory.LinesV4[line], other = one;
        (other.NewSource, other.NewTarget, other.NewSourcePort, other.NewTargetPort, other.Hop) = (~one.NewSource, ~one.NewTarget, 1, 2, FlowFixture.TaggedHop);
        _flows.Memory.LinesV4[line] = other;
        byte[] second = _flows.Run("xdp", frame).Frame;
        int[] seen = new int[3];
        bool isOver = false;
        var writer = new Thread(() =>
        {
            ref FlowLineV4 flow = ref _flows.Memory.LinesV4[line];
            uint generation = flow.Version & ~FlowAbi.StateMask;
            for (int i = 0; !Volatile.Read(ref isOver); i++)
            {
                generation = unchecked(generation + FlowAbi.Generation);
                Volatile.Write(ref flow.Version, generation | FlowAbi.Busy);
                ref readonly FlowLineV4 next = ref i % 2 == 0 ? ref one : ref other;
                Volatile.Write(ref flow.NewSource, next.NewSource);
                Volatile.Write(ref flow.Hop, next.Hop);
                Volatile.Write(ref flow.NewTargetPort, next.NewTargetPort);
                Volatile.Write(ref flow.NewTarget, next.NewTarget);
                Volatile.Write(ref flow.NewSourcePort, next.NewSourcePort);
                Volatile.Write(ref flow.Version, generation | FlowAbi.Live);
                Thread.SpinWait(i % 97);
            }
        });
        writer.Start();
        try
        {
            _flows.RunThere(() =>
            {
                byte[] output = new byte[200];
                long began = Stopwatch.GetTimestamp();

                // On busy cores the two threads may hardly ever run at the same time: then it takes longer.
                for (int i = 0; i < 100_000 || (seen.Min() <= 10 && Stopwatch.GetElapsedTime(began).TotalSeconds < 60); i++)
                {
                    ReadOnlySpan<byte> result = output.AsSpan(0, _flows.Program.Xdp.TestRun(frame, output).PacketLength);
                    int which = result.SequenceEqual(first) ? 0 : result.SequenceEqual(second) ? 1 : result.SequenceEqual(frame) ? 2 : -1;
                    which.ShouldBeGreaterThanOrEqualTo(0, Convert.ToHexString(result));
                    seen[which]++;
                }
            });
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            writer.Join();
        }

        seen.ShouldAllBe(count => count > 10, "both contents and misses were seen");
    }

    [Fact]
    public void Line_InItsSecondBucket_IsFoundWhileTheFirstSaysThatThereAreSome()
    {
        foreach (bool isV4 in (bool[])[true, false])
        {
            (string from, string to, string real) = isV4 ? (Client, Vip, Real) : (ClientV6, VipV6, RealV6);
            _flows.Install(IpProtocol.Udp, from, to, FlowAction.Rewrite, from, real, isInSecond: true);
            byte[] frame = PacketBuilder.Udp(from, to).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            foreach (string hook in (string[])["xdp", "tc"]) _flows.Run(hook, frame).Counted.ShouldBe("flow_forwarded");
            for (int i = 0; i < _flows.Memory.LinesV4.Length; i++) _flows.Memory.LinesV4[i].State.Overflow = 0;
            for (int i = 0; i < _flows.Memory.LinesV6.Length; i++) _flows.Memory.LinesV6[i].State.Overflow = 0;
            _flows.Run("xdp", frame).Counted.ShouldBe("divert_passed");
        }
    }

    [Fact]
    public void Table_ThatIsNotEnabled_IsNotAsked()
    {
        _flows.Install(IpProtocol.Udp, Client, Vip, FlowAction.Rewrite, Client, Real);
        byte[] frame = PacketBuilder.Udp(Client, Vip).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        _flows.Maps.IsEnabled = false;
        foreach (string hook in (string[])["xdp", "tc"]) _flows.Run(hook, frame).Counted.ShouldBe("divert_passed");
        _flows.Maps.IsEnabled = true;
        foreach (string hook in (string[])["xdp", "tc"]) _flows.Run(hook, frame).Counted.ShouldBe("flow_forwarded");
    }

    [Fact]
    public void Flow_OutlivesItsDirector_UntilItsTimeout()
    {
        int line = _flows.Install(IpProtocol.Udp, Client, Vip, FlowAction.Rewrite, Client, Real);
        byte[] frame = PacketBuilder.Udp(Client, Vip).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        _flows.SetDirector(isDead: true);
        _flows.StateOf(true, line).LastSeen = unchecked(FlowMaps.Now - 400);
        _flows.Run("xdp", frame).Counted.ShouldBe("flow_forwarded", "54 of 60 seconds");
        unchecked(FlowMaps.Now - _flows.StateOf(true, line).LastSeen).ShouldBeLessThan(3u, "the packet has renewed it");
    }

}
