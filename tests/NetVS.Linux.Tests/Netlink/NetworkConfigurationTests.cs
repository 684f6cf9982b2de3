using NetVS.Director.Network;
using NetVS.Linux.Netlink;
using NetVS.Packets;
using NetVS.Testing.Namespaces;

namespace NetVS.Linux.Tests.Netlink;

public sealed class NetworkConfigurationTests
{
    private static NetworkNamespace Create()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        return NetworkNamespace.Create("cfg");
    }

    [Fact]
    public void Addresses_AddedAndDeleted_AsIpShowsThem()
    {
        using NetworkNamespace net = Create();
        using NetworkConfiguration configuration = net.Run(() => new NetworkConfiguration());
        int lo = configuration.FindInterface("lo")!.Index;
        IpAddress v4 = IpAddress.Parse("10.0.0.1");
        IpAddress v6 = IpAddress.Parse("2001:db8::1");

        configuration.AddAddress(lo, v4, 32).ShouldBeTrue();
        configuration.AddAddress(lo, v4, 32).ShouldBeFalse("it is there already");
        configuration.AddAddress(lo, v6, 128, isUnchecked: true).ShouldBeTrue();
        net.Ip("-o addr show dev lo").ShouldContain("inet 10.0.0.1/32 scope global lo");
        net.Ip("-o addr show dev lo").ShouldContain("inet6 2001:db8::1/128 scope global nodad");
        configuration.EnumerateAddresses(lo).Select(a => a.Address).ShouldBe(
            [IpAddress.Parse("127.0.0.1"), v4, v6, IpAddress.Parse("::1")], ignoreOrder: true);
        configuration.EnumerateAddresses(lo + 99).ShouldBeEmpty();

        configuration.DeleteAddress(lo, v4, 32).ShouldBeTrue();
        configuration.DeleteAddress(lo, v4, 32).ShouldBeFalse("it is gone already");
        net.Ip("-o addr show dev lo").ShouldNotContain("10.0.0.1");
        KernelCallException refused = Should.Throw<KernelCallException>(() => configuration.AddAddress(9999, v4, 32));
        refused.ErrnoName.ShouldBe("ENODEV");
        refused.Message.ShouldContain("10.0.0.1/32 on interface 9999");
    }

    [Fact]
    public void Links_MadeMovedAndDeleted()
    {
        using NetworkNamespace net = Create();
        using NetworkNamespace other = Create();
        using NetworkConfiguration configuration = net.Run(() => new NetworkConfiguration());
        using Microsoft.Win32.SafeHandles.SafeFileHandle target = File.OpenHandle(other.Path);
        int descriptor = (int)target.DangerousGetHandle();

        configuration.AddVethPair("a0", "b0", descriptor);
        other.Ip("link show b0").ShouldContain("b0");
        NetworkInterface a0 = configuration.FindInterface("a0")!;
        configuration.SetMac(a0.Index, new MacAddress(0x0200_0000_00A0));
        configuration.SetMtu(a0.Index, 1400);
        configuration.SetUp(a0.Index, true);
        other.Ip("link set b0 up");
        NetworkInterface up = configuration.FindInterface("a0")!;
        up.Mac.ToString().ShouldBe("02:00:00:00:00:a0");
        up.IpMtu.ShouldBe(1400);
        up.IsUp.ShouldBeTrue();
        configuration.SetUp(a0.Index, false);
        configuration.FindInterface("a0")!.IsAdministrativelyUp.ShouldBeFalse();

        configuration.AddVethPair("c0", "c1");
        configuration.MoveInterface(configuration.FindInterface("c1")!.Index, descriptor);
        other.Ip("link show c1").ShouldContain("c1");
        configuration.DeleteInterface(configuration.FindInterface("c0")!.Index).ShouldBeTrue();
        configuration.FindInterface("c0").ShouldBeNull();
        configuration.DeleteInterface(9999).ShouldBeFalse();
        Should.Throw<KernelCallException>(() => configuration.AddVethPair("a0", "x")).ErrnoName.ShouldBe("EEXIST");
    }

    [Fact]
    public void RoutesAndNeighbours_AsIpShowsThem()
    {
        using NetworkNamespace net = Create();
        using NetworkConfiguration configuration = net.Run(() => new NetworkConfiguration());
        configuration.AddVethPair("a0", "b0");
        int a0 = configuration.FindInterface("a0")!.Index;
        configuration.SetUp(a0, true);
        configuration.SetUp(configuration.FindInterface("b0")!.Index, true);
        configuration.AddAddress(a0, IpAddress.Parse("192.0.2.1"), 24);
        var route = new NetworkRoute(IpAddress.Parse("10.0.0.0"), 8, [new RouteHop(a0, IpAddress.Parse("192.0.2.9"))]) { Metric = 7, IpMtu = 1400 };

        configuration.ReplaceRoute(route);
        configuration.ReplaceRoute(route with { IpMtu = 1300 });
        configuration.ReplaceRoute(new NetworkRoute(IpAddress.Parse("203.0.113.0"), 24, []) { Kind = RouteKind.Unreachable });
        configuration.ReplaceNeighbour(a0, IpAddress.Parse("192.0.2.9"), new MacAddress(0x0200_0000_0009));

        net.Ip("route show 10.0.0.0/8").ShouldContain("via 192.0.2.9 dev a0 metric 7 mtu 1300");
        net.Ip("route show").ShouldContain("unreachable 203.0.113.0/24");
        net.Ip("neigh show").ShouldContain("192.0.2.9 dev a0 lladdr 02:00:00:00:00:09 PERMANENT");
        configuration.EnumerateRoutes().ShouldContain(route with { IpMtu = 1300 });
        configuration.DeleteRoute(route).ShouldBeTrue();
        configuration.DeleteRoute(route).ShouldBeFalse();
    }
}
