using NetVS.Director.Network;
using NetVS.Linux.Netlink;
using NetVS.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Linux.Tests.Netlink;

/// <summary>Messages by hand, for what not every kernel can make (VLAN devices), and for lying lengths.</summary>
public sealed class NetworkMessagesTests
{
    private static NetlinkMessage Message(NetlinkWriter writer)
    {
        var reader = new NetlinkReader(writer.End().Octets);
        reader.TryRead(out NetlinkMessage message).ShouldBeTrue();
        return message;
    }

    private static NetlinkWriter VlanLink(ushort protocol, bool isParentElsewhere)
    {
        var writer = new NetlinkWriter();
        writer.Begin(Rtnetlink.RTM_NEWLINK, 0, 1).U16(0).U16(Rtnetlink.ARPHRD_ETHER).U32(9).U32(Rtnetlink.IFF_UP | Rtnetlink.IFF_LOWER_UP).U32(0)
            .Attribute(Rtnetlink.IFLA_IFNAME, "f0.100")
            .Attribute(Rtnetlink.IFLA_ADDRESS, new MacAddress(0x0200_0000_0001))
            .Attribute(Rtnetlink.IFLA_MTU, 1496)
            .Attribute(Rtnetlink.IFLA_LINK, 4);
        if (isParentElsewhere) writer.Attribute(Rtnetlink.IFLA_LINK_NETNSID, 0);
        int info = writer.BeginNested(Rtnetlink.IFLA_LINKINFO);
        writer.Attribute(Rtnetlink.IFLA_INFO_KIND, "vlan");
        int data = writer.BeginNested(Rtnetlink.IFLA_INFO_DATA);
        writer.Attribute16(Rtnetlink.IFLA_VLAN_ID, 100);
        writer.Attribute16(Rtnetlink.IFLA_VLAN_PROTOCOL, System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(protocol));
        writer.EndNested(data);
        writer.EndNested(info);
        return writer;
    }

    [Fact]
    public void TryReadLink_VlanDevice_HasParentAndId()
    {
        NetworkMessages.TryReadLink(Message(VlanLink(0x8100, false)).Payload, out NetworkInterface? link).ShouldBeTrue();

        link.ShouldBe(new NetworkInterface(9, "f0.100", new MacAddress(0x0200_0000_0001), 1496, true, 4, 100));
    }

    [Theory]
    [InlineData(0x88A8, false)]
    [InlineData(0x8100, true)]
    public void TryReadLink_VlanDeviceWeCannotTagFor_IsNotEthernet(int protocol, bool isParentElsewhere)
    {
        NetworkMessages.TryReadLink(Message(VlanLink((ushort)protocol, isParentElsewhere)).Payload, out NetworkInterface? link).ShouldBeTrue();

        link!.IsEthernet.ShouldBeFalse();
    }

    [Theory]
    [InlineData(Rtnetlink.NUD_REACHABLE, true, NextHopState.Reachable)]
    [InlineData(Rtnetlink.NUD_STALE, true, NextHopState.Reachable)]
    [InlineData(Rtnetlink.NUD_DELAY, true, NextHopState.Reachable)]
    [InlineData(Rtnetlink.NUD_PROBE, true, NextHopState.Reachable)]
    [InlineData(Rtnetlink.NUD_PERMANENT, true, NextHopState.Reachable)]
    [InlineData(Rtnetlink.NUD_NOARP, true, NextHopState.Reachable)]
    [InlineData(Rtnetlink.NUD_NOARP, false, NextHopState.Unresolved)]
    [InlineData(Rtnetlink.NUD_INCOMPLETE, false, NextHopState.Unresolved)]
    [InlineData(Rtnetlink.NUD_FAILED, false, NextHopState.Failed)]
    [InlineData(Rtnetlink.NUD_FAILED, true, NextHopState.Failed)]
    [InlineData(0, false, NextHopState.Unresolved)]
    public void TryReadNeighbour_State_MeansNextHopState(int state, bool hasMac, NextHopState expected)
    {
        var writer = new NetlinkWriter();
        writer.Begin(Rtnetlink.RTM_NEWNEIGH, 0, 1).U8(Rtnetlink.AF_INET).U8(0).U16(0).U32(4).U16((ushort)state).U8(0).U8(0)
            .Attribute(Rtnetlink.NDA_DST, IpAddress.Parse("192.0.2.9"));
        if (hasMac) writer.Attribute(Rtnetlink.NDA_LLADDR, new MacAddress(0x0200_0000_0009));

        NetworkMessages.TryReadNeighbour(Message(writer).Payload, out KernelNeighbour neighbour).ShouldBeTrue();

        neighbour.NextHopState.ShouldBe(expected);
        neighbour.Interface.ShouldBe(4);
        neighbour.Address.ShouldBe(IpAddress.Parse("192.0.2.9"));
    }

    [Fact]
    public void TryReadNeighbour_ProxyOrBridgeEntry_IsNone()
    {
        foreach ((byte family, byte flags) in ((byte, byte)[])[(Rtnetlink.AF_INET, Rtnetlink.NTF_PROXY), (7, 0)])
        {
            var writer = new NetlinkWriter();
            writer.Begin(Rtnetlink.RTM_NEWNEIGH, 0, 1).U8(family).U8(0).U16(0).U32(4).U16(Rtnetlink.NUD_REACHABLE).U8(flags).U8(0)
                .Attribute(Rtnetlink.NDA_DST, IpAddress.Parse("192.0.2.9"));
            NetworkMessages.TryReadNeighbour(Message(writer).Payload, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void TryRead_EncapsulatingRoute_Refuses()
    {
        var writer = new NetlinkWriter();
        writer.Begin(Rtnetlink.RTM_NEWROUTE, 0, 1)
            .U8(Rtnetlink.AF_INET).U8(8).U16(0).U8(254).U8(3).U8(0).U8(Rtnetlink.RTN_UNICAST).U32(0)
            .Attribute(Rtnetlink.RTA_DST, IpAddress.Parse("10.0.0.0")).Attribute(Rtnetlink.RTA_OIF, 4).Attribute16(Rtnetlink.RTA_ENCAP_TYPE, 1);

        RouteMessages.TryRead(Message(writer).Payload, out NetworkRoute? route, out _).ShouldBeTrue();

        route!.Kind.ShouldBe(RouteKind.Unreachable);
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Readers_MutatedMessages_NeverReadOutside()
    {
        byte[] good = VlanLink(0x8100, true).End().Octets.ToArray();
        Seeds.Run(20_000, (random, _) =>
        {
            byte[] octets = Mutator.Mutate(random, [good]);
            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message))
            {
                NetworkMessages.TryReadLink(message.Payload, out _);
                NetworkMessages.TryReadAddress(message.Payload, out _);
                NetworkMessages.TryReadNeighbour(message.Payload, out _);
                NetworkMessages.IsDefaultRule(message.Payload);
                RouteMessages.TryRead(message.Payload, out _, out _);
            }
        });
    }
}
