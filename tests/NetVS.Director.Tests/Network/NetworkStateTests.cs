using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Testing.Memory;

namespace NetVS.Director.Tests.Network;

public sealed class NetworkStateTests
{
    private const string Basic = """
        link set dev f0 address 02:00:00:00:01:01 mtu 1500 up
        link set dev f1 address 02:00:00:00:01:02 mtu 9000 up
        link add link f0 name f0.100 type vlan id 100
        addr add 192.0.2.1/24 dev f0
        addr add 10.0.0.1/16 dev f1
        addr add 10.9.0.1/24 dev f0.100
        addr add 2001:db8::1/64 dev f0
        route add default via 192.0.2.254
        route add 198.51.100.0/24 via 10.0.0.9 mtu 1400 src 10.0.0.1
        route add blackhole 203.0.113.0/24
        route add unreachable 203.0.113.64/26
        route add prohibit 203.0.113.128/25
        route add default via 2001:db8::ffff
        neigh replace 192.0.2.254 lladdr 02:00:00:00:02:fe dev f0
        """;

    private static IpAddress A(string text) => IpAddress.Parse(text);

    private static RouteLookup Find(NetworkState state, string destination, uint flow = 0)
    {
        state.TryFindRoute(A(destination), flow, out RouteLookup route).ShouldBeTrue(destination);
        return route;
    }

    [Fact]
    public void TryFindRoute_ThroughAGateway_LeadsToTheGateway()
    {
        NetworkState state = IpBatch.ParseState(Basic);

        RouteLookup route = Find(state, "8.8.8.8");

        route.Kind.ShouldBe(RouteKind.Unicast);
        route.IpMtu.ShouldBe(1500);
        route.PreferredSource.ShouldBe(A("192.0.2.1"));
        state.FindInterface(route.Interface)!.Name.ShouldBe("f0");
        NextHop hop = state.NextHops.Read(route.NextHop);
        hop.State.ShouldBe(NextHopState.Reachable);
        hop.Destination.ToString().ShouldBe("02:00:00:00:02:fe");
        hop.Source.ToString().ShouldBe("02:00:00:00:01:01");
        hop.VlanId.ShouldBe((ushort)0);
    }

    [Fact]
    public void TryFindRoute_OnLink_LeadsToTheDestinationItself()
    {
        NetworkState state = IpBatch.ParseState(Basic);

        RouteLookup route = Find(state, "10.0.3.4");

        state.NextHops.Describe(route.NextHop).ShouldBe((route.Interface, A("10.0.3.4")));
        state.NextHops.Read(route.NextHop).State.ShouldBe(NextHopState.Unresolved);
        route.PreferredSource.ShouldBe(A("10.0.0.1"));
        route.IpMtu.ShouldBe(9000);
    }

    [Fact]
    public void TryFindRoute_RouteWithMtuAndSource_AnswersThem()
    {
        RouteLookup route = Find(IpBatch.ParseState(Basic), "198.51.100.7");

        route.IpMtu.ShouldBe(1400);
        route.PreferredSource.ShouldBe(A("10.0.0.1"));
    }

    [Theory]
    [InlineData("203.0.113.1", RouteKind.Blackhole)]
    [InlineData("203.0.113.65", RouteKind.Unreachable)]
    [InlineData("203.0.113.200", RouteKind.Prohibit)]
    [InlineData("192.0.2.1", RouteKind.Local)]
    [InlineData("127.1.2.3", RouteKind.Local)]
    [InlineData("::1", RouteKind.Local)]
    [InlineData("192.0.2.255", RouteKind.Broadcast)]
    [InlineData("255.255.255.255", RouteKind.Broadcast)]
    [InlineData("224.0.0.1", RouteKind.Multicast)]
    [InlineData("ff02::1", RouteKind.Multicast)]
    [InlineData("2001:db8::1", RouteKind.Local)]
    [InlineData("2001:db8::2", RouteKind.Unicast)]
    public void TryFindRoute_AnyKind_AnswersIt(string destination, RouteKind kind) =>
        Find(IpBatch.ParseState(Basic), destination).Kind.ShouldBe(kind);

