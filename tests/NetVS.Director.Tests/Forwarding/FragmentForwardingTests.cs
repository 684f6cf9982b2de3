using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class FragmentForwardingTests
{
    private static PacketBuilder Query(string from, string to, ushort id = 77) => PacketBuilder.Udp(from, to).Payload(3000).Id(id).DontFragment(false);

    private static DirectorRig Rig(ForwardingMethod method = ForwardingMethod.Nat) =>
        new DirectorRig().Service(IpProtocol.Udp, "192.0.2.1:53", method, "10.1.0.10:5353", "10.1.0.11:5353");

    private static IReadOnlyList<byte[]> Received(ushort id = 77) =>
        Query("203.0.113.7:9", "192.0.2.1:53", id).Ttl(64).Macs(Router, F0).BuildFragments(1500);

    private static Sent In(DirectorRig rig, byte[] fragment) => rig.Process(fragment, rig.InterfaceOf("f0"));

    [Fact]
    public void Nat_AllFragmentsReachOneServer_AndReassembleToARightDatagram()
    {
        using DirectorRig rig = Rig();
        IReadOnlyList<byte[]> expected = Query("203.0.113.7:9", "10.1.0.10:5353").Ttl(63).Macs(B0, RealMac(10)).BuildFragments(1500);

        IReadOnlyList<byte[]> fragments = Received();
        fragments.Count.ShouldBe(3);
        for (int i = 0; i < 3; i++) In(rig, fragments[i]).ShouldCarry(expected[i]).Verdict.ShouldBe(Verdict.Transmit);
        rig.Connections().Count.ShouldBe(1);
    }

    [Fact]
    public void Nat_LaterFragmentsInAnyOrder_Pass()
    {
        using DirectorRig rig = Rig();
        IReadOnlyList<byte[]> fragments = Received();

        foreach (int i in new[] { 0, 2, 1 }) In(rig, fragments[i]).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void Replies_AreRewrittenInEveryFragment()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(PacketBuilder.Udp("203.0.113.7:9", "192.0.2.1:53"));
        IReadOnlyList<byte[]> expected = Query("192.0.2.1:53", "203.0.113.7:9").Ttl(63).Macs(F0, Router).BuildFragments(1500);
        IReadOnlyList<byte[]> fragments = Query("10.1.0.10:5353", "203.0.113.7:9").Ttl(64).Macs(RealMac(10), B0).BuildFragments(1500);

        for (int i = 0; i < 3; i++) rig.Process(fragments[i], rig.InterfaceOf("b0")).ShouldCarry(expected[i]);
    }

    [Fact]
    public void Ipv6_AllFragmentsReachOneServer()
    {
        using DirectorRig rig = new DirectorRig().Service(IpProtocol.Udp, "[2001:db8::80]:53", ForwardingMethod.Nat, "[2001:db8:b::10]:5353");
        IReadOnlyList<byte[]> expected = Query("[2001:db8:f::7]:9", "[2001:db8:b::10]:5353").Ttl(63).Macs(B0, RealMac(10)).BuildFragments(1500, 99);
        IReadOnlyList<byte[]> fragments = Query("[2001:db8:f::7]:9", "[2001:db8::80]:53").Ttl(64).Macs(Router, F0).BuildFragments(1500, 99);

        for (int i = 0; i < fragments.Count; i++) In(rig, fragments[i]).ShouldCarry(expected[i]);
    }

    [Fact]
    public void Tunnel_FragmentsAreWrappedOneByOne()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);

        foreach (byte[] fragment in Query("203.0.113.7:9", "192.0.2.1:53").Ttl(64).Macs(Router, F0).BuildFragments(1400))
            In(rig, fragment).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void LaterFragmentFirst_IsDropped()
    {
        using DirectorRig rig = Rig();

        In(rig, Received()[1]).ShouldDrop(DropReason.FragmentWithoutFirst);
    }

    [Fact]
    public void LaterFragmentTooLate_IsDropped()
    {
        using DirectorRig rig = Rig();
        In(rig, Received()[0]);
        rig.Now += TimeSpan.FromSeconds(29.9);
        In(rig, Received()[1]).Verdict.ShouldBe(Verdict.Transmit);
        rig.Now += TimeSpan.FromSeconds(0.1);

        In(rig, Received()[2]).ShouldDrop(DropReason.FragmentWithoutFirst);
    }

    [Fact]
    public void RepeatedFragment_IsDroppedAlone()
    {
        using DirectorRig rig = Rig();
        In(rig, Received()[0]);
        In(rig, Received()[1]);

        In(rig, Received()[1]).ShouldDrop(DropReason.FragmentDuplicate);
        In(rig, Received()[2]).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void SameIdentificationAfterTheWholeDatagram_IsAnotherDatagram()
    {
        using DirectorRig rig = Rig();

        for (int round = 0; round < 2; round++)
            foreach (byte[] fragment in Received()) In(rig, fragment).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void OverlappingFragment_EndsTheDatagram()
    {
        using DirectorRig rig = Rig();
        In(rig, Received()[0]);
        byte[] overlapping = PacketBuilder.Ip(Client, Vip, 17).Fragment(1472, true, 77).DontFragment(false).Payload(800).Macs(Router, F0).Build();

        In(rig, overlapping).ShouldDrop(DropReason.FragmentOverlap);
        In(rig, Received()[2]).ShouldDrop(DropReason.FragmentOverlap);
    }

    [Fact]
    public void TinyTcpFragments_AreDropped()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        PacketBuilder Piece(int offset, int length) => PacketBuilder.Ip(Client, Vip, 6).Fragment(offset, true, 5).DontFragment(false).Payload(length).Macs(Router, F0);

        In(rig, Piece(0, 16).Build()).ShouldDrop(DropReason.FragmentTiny);
        In(rig, Piece(8, 64).Build()).ShouldDrop(DropReason.FragmentTiny);
    }

    [Fact]
    public void ImpossibleFragments_AreDropped()
    {
        using DirectorRig rig = Rig();
        PacketBuilder Piece(int offset, bool more, int length) =>
            PacketBuilder.Ip(Client, Vip, 17).Fragment(offset, more, 5).DontFragment(false).Payload(length).Macs(Router, F0);

        In(rig, Piece(8, true, 12).Build()).ShouldDrop(DropReason.FragmentOversize);
        In(rig, Piece(8, true, 0).Build()).ShouldDrop(DropReason.FragmentOversize);
        In(rig, Piece(65528, false, 64).Build()).ShouldDrop(DropReason.FragmentOversize);
    }

    [Fact]
    public void FragmentsOfTheDirectorsOwn_GoToTheStack()
    {
        using DirectorRig rig = Rig();

        foreach (byte[] fragment in Query("203.0.113.7:9", "198.51.100.1:53").Macs(Router, F0).BuildFragments(1500))
            In(rig, fragment).Verdict.ShouldBe(Verdict.ToStack);
        foreach (byte[] fragment in Query("203.0.113.7:9", "192.0.2.1:54").Macs(Router, F0).BuildFragments(1500))
            In(rig, fragment).Verdict.ShouldBe(Verdict.ToStack);
        foreach (byte[] fragment in PacketBuilder.Icmp(Client, Vip, 8, 0).Payload(3000).DontFragment(false).Macs(Router, F0).BuildFragments(1500))
            In(rig, fragment).Verdict.ShouldBe(Verdict.ToStack);
    }

    [Fact]
    public void PacketWithoutDontFragment_IsCutForASmallerMtu()
    {
        using DirectorRig rig = new DirectorRig("route add 10.9.0.0/24 via 10.1.0.11 dev b0 mtu 1000")
            .Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, "10.9.0.1:53");
        PacketBuilder Big(string to) => PacketBuilder.Udp("203.0.113.7:9", to).Payload(1400).Id(3).DontFragment(false);

        Sent last = rig.FromClient(Big("192.0.2.1:53").Ttl(64).PartialChecksum());

        IReadOnlyList<byte[]> expected = Big("10.9.0.1:53").Ttl(63).Macs(B0, RealMac(11)).BuildFragments(1000);
        rig.Emitted.ShouldHaveSingleItem().ShouldCarry(expected[0]);
        last.ShouldCarry(expected[1]);
    }

    [Fact]
    public void UnsegmentedTcpWithoutDontFragment_GetsSmallerSegments()
    {
        using DirectorRig rig = new DirectorRig("route add 10.9.0.0/24 via 10.1.0.11 dev b0 mtu 1000")
            .Service("192.0.2.1:80", ForwardingMethod.Nat, "10.9.0.1:80");
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:9", "192.0.2.1:80", TcpFlags.Syn));

        Sent sent = rig.FromClient(PacketBuilder.Tcp("203.0.113.7:9", "192.0.2.1:80", TcpFlags.None).Ack(1).Payload(4000)
            .DontFragment(false).PartialChecksum().Gso(GsoKind.TcpV4, 1460));

        sent.Offload.GsoSize.ShouldBe((ushort)960);
        rig.Emitted.ShouldBeEmpty();
    }

    [Fact]
    public void UnsegmentedUdpWithoutDontFragment_IsCutTwice()
    {
        using DirectorRig rig = new DirectorRig("route add 10.9.0.0/24 via 10.1.0.11 dev b0 mtu 1000")
            .Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, "10.9.0.1:53");

        Sent last = rig.FromClient(PacketBuilder.Udp("203.0.113.7:9", "192.0.2.1:53").Payload(2500).Id(1).DontFragment(false)
            .PartialChecksum().Gso(GsoKind.UdpL4, 1400));

        byte[] all = PacketBuilder.Pattern(2500);
        PacketBuilder Datagram(int i, int length) => PacketBuilder.Udp("203.0.113.7:9", "10.9.0.1:53").Id((ushort)(1 + i)).Ttl(63)
            .DontFragment(false).Payload(all.AsSpan(1400 * i, length)).Macs(B0, RealMac(11));
        List<byte[]> expected = [.. Datagram(0, 1400).BuildFragments(1000), .. Datagram(1, 1100).BuildFragments(1000)];
        expected.Count.ShouldBe(4);
        for (int i = 0; i < 3; i++) rig.Emitted[i].ShouldCarry(expected[i]);
        last.ShouldCarry(expected[3]);
    }
}
