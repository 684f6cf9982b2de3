using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Connections that end with resets, where golden packets do not go: FULLNAT's shifted numbers, tunnels, drains, what is left alone.</summary>
public sealed class ResetTests
{
    private static readonly ServiceKey s_key = Key(IpProtocol.Tcp, "192.0.2.1:80");

    private static DirectorRig Rig(ForwardingMethod method, bool resets = true)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0").Service("192.0.2.1:80", method, "10.1.0.10:80");
        rig.Engine.AddLocalAddress(s_key, IpAddress.Parse("10.1.0.2")).ShouldBe(RuleResult.Ok);
        rig.Engine.EditService(rig.Engine.FindService(s_key)!.Rule with { Options = new ServiceOptions { Resets = resets, TcpTimeout = 5 } }).ShouldBe(RuleResult.Ok);
        return rig;
    }

    private static PacketBuilder Request(TcpFlags flags, uint seq, uint ack = 0, int port = 40000) =>
        PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", flags).Seq(seq).AckNumber(ack).Ttl(64);

    private static List<Sent> Pass(DirectorRig rig, double seconds)
    {
        List<Sent> sent = [];
        for (double passed = 0; passed < seconds; passed += 0.25)
        {
            int before = rig.Emitted.Count;
            rig.Now += TimeSpan.FromSeconds(0.25);
            rig.Engine.Tick(rig.Now);
            for (int i = 0; i < 1000 && rig.Worker.AdvanceTimers(rig.Now) <= rig.Now; i++) { }
            sent.AddRange(rig.Emitted.Skip(before));
        }

        return sent;
    }

    private static void Open(DirectorRig rig, int port = 40000)
    {
        rig.FromClient(Request(TcpFlags.Syn, 100, port: port)).Verdict.ShouldBe(Verdict.Transmit);
        rig.FromClient(Request(TcpFlags.Ack, 101, 501, port)).Verdict.ShouldBe(Verdict.Transmit);
    }

    // Behind an outer header of IPIP, too.
    private static TcpHeader TcpOf(Sent sent, int more = 0) => WireView.ReadAt<TcpHeader>(sent.Frame, 34 + more);

    [Theory]
    [InlineData(ForwardingMethod.FullNat, 2, 0)]
    [InlineData(ForwardingMethod.Tunnel, 1, 20)]
    public void Idle_ClientAnswers_BothAreReset(ForwardingMethod method, int asked, int outer)
    {
        using DirectorRig rig = Rig(method);
        uint first = TcpOf(rig.FromClient(Request(TcpFlags.Syn, 100)), outer).Sequence.Host;
        rig.FromClient(Request(TcpFlags.Ack, 101, 501));
        Pass(rig, 6).Count.ShouldBe(asked);
        Sent toClient = rig.FromClient(Request(TcpFlags.Ack, 101, 501));
        (TcpOf(toClient).Flags, TcpOf(toClient).Sequence.Host).ShouldBe((TcpFlags.Rst, 501u));
        toClient.Reason.ShouldBe(DropReason.ConnectionReset);

        // FULLNAT's server counts from another number than the client.
        TcpHeader toReal = TcpOf(rig.Emitted.ShouldHaveSingleItem(), outer);
        (toReal.Flags, toReal.Sequence.Host).ShouldBe((TcpFlags.Rst, unchecked(first + 1)));
        rig.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void DrainsDeadline_AsksTheEnds_AndTheNextSegmentResets()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        rig.Engine.EditService(rig.Engine.FindService(s_key)!.Rule with { Options = new ServiceOptions { Resets = true } }).ShouldBe(RuleResult.Ok);
        Open(rig);
        rig.Engine.Tick(rig.Now);
        rig.Engine.Drain(s_key, Endpoints.Parse("10.1.0.10:80"), false, TimeSpan.FromSeconds(3)).ShouldBe(RuleResult.Ok);
        Pass(rig, 2).ShouldBeEmpty();
        Pass(rig, 2).Count.ShouldBe(2);
        rig.FromClient(Request(TcpFlags.Ack | TcpFlags.Psh, 101, 501).Payload(10)).Reason.ShouldBe(DropReason.ConnectionReset);
        rig.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void DeletedServer_NextSegmentComesBeforeTheSweep()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig);
        rig.Engine.DeleteDestination(s_key, Endpoints.Parse("10.1.0.10:80")).ShouldBe(RuleResult.Ok);
        Sent toClient = rig.FromClient(Request(TcpFlags.Ack, 101, 501));
        (TcpOf(toClient).Flags, TcpOf(toClient).Sequence.Host).ShouldBe((TcpFlags.Rst, 501u));
        rig.Drops(DropReason.ConnectionReset).ShouldBe(1);
    }

    [Fact]
    public void WithoutTheOption_OrHalfOpen_NobodyIsAsked()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat, resets: false);
        Open(rig);
        Pass(rig, 7).ShouldBeEmpty();
        rig.FromClient(Request(TcpFlags.Ack, 101, 501)).Verdict.ShouldBe(Verdict.ToStack);

        using DirectorRig other = Rig(ForwardingMethod.Nat);
        other.FromClient(Request(TcpFlags.Syn, 100));
        Pass(other, 62).ShouldBeEmpty();
        other.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void AnswerThatIsASyn_BeginsAgain()
    {
        using DirectorRig rig = Rig(ForwardingMethod.DirectRouting);
        Open(rig);
        Pass(rig, 6).Count.ShouldBe(1);
        rig.FromClient(Request(TcpFlags.Syn, 900)).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void Strays_AllocateNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        byte[] frame = Request(TcpFlags.Ack, 101, 501).Macs(Router, F0).Build(), buffer = new byte[2048];
        int device = rig.InterfaceOf("f0");
        Allocations.Measure(10_000, () =>
        {
            frame.CopyTo(buffer, Packet.Headroom);
            var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = device };
            rig.Worker.Process(ref packet, rig.Now);
        }).ShouldBe(0);
        rig.Drops(DropReason.ConnectionReset).ShouldBeGreaterThan(9_999);
    }
}