    [Fact]
    public void TryFindRoute_NoRoute_AnswersNone()
    {
        NetworkState state = IpBatch.ParseState("link set dev f0 up\naddr add 192.0.2.1/24 dev f0");

        state.TryFindRoute(A("8.8.8.8"), 0, out RouteLookup route).ShouldBeFalse();
        route.Kind.ShouldBe(RouteKind.None);
        state.TryFindRoute(A("2001:db8::1"), 0, out _).ShouldBeFalse();
        state.TryFindRoute(default, 0, out _).ShouldBeFalse();
        new NetworkState().TryFindRoute(A("8.8.8.8"), 0, out _).ShouldBeFalse();
    }

    [Fact]
    public void TryFindRoute_Ipv6LocalTable_ComesBeforeALongerPrefixOfMain()
    {
        NetworkState state = IpBatch.ParseState("""
            link set dev f0 up
            addr add 2001:db8::1/64 dev f0
            route add local 2001:db8:a::/48 dev lo
            route add 2001:db8:a:1::/64 via 2001:db8::9
            """);

        Find(state, "2001:db8:a:1::7").Kind.ShouldBe(RouteKind.Local);
        state.IsLocal(A("2001:db8:a:1::7")).ShouldBeTrue();
        state.IsLocal(A("2001:db8::9")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false, RouteKind.Blackhole)]
    [InlineData(true, RouteKind.Local)]
    public void TryFindRoute_Ipv4LocalTable_IsOneWithMainUntilThereArePolicyRules(bool hasPolicyRules, RouteKind expected)
    {
        var state = new NetworkState();
        state.Publish(new NetworkSnapshotBuilder { HasPolicyRules = hasPolicyRules }
            .Add(new NetworkInterface(1, "lo", default, 65536, true) { IsLoopback = true })
            .Add(new NetworkRoute(A("10.0.0.0"), 8, [new RouteHop(1)]) { Table = RouteTableId.Local, Kind = RouteKind.Local })
            .Add(new NetworkRoute(A("10.0.0.0"), 8, []) { Kind = RouteKind.Prohibit })
            .Add(new NetworkRoute(A("10.1.0.0"), 16, []) { Kind = RouteKind.Blackhole }));

        Find(state, "10.1.2.3").Kind.ShouldBe(expected);
        Find(state, "10.2.2.3").Kind.ShouldBe(RouteKind.Local, "of one prefix the local table's route comes first");
    }

    [Fact]
    public void TryFindRoute_Throw_GoesOnInTheNextTable()
    {
        NetworkState state = IpBatch.ParseState("""
            link set dev f0 up
            addr add 192.0.2.1/24 dev f0
            route add default via 192.0.2.9
            route add throw 10.0.0.0/8
            route add 10.0.0.0/8 via 192.0.2.10 table default
            """);

        RouteLookup route = Find(state, "10.1.2.3");
        state.NextHops.Describe(route.NextHop).Address.ShouldBe(A("192.0.2.10"));
    }

    [Fact]
    public void TryFindRoute_OverAVlanDevice_LeavesByTheParentWithATag()
    {
        NetworkState state = IpBatch.ParseState(Basic);
        int f0 = state.FindInterface("f0")!.Index;
        int vlan = state.FindInterface("f0.100")!.Index;

        RouteLookup route = Find(state, "10.9.0.7");
        NextHop hop = state.NextHops.Read(route.NextHop);

        route.Interface.ShouldBe(vlan);
        hop.TransmitInterface.ShouldBe(f0);
        hop.VlanId.ShouldBe((ushort)100);
        state.FindInterface(f0, 100)!.Index.ShouldBe(vlan);
        state.FindInterface(f0, 0)!.Index.ShouldBe(f0);
        state.FindInterface(f0, 101).ShouldBeNull();
        state.FindInterface(99, 0).ShouldBeNull();
    }

