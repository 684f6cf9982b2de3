using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class DirectRoutingTests
{
    [Fact]
    public void Request_GetsOnlyTheRealServersMac()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.1.0.10:80", "10.1.0.11:80");
        PacketBuilder Syn(int port) => PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn).Payload("x");

        rig.FromClient(Syn(1000).Ttl(64)).ShouldTransmit(Syn(1000).Ttl(63).Macs(B0, RealMac(10)));
        rig.FromClient(Syn(1001).Ttl(64)).ShouldTransmit(Syn(1001).Ttl(63).Macs(B0, RealMac(11)));
        rig.FromClient(Syn(1002).Ttl(64)).ShouldTransmit(Syn(1002).Ttl(63).Macs(B0, RealMac(10)));
    }

    [Fact]
    public void Ipv6_Request_GetsOnlyTheRealServersMac()
    {
        using DirectorRig rig = new DirectorRig().Service("[2001:db8::80]:80", ForwardingMethod.DirectRouting, "[2001:db8:b::11]:80");
        PacketBuilder Syn() => PacketBuilder.Tcp("[2001:db8:f::7]:1000", "[2001:db8::80]:80", TcpFlags.Syn);

        rig.FromClient(Syn().Ttl(64)).ShouldTransmit(Syn().Ttl(63).Macs(B0, RealMac(11)));
    }

    [Fact]
    public void OneArmed_RequestLeavesWhereItCame()
    {
        using DirectorRig rig = new DirectorRig("neigh replace 198.51.100.9 lladdr 02:00:00:00:00:09 dev f0")
            .Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "198.51.100.9:80");
        PacketBuilder Syn() => PacketBuilder.Tcp("203.0.113.7:1000", "192.0.2.1:80", TcpFlags.Syn);

        Sent sent = rig.FromClient(Syn().Ttl(64));

        sent.ShouldTransmit(Syn().Ttl(63).Macs(F0, Mac("02:00:00:00:00:09")));
        sent.Interface.ShouldBe(rig.InterfaceOf("f0"));
    }

    [Fact]
    public void Vlan_TagIsTheNextHops()
    {
        using DirectorRig rig = new DirectorRig("""
            link add link f0 name f0.100 type vlan id 100
            link add link b0 name b0.200 type vlan id 200
            addr add 10.2.0.1/24 dev b0.200
            neigh replace 10.2.0.10 lladdr 02:00:00:00:02:10 dev b0.200
            """).Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.2.0.10:80", "10.1.0.10:80");
        PacketBuilder Syn(int port) => PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn);

        // Tagged to tagged, tagged to untagged, untagged to tagged.
        rig.FromClient(Syn(1).Ttl(64).Vlan(100)).ShouldTransmit(Syn(1).Ttl(63).Vlan(200).Macs(B0, Mac("02:00:00:00:02:10")));
        rig.FromClient(Syn(2).Ttl(64).Vlan(100)).ShouldTransmit(Syn(2).Ttl(63).Macs(B0, RealMac(10)));
        rig.FromClient(Syn(3).Ttl(64)).ShouldTransmit(Syn(3).Ttl(63).Vlan(200).Macs(B0, Mac("02:00:00:00:02:10")));
    }

    [Fact]
    public void PartialChecksum_InAnotherTaggedFrame_MovesItsOffsets()
    {
        using DirectorRig rig = new DirectorRig("""
            link add link b0 name b0.200 type vlan id 200
            addr add 10.2.0.1/24 dev b0.200
            neigh replace 10.2.0.10 lladdr 02:00:00:00:02:10 dev b0.200
            """).Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.2.0.10:80");

        Sent sent = rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn).PartialChecksum());

        sent.Verdict.ShouldBe(Verdict.Transmit);
        sent.Offload.ChecksumStart.ShouldBe((ushort)(18 + 20));
    }

    [Fact]
    public void LocalAddressAsRealServer_GoesToTheStackUnchanged()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.1.0.1:80");
        PacketBuilder Syn() => PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn).Ttl(64).Macs(Router, F0);

        rig.FromClient(Syn()).ShouldGoToStack(Syn());
        rig.Connections().Count.ShouldBe(1);
    }

    [Fact]
    public void UnresolvedNeighbour_AwaitsItAndIsCompletedLater()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.1.0.99:80");
        PacketBuilder Syn() => PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn);

        Sent held = rig.FromClient(Syn().Ttl(64));
        held.Verdict.ShouldBe(Verdict.AwaitNeighbour);
        rig.Batch.Execute("neigh replace 10.1.0.99 lladdr 02:00:00:00:00:99 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);
        var packet = new Packet { Buffer = held.Frame, Length = held.Frame.Length };
        DirectorWorker.CompleteNeighbour(ref packet, rig.Network.NextHops.Read(held.NextHop));

        held.ShouldCarry(Syn().Ttl(63).Macs(B0, Mac("02:00:00:00:00:99")).Build());
        packet.TransmitInterface.ShouldBe(rig.InterfaceOf("b0"));
    }
}
