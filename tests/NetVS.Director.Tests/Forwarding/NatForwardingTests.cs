using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class NatForwardingTests
{
    [Fact]
    public void Syn_NewConnection_IsRewrittenToTheRealServer()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080", "10.1.0.11:8080");
        PacketBuilder Syn(string to) => PacketBuilder.Tcp("203.0.113.7:40000", to, TcpFlags.Syn).Seq(1).Id(7);

        Sent sent = rig.FromClient(Syn("192.0.2.1:80").Ttl(64));

        sent.ShouldTransmit(Syn("10.1.0.10:8080").Ttl(63).Macs(B0, RealMac(10)));
        sent.Interface.ShouldBe(rig.InterfaceOf("b0"));
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("SYN_RECV");
    }

    [Fact]
    public void Reply_OfAConnection_GetsTheVirtualEndBack()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080");
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Syn));
        PacketBuilder Answer(string from) =>
            PacketBuilder.Tcp(from, "203.0.113.7:40000", TcpFlags.Syn | TcpFlags.Ack).Seq(9).Ack(2).Id(3);

        Sent sent = rig.FromReal(Answer("10.1.0.10:8080").Ttl(64));

        sent.ShouldTransmit(Answer("192.0.2.1:80").Ttl(63).Macs(F0, Router));
        sent.Interface.ShouldBe(rig.InterfaceOf("f0"));
    }

    [Fact]
    public void Ipv6_BothWays_IsRewritten()
    {
        using DirectorRig rig = new DirectorRig().Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:8080");
        PacketBuilder Syn(string to) => PacketBuilder.Tcp("[2001:db8:f::7]:40000", to, TcpFlags.Syn).Seq(1);
        PacketBuilder Answer(string from) => PacketBuilder.Tcp(from, "[2001:db8:f::7]:40000", TcpFlags.Syn).Seq(9).Ack(2);

        rig.FromClient(Syn("[2001:db8::80]:80").Ttl(64)).ShouldTransmit(Syn("[2001:db8:b::10]:8080").Ttl(63).Macs(B0, RealMac(10)));
        rig.FromReal(Answer("[2001:db8:b::10]:8080").Ttl(9)).ShouldTransmit(Answer("[2001:db8::80]:80").Ttl(8).Macs(F0, Router));
    }

    [Fact]
    public void Udp_WithChecksum_IsUpdatedIncrementally()
    {
        using DirectorRig rig = new DirectorRig().Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, "10.1.0.10:5353");
        PacketBuilder Query(string to) => PacketBuilder.Udp("203.0.113.7:40000", to).Payload("query");

        rig.FromClient(Query("192.0.2.1:53").Ttl(64)).ShouldTransmit(Query("10.1.0.10:5353").Ttl(63).Macs(B0, RealMac(10)));
    }

    [Fact]
    public void Udp_WithoutChecksum_GetsAFullOne()
    {
        using DirectorRig rig = new DirectorRig().Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, "10.1.0.10:5353");
        PacketBuilder Query(string to) => PacketBuilder.Udp("203.0.113.7:40000", to).Payload("query");

        rig.FromClient(Query("192.0.2.1:53").NoChecksum().Ttl(64)).ShouldTransmit(Query("10.1.0.10:5353").Ttl(63).Macs(B0, RealMac(10)));
    }

    [Fact]
    public void PartialChecksum_StaysPartial()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080");
        PacketBuilder Syn(string to) => PacketBuilder.Tcp("203.0.113.7:40000", to, TcpFlags.Syn).PartialChecksum();

        Sent sent = rig.FromClient(Syn("192.0.2.1:80").Ttl(64));

        sent.ShouldTransmit(Syn("10.1.0.10:8080").Ttl(63).Macs(B0, RealMac(10)));
        sent.Offload.NeedsChecksum.ShouldBeTrue();
    }

    [Fact]
    public void EthernetPadding_IsNotForwarded()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080");

        Sent sent = rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Syn).PadEthernet());

        sent.Verdict.ShouldBe(Verdict.Transmit);
        sent.Frame.Length.ShouldBe(14 + 20 + 20);
    }

    [Fact]
    public void DestinationPortZero_KeepsTheVirtualPort()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:0");
        PacketBuilder Syn(string to) => PacketBuilder.Tcp("203.0.113.7:40000", to, TcpFlags.Syn);

        rig.FromClient(Syn("192.0.2.1:80").Ttl(64)).ShouldTransmit(Syn("10.1.0.10:80").Ttl(63).Macs(B0, RealMac(10)));
    }
}