    [Fact]
    public void TryFindRoute_SeveralMetrics_TakesTheLeastThatLives()
    {
        IpBatch batch = IpBatch.Parse("""
            link set dev f0 up
            link set dev f1 up
            addr add 192.0.2.1/24 dev f0
            addr add 192.0.3.1/24 dev f1
            route add default via 192.0.3.9 metric 200
            route add default via 192.0.2.9 metric 100
            """);
        var state = new NetworkState();
        batch.Publish(state);
        Via().ShouldBe(A("192.0.2.9"));

        state.NextHops.SetNeighbour(state.FindInterface("f0")!.Index, A("192.0.2.9"), NextHopState.Failed);
        Via().ShouldBe(A("192.0.3.9"));

        state.NextHops.SetNeighbour(state.FindInterface("f1")!.Index, A("192.0.3.9"), NextHopState.Failed);
        Via().ShouldBe(A("192.0.2.9"));

        state.NextHops.SetNeighbour(state.FindInterface("f1")!.Index, A("192.0.3.9"), NextHopState.Unresolved);
        batch.Execute("link set dev f0 carrier off");
        batch.Publish(state);
        Via().ShouldBe(A("192.0.3.9"));

        IpAddress Via() => state.NextHops.Describe(Find(state, "8.8.8.8").NextHop).Address;
    }

    [Fact]
    public void TryFindRoute_Multipath_SharesByWeightAndKeepsFlows()
    {
        NetworkState state = IpBatch.ParseState("""
            link set dev f0 up
            link set dev f1 up
            link set dev f2 up
            addr add 192.0.2.1/24 dev f0
            addr add 192.0.3.1/24 dev f1
            addr add 192.0.4.1/24 dev f2
            route add default nexthop via 192.0.2.9 weight 1 nexthop via 192.0.3.9 weight 2 nexthop via 192.0.4.9 weight 5
            """);
        const int Flows = 80_000;
        int[] before = new int[Flows];
        var share = new Dictionary<int, int>();
        for (int flow = 0; flow < Flows; flow++)
        {
            before[flow] = Find(state, "8.8.8.8", (uint)flow).Interface;
            share[before[flow]] = share.GetValueOrDefault(before[flow]) + 1;
        }

        int f0 = state.FindInterface("f0")!.Index;
        int f1 = state.FindInterface("f1")!.Index;
        int f2 = state.FindInterface("f2")!.Index;
        share[f0].ShouldBeInRange(9_500, 10_500);
        share[f1].ShouldBeInRange(19_000, 21_000);
        share[f2].ShouldBeInRange(49_000, 51_000);

        state.NextHops.SetNeighbour(f2, A("192.0.4.9"), NextHopState.Failed);
        var moved = new Dictionary<int, int>();
        for (int flow = 0; flow < Flows; flow++)
        {
            int now = Find(state, "8.8.8.8", (uint)flow).Interface;
            now.ShouldNotBe(f2);
            if (before[flow] != f2) now.ShouldBe(before[flow]);
            else moved[now] = moved.GetValueOrDefault(now) + 1;
        }

        moved[f0].ShouldBeInRange(15_500, 17_800);
        moved[f1].ShouldBeInRange(32_000, 34_500);

        state.NextHops.SetNeighbour(f2, A("192.0.4.9"), NextHopState.Unresolved);
        for (int flow = 0; flow < Flows; flow++) Find(state, "8.8.8.8", (uint)flow).Interface.ShouldBe(before[flow]);
    }

    [Fact]
    public void TryFindRoute_InterfaceDown_ReadsFailed()
    {
        IpBatch batch = IpBatch.Parse(Basic);
        var state = new NetworkState();
        batch.Publish(state);
        int hop = Find(state, "8.8.8.8").NextHop;
        long hops = state.NextHops.Version;
        int version = state.Version;

        batch.Execute("link set dev f0 carrier off").ShouldBeTrue();
        batch.Publish(state);

        state.NextHops.Read(hop).State.ShouldBe(NextHopState.Failed);
        state.NextHops.Version.ShouldNotBe(hops);
        state.Version.ShouldNotBe(version);
        state.NextHops.Read(Find(state, "10.9.0.7").NextHop).State.ShouldBe(NextHopState.Failed, "the VLAN device is above it");

        batch.Execute("link set dev f0 down").ShouldBeTrue();
        batch.Publish(state);
        state.TryFindRoute(A("8.8.8.8"), 0, out _).ShouldBeFalse("routes over an interface that was set down are gone");
    }

