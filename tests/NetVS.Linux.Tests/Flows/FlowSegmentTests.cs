using NetVS.Director.Offload;
using NetVS.Linux.Flows;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>TCP segments: events and their reports, shifted numbers.</summary>
public sealed class FlowSegmentTests : IDisposable
{
    private const string Client = "203.0.113.7:40000", Vip = "10.0.0.1:80", Real = "192.168.1.10:8080", Local = "192.168.1.2:5000";
    private const string ClientV6 = "[2001:db8:7::7]:40000", VipV6 = "[2001:db8::1]:80", RealV6 = "[fd00::10]:8080", LocalV6 = "[fd00::2]:5000";

    private readonly FlowFixture _flows = new();

    [Theory]
    [InlineData("xdp", true)]
    [InlineData("tc", true)]
    [InlineData("xdp", false)]
    [InlineData("tc", false)]
    public void Event_ThatIsNotQuiet_IsReportedAndForwarded(string hook, bool isV4)
    {
        (int request, int reply) = InstallPair(isV4);
        ref FlowState state = ref _flows.StateOf(isV4, request);
        ref FlowState pair = ref _flows.StateOf(isV4, reply);
        state.Report = 0x700 | (uint)FlowEvents.Ack;
        pair.Report = 0x700 | (uint)(FlowEvents.Ack | FlowEvents.Fin);
        FlowRing ring = _flows.Memory.Rings[1];

        _flows.Run(hook, Segment(isV4, TcpFlags.Ack)).Counted.ShouldBe("flow_forwarded");
        ring.IsEmpty.ShouldBeTrue("an acknowledgment is quiet");
        _flows.Run(hook, Segment(isV4, TcpFlags.Fin | TcpFlags.Ack | TcpFlags.Psh)).Counted.ShouldBe("flow_forwarded");
        ring.TryRead(out FlowEvent report).ShouldBeTrue();
        report.Line.ShouldBe((uint)request);
        report.Version.ShouldBe(FlowAbi.Generation | FlowAbi.Live);
        report.Family.ShouldBe((byte)(isV4 ? 4 : 6));
        report.Flags.ShouldBe((byte)(TcpFlags.Fin | TcpFlags.Ack | TcpFlags.Psh));
        unchecked(FlowMaps.Now - report.When).ShouldBeLessThan(3u);
        (state.Report, pair.Report).ShouldBe((0x800u, 0x800u), "the report counts in both lines, and both are loud");

        _flows.Run(hook, Segment(isV4, TcpFlags.Ack)).Counted.ShouldBe("flow_forwarded");
        ring.TryRead(out report).ShouldBeTrue("loud until the director says otherwise");
        report.Flags.ShouldBe((byte)TcpFlags.Ack);
        (state.Report, pair.Report).ShouldBe((0x900u, 0x900u));

        Interlocked.CompareExchange(ref state.Report, 0x900u | (uint)FlowEvents.Ack, 0x900u).ShouldBe(0x900u);
        _flows.Run(hook, Segment(isV4, TcpFlags.Ack)).Counted.ShouldBe("flow_forwarded");
        ring.TryRead(out _).ShouldBeFalse();
        _flows.Counted().InboundPackets.ShouldBe(4UL);
    }

