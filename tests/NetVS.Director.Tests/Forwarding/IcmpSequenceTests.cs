using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Flows;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>ICMP errors about TCP whose quoted sequence number cannot be one on its way (icmp_seq_window).</summary>
public sealed class IcmpSequenceTests
{
    private const string RouterAddress = "198.18.0.9", Peer = "203.0.113.7:40000", Web = "192.0.2.1:80", Server = "10.1.0.10:8080";
    private const uint ClientNumber = 1000, ServerNumber = 0xFFFF_FF00, Window = 64 * 1024;

    private static DirectorRig Rig(ForwardingMethod method, FlowTestMemory? flows = null)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0", flows: flows).Service(Web, method, method == ForwardingMethod.Nat ? Server : "10.1.0.10:80");
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, Web), IpAddress.Parse("10.1.0.2"));
        rig.Engine.Settings.TrySet("icmp_seq_window", "64", out _).ShouldBeTrue();
        return rig;
    }

    // The client's half; of NAT the server's, too.
    private static void Open(DirectorRig rig, ForwardingMethod method)
    {
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Syn).Seq(ClientNumber)).Verdict.ShouldBe(Verdict.Transmit);
        if (method == ForwardingMethod.Nat) rig.FromReal(PacketBuilder.Tcp(Server, Peer, TcpFlags.Syn | TcpFlags.Ack).Seq(ServerNumber).Ack(ClientNumber + 1));
        if (method == ForwardingMethod.FullNat) rig.FromReal(PacketBuilder.Tcp("10.1.0.10:80", "10.1.0.2:5000", TcpFlags.Syn | TcpFlags.Ack).Seq(ServerNumber).Ack(1));
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(ClientNumber + 1).Ack(unchecked(ServerNumber + 1))).Verdict.ShouldBe(Verdict.Transmit);
    }

    private static Sent AboutReply(DirectorRig rig, uint number) => rig.FromClient(
        PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, PacketBuilder.Tcp(Web, Peer, TcpFlags.Ack).Seq(number).Ack(1).Payload("lost").BuildIp().AsSpan(0, 28), 1400));

    private static Sent AboutRequest(DirectorRig rig, uint number) => rig.FromReal(
        PacketBuilder.IcmpError("10.1.0.10", Client, 3, 1, PacketBuilder.Tcp(Peer, Server, TcpFlags.Ack).Seq(number).Ack(1).Payload("lost").BuildIp().AsSpan(0, 28)));

    public static TheoryData<ForwardingMethod, uint, bool> Numbers
    {
        get
        {
            var data = new TheoryData<ForwardingMethod, uint, bool>();
            foreach (ForwardingMethod method in (ForwardingMethod[])[ForwardingMethod.Nat, ForwardingMethod.DirectRouting, ForwardingMethod.Tunnel, ForwardingMethod.FullNat])
            {
                // FULLNAT knows where the server began, the others what the client has acknowledged.
                uint known = method == ForwardingMethod.FullNat ? ServerNumber : unchecked(ServerNumber + 1);
                foreach ((uint distance, bool isNear) in (ReadOnlySpan<(uint, bool)>)[(0, true), (Window, true), (Window + 1, false), (0x8000_0000, false)])
                {
                    data.Add(method, unchecked(known + distance), isNear);
                    data.Add(method, unchecked(known - distance), isNear);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void ErrorAboutAReply_IsBelievedWhereItsNumberIsNear(ForwardingMethod method, uint number, bool isNear)
    {
        using DirectorRig rig = Rig(method);
        Open(rig, method);
        AboutReply(rig, number).Verdict.ShouldBe(isNear ? Verdict.Transmit : Verdict.Drop);
        rig.Drops(DropReason.IcmpSequence).ShouldBe(isNear ? 0 : 1);
        rig.Engine.Settings.TrySet("icmp_seq_window", "0", out _);
        AboutReply(rig, number).Verdict.ShouldBe(Verdict.Transmit, "as IPVS");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(Window, true)]
    [InlineData(Window + 1, false)]
    [InlineData(0x7000_0000, false)]
    public void ErrorAboutARequest_IsBelievedWhereItsNumberIsNear(uint distance, bool isNear)
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig, ForwardingMethod.Nat);
        AboutRequest(rig, ClientNumber + 1 + distance).Verdict.ShouldBe(isNear ? Verdict.Transmit : Verdict.Drop);
        AboutRequest(rig, unchecked(ClientNumber + 1 - distance)).Verdict.ShouldBe(isNear ? Verdict.Transmit : Verdict.Drop);
    }

    [Fact]
    public void FullNat_AfterTheClientHasAcknowledged_TheLastNumberCounts_AndNoAddressIsInserted()
    {
        using DirectorRig rig = Rig(ForwardingMethod.FullNat);
        Open(rig, ForwardingMethod.FullNat);
        uint later = unchecked(ServerNumber + (4 * Window));
        AboutReply(rig, later).Verdict.ShouldBe(Verdict.Drop);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(ClientNumber + 1).Ack(later));
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(ClientNumber + 1).Ack(later));
        AboutReply(rig, later).Verdict.ShouldBe(Verdict.Transmit);
        long inserted = rig.Worker.CountEvents(ForwardingEvent.ToaInserted);
        rig.Engine.Settings.TrySet("icmp_seq_window", "0", out _);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(ClientNumber + 1).Ack(unchecked(later + 1)));
        rig.Worker.CountEvents(ForwardingEvent.ToaInserted).ShouldBe(inserted);
    }

    // Segments pass the fast path unseen: the first error is dropped, the lost segment is sent again and seen, its error is believed.
    [Fact]
    public void InTheFastPath_TheErrorAboutWhatIsSentAgainIsBelieved()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat, new FlowTestMemory());
        Open(rig, ForwardingMethod.Nat);
        uint far = unchecked(ServerNumber + 0x0100_0000);
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(2);
        rig.FromReal(PacketBuilder.Tcp(Server, Peer, TcpFlags.Ack).Seq(far).Ack(ClientNumber + 1).Payload("lost")).Verdict.ShouldBe(Verdict.Transmit);
        AboutReply(rig, far).Verdict.ShouldBe(Verdict.Drop);
        rig.FromReal(PacketBuilder.Tcp(Server, Peer, TcpFlags.Ack).Seq(far).Ack(ClientNumber + 1).Payload("lost")).Verdict.ShouldBe(Verdict.Transmit);
        AboutReply(rig, far).Verdict.ShouldBe(Verdict.Transmit);
        rig.Drops(DropReason.IcmpSequence).ShouldBe(1);
    }

    [Fact]
    public void UnknownNumbers_AreNotBelieved_ButWhatAnErrorBegan()
    {
        using DirectorRig rig = Rig(ForwardingMethod.DirectRouting);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Syn).Seq(ClientNumber));
        AboutReply(rig, ServerNumber).Verdict.ShouldBe(Verdict.Drop, "no acknowledgement of the client's was seen");

        using DirectorRig other = Rig(ForwardingMethod.DirectRouting);
        other.Engine.Settings.TrySet("schedule_icmp", "1", out _);
        AboutReply(other, ServerNumber).Verdict.ShouldBe(Verdict.Transmit);
        AboutReply(other, 5).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void Reset_TeachesNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig, ForwardingMethod.Nat);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Rst).Seq(0x7000_0000));
        AboutRequest(rig, 0x7000_0000).Verdict.ShouldBe(Verdict.Drop);
        AboutRequest(rig, ClientNumber + 1).Verdict.ShouldBe(Verdict.Transmit);
    }

    // A forged error must not make a tunnel's path narrow.
    [Theory]
    [InlineData(0, true)]
    [InlineData(0x1000_0000, false)]
    public void ErrorAboutATunnel_TeachesWhereTheNumberInsideIsNear(uint distance, bool isTaken)
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);
        Open(rig, ForwardingMethod.Tunnel);
        PacketBuilder inside = PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(ClientNumber + 1 + distance).DontFragment().Payload("lost");
        rig.FromReal(PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 4, PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4).Encapsulate(inside).BuildIp(), 600));
        rig.Worker.CountEvents(ForwardingEvent.PathMtuLearned).ShouldBe(isTaken ? 1 : 0);
        rig.Drops(DropReason.IcmpSequence).ShouldBe(isTaken ? 0 : 1);
    }
}