    [Fact]
    public void Publish_NewMac_ChangesTheSource()
    {
        IpBatch batch = IpBatch.Parse(Basic);
        var state = new NetworkState();
        batch.Publish(state);
        int hop = Find(state, "8.8.8.8").NextHop;

        batch.Execute("link set dev f0 address 02:00:00:00:09:09");
        batch.Publish(state);

        state.NextHops.Read(hop).Source.ToString().ShouldBe("02:00:00:00:09:09");
        Find(state, "8.8.8.8").NextHop.ShouldBe(hop, "an id stays");
    }

    [Fact]
    public void TryFindRoute_Ipv6WithoutSource_ChoosesTheNearestAddress()
    {
        NetworkState state = IpBatch.ParseState("""
            link set dev f0 up
            addr add fe80::1/64 dev f0
            addr add 2001:db8:1::1/64 dev f0
            addr add 2001:db8:2::1/64 dev f0
            route add 2001:db8:2:ff::/64 via fe80::9 dev f0
            """);

        Find(state, "2001:db8:2:ff::7").PreferredSource.ShouldBe(A("2001:db8:2::1"));
        Find(state, "fe80::7").PreferredSource.ShouldBe(A("fe80::1"));
    }

    [Fact]
    public void TryFindRoute_Ipv4RouteThroughIpv6Gateway_LeadsThere()
    {
        NetworkState state = IpBatch.ParseState("""
            link set dev f0 up
            addr add 192.0.2.1/24 dev f0
            addr add fe80::1/64 dev f0
            route add 10.0.0.0/8 via inet6 fe80::9 dev f0
            """);

        RouteLookup route = Find(state, "10.1.1.1");
        state.NextHops.Describe(route.NextHop).Address.ShouldBe(A("fe80::9"));
        route.PreferredSource.ShouldBe(A("192.0.2.1"));
    }

    [Fact]
    public void TryFindRoute_TenThousandRoutes_AllocatesNothingAndAgreesWithAScan()
    {
        var random = new Random(3);
        var routes = new List<NetworkRoute>();
        var builder = new NetworkSnapshotBuilder().Add(new NetworkInterface(2, "f0", new MacAddress(0x020000000002), 1500, true));
        var seen = new HashSet<(uint, int)>();
        while (routes.Count < 10_000)
        {
            int length = random.Next(8, 33);
            uint start = PrefixRanges<uint>.FirstOf((uint)random.NextInt64(0xE000_0000), length);
            if (!seen.Add((start, length))) continue;
            var route = new NetworkRoute(new Ipv4Address(start), length, [new RouteHop(2, new Ipv4Address(0x0A00_0001 + (uint)(routes.Count % 50)))]);
            routes.Add(route);
            builder.Add(route);
        }

        var state = new NetworkState();
        state.Publish(builder);
        uint[] keys = new uint[20_000];
        for (int i = 0; i < keys.Length; i++) keys[i] = (uint)random.NextInt64(0xE000_0000);
        foreach (uint key in keys.AsSpan(0, 2000))
        {
            NetworkRoute? best = routes.Where(r => PrefixRanges<uint>.FirstOf(key, r.PrefixLength) == r.Destination.V4.Value).MaxBy(r => r.PrefixLength);
            state.TryFindRoute(new Ipv4Address(key), 0, out RouteLookup lookup).ShouldBe(best is not null);
            if (best is not null) state.NextHops.Describe(lookup.NextHop).Address.ShouldBe(best.Hops[0].Gateway);
        }

        int found = 0;
        Allocations.Measure(10, () =>
        {
            foreach (uint key in keys.AsSpan(0, 2000))
                if (state.TryFindRoute(new Ipv4Address(key), key, out _)) found++;
        }).ShouldBe(0);
        found.ShouldBeGreaterThan(0);
    }
}