    [Theory]
    [InlineData(TcpFlags.Ack, (int)FlowEvents.Ack)]
    [InlineData(TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Urg | TcpFlags.Ece, (int)FlowEvents.Ack)]
    [InlineData(TcpFlags.Rst, (int)FlowEvents.Rst)]
    [InlineData(TcpFlags.Rst | TcpFlags.Ack | TcpFlags.Fin, (int)FlowEvents.Rst)]
    [InlineData(TcpFlags.Fin, (int)FlowEvents.Fin)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, (int)FlowEvents.Fin)]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack, (int)FlowEvents.Syn)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack, (int)FlowEvents.Syn)]
    public void Event_OfASegment_IsTheFirstThatFits(TcpFlags flags, int @event)
    {
        int line = _flows.Install(IpProtocol.Tcp, Real, Client, FlowAction.Rewrite | FlowAction.Reply, Vip, Client);
        ref FlowState state = ref _flows.StateOf(true, line);
        byte[] frame = PacketBuilder.Tcp(Real, Client, flags).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        state.Report = (uint)@event;
        _flows.Run("xdp", frame).Counted.ShouldBe("flow_forwarded");
        _flows.Memory.Rings[0].TryRead(out _).ShouldBeFalse("quiet");
        state.Report = (uint)(FlowEvents.Ack | FlowEvents.Fin | FlowEvents.Rst | FlowEvents.Syn) & ~(uint)@event;
        _flows.Run("xdp", frame).Counted.ShouldBe("flow_forwarded");
        _flows.Memory.Rings[0].TryRead(out _).ShouldBeTrue("loud");
    }

    [Fact]
    public void Report_ThatFindsNoRoom_LeavesThePacketToTheDirector_AndIsNotCounted()
    {
        (int request, int reply) = InstallPair(true);
        ref FlowState state = ref _flows.StateOf(true, request);
        state.Report = 0;
        byte[] frame = Segment(true, TcpFlags.Ack);
        uint reports = 0;
        string counted;
        while ((counted = _flows.Run("tc", frame).Counted) == "flow_forwarded") reports++;
        counted.ShouldBe("flow_up_ring");
        reports.ShouldBe(4096u / 24 - ((4096u / 24 * 24) == 4096 ? 1u : 0u), "a report takes 24 octets");
        (state.Report, _flows.StateOf(true, reply).Report >> 8).ShouldBe((reports << 8, reports));
        for (uint i = 0; i < reports; i++) _flows.Memory.Rings[1].TryRead(out _).ShouldBeTrue();
        _flows.Memory.Rings[1].TryRead(out _).ShouldBeFalse();
        _flows.Run("tc", frame).Counted.ShouldBe("flow_forwarded", "there is room again");

        while (_flows.Run("tc", frame).Counted == "flow_forwarded") { }
        _flows.SetDirector(isDead: true);
        _flows.Run("tc", frame).Counted.ShouldBe("flow_forwarded", "a dead director reads no reports");
    }

    [Theory]
    [InlineData("xdp", true)]
    [InlineData("tc", true)]
    [InlineData("xdp", false)]
    [InlineData("tc", false)]
    public void Numbers_AreShifted(string hook, bool isV4)
    {
        const uint Delta = 0xF000_0007;
        (string client, string vip, string real, string local) = isV4 ? (Client, Vip, Real, Local) : (ClientV6, VipV6, RealV6, LocalV6);
        int request = _flows.Install(IpProtocol.Tcp, client, vip, FlowAction.Rewrite | FlowAction.Shift, local, real);
        int reply = _flows.Install(IpProtocol.Tcp, real, local, FlowAction.Rewrite | FlowAction.Shift | FlowAction.Reply, vip, client);
        _flows.StateOf(isV4, request).SequenceDelta = _flows.StateOf(isV4, reply).SequenceDelta = Delta;
        for (uint i = 0; i < 40; i++)
        {
            uint sequence = unchecked(i * 0x0F00_1234), acknowledgment = unchecked(i * 0x1100_4321);
            bool hasTimestamps = i % 2 == 1;
            Check(client, vip, local, real, sequence, acknowledgment, unchecked(sequence + Delta), acknowledgment, TcpFlags.Ack, hasTimestamps);
            Check(real, local, vip, client, sequence, acknowledgment, sequence, unchecked(acknowledgment - Delta), TcpFlags.Ack, hasTimestamps);
            Check(real, local, vip, client, sequence, acknowledgment, sequence, acknowledgment, TcpFlags.Rst, hasTimestamps);
        }

        void Check(string from, string to, string newFrom, string newTo, uint seq, uint ack, uint newSeq, uint newAck, TcpFlags flags, bool hasTimestamps)
        {
            byte[] frame = Make(from, to, seq, ack).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            (_, byte[] output, string counted) = _flows.Run(hook, frame);
            counted.ShouldBe("flow_forwarded");
            output.ShouldBe(Make(newFrom, newTo, newSeq, newAck).Ttl(63).Macs(FlowFixture.HopSource, FlowFixture.HopTarget).Build());

            PacketBuilder Make(string source, string target, uint sequence, uint acknowledgment)
            {
                PacketBuilder packet = PacketBuilder.Tcp(source, target, flags).Seq(sequence).AckNumber(acknowledgment).Payload(33);
                return hasTimestamps ? packet.Nop().Nop().Timestamps(3, 4) : packet;
            }
        }
    }

    [Fact]
    public void ShortFrame_MayHaveEthernetPadding()
    {
        _flows.Install(IpProtocol.Tcp, Client, Vip, FlowAction.Rewrite, Client, Real);
        byte[] frame = PacketBuilder.Tcp(Client, Vip, TcpFlags.Ack).Macs(FlowFixture.Peer, FlowFixture.Us).PadEthernet().Build();
        byte[] expected = PacketBuilder.Tcp(Client, Real, TcpFlags.Ack).Ttl(63).Macs(FlowFixture.HopSource, FlowFixture.HopTarget).PadEthernet().Build();
        foreach (string hook in (string[])["xdp", "tc"])
        {
            (_, byte[] output, string counted) = _flows.Run(hook, frame);
            counted.ShouldBe("flow_forwarded");
            output.ShouldBe(expected);
        }

        _flows.Counted().InboundOctets.ShouldBe(80UL, "padding is not counted");
    }

    [Fact]
    public void UdpWithoutChecksum_PassesWhereItsEndsStay()
    {
        _flows.Install(IpProtocol.Udp, Client, Vip, FlowAction.Direct, Client, Vip);
        byte[] frame = PacketBuilder.Udp(Client, Vip).Payload(9).NoChecksum().Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        byte[] expected = PacketBuilder.Udp(Client, Vip).Payload(9).NoChecksum().Ttl(63).Macs(FlowFixture.HopSource, FlowFixture.HopTarget).Build();
        foreach (string hook in (string[])["xdp", "tc"]) _flows.Run(hook, frame).Frame.ShouldBe(expected);
    }

    [Fact]
    public void Udp_WhoseSumBecomesZero_IsSentAsAllOnes()
    {
        _flows.Install(IpProtocol.Udp, Client, Vip, FlowAction.Rewrite, Client, Real);
        int found = 0;
        for (int i = 0; i < 65536 && found < 2; i++)
        {
            byte[] payload = [(byte)(i >> 8), (byte)(i & 0xFF)];
            byte[] expected = PacketBuilder.Udp(Client, Real).Payload(payload).Ttl(63).Macs(FlowFixture.HopSource, FlowFixture.HopTarget).Build();
            if (expected[40] != 0xFF || expected[41] != 0xFF) continue;
            found++;
            byte[] frame = PacketBuilder.Udp(Client, Vip).Payload(payload).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            foreach (string hook in (string[])["xdp", "tc"]) _flows.Run(hook, frame).Frame.ShouldBe(expected);
        }

        found.ShouldBeGreaterThan(0);
    }

    public void Dispose() => _flows?.Dispose();

    private (int Request, int Reply) InstallPair(bool isV4)
    {
        (string client, string vip, string real) = isV4 ? (Client, Vip, Real) : (ClientV6, VipV6, RealV6);
        int request = _flows.Install(IpProtocol.Tcp, client, vip, FlowAction.Rewrite, client, real);
        int reply = _flows.Install(IpProtocol.Tcp, real, client, FlowAction.Rewrite | FlowAction.Reply, vip, client);
        _flows.StateOf(isV4, request).Pair = (uint)reply + 1;
        _flows.StateOf(isV4, reply).Pair = (uint)request + 1;
        _flows.StateOf(isV4, request).Worker = _flows.StateOf(isV4, reply).Worker = 1;
        return (request, reply);
    }

    private static byte[] Segment(bool isV4, TcpFlags flags) =>
        PacketBuilder.Tcp(isV4 ? Client : ClientV6, isV4 ? Vip : VipV6, flags).Payload(10).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
}
