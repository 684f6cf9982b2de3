using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Director.Tests.Network;

public sealed class IpBatchTests
{
    [Fact]
    public void Parse_Link_SetsWhatWasSaid()
    {
        NetworkState state = IpBatch.ParseState("""
            # a comment, and a blank line

            link set dev f0 address 02:aa:00:00:00:01 mtu 9000 up   # the wire
            link set f1 down
            link add link f0 name f0.7 type vlan id 7
            link add plain address 02:00:00:00:00:77 mtu 1400 type dummy
            ip link set dev f2
            """);

        NetworkInterface f0 = state.FindInterface("f0")!;
        f0.Mac.ToString().ShouldBe("02:aa:00:00:00:01");
        f0.IpMtu.ShouldBe(9000);
        f0.IsUp.ShouldBeTrue();
        state.FindInterface("f1")!.IsUp.ShouldBeFalse();
        NetworkInterface vlan = state.FindInterface("f0.7")!;
        vlan.ParentIndex.ShouldBe(f0.Index);
        vlan.VlanId.ShouldBe((ushort)7);
        vlan.Mac.ShouldBe(f0.Mac);
        vlan.IpMtu.ShouldBe(9000);
        state.FindInterface("plain")!.IpMtu.ShouldBe(1400);
        NetworkInterface f2 = state.FindInterface("f2")!;
        f2.IsUp.ShouldBeTrue();
        f2.Mac.Value.ShouldBe(0x0200_0000_0000UL | (uint)f2.Index);
        state.FindInterface("lo")!.IsLoopback.ShouldBeTrue();
    }

    [Fact]
    public void Execute_Deletions_TakeEffect()
    {
        IpBatch batch = IpBatch.Parse("""
            link set dev f0 up
            link add link f0 name f0.7 type vlan id 7
            addr add 192.0.2.1/24 dev f0
            addr add 192.0.3.1/24 dev f0.7
            route add 10.0.0.0/8 via 192.0.2.9
            route add 10.0.0.0/8 via 192.0.2.10 metric 5
            neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev f0
            """);
        batch.Diagnostics.ShouldBeEmpty();
        var state = new NetworkState();
        batch.Publish(state);
        state.TryFindRoute(IpAddress.Parse("10.1.1.1"), 0, out RouteLookup first).ShouldBeTrue();
        state.NextHops.Read(first.NextHop).State.ShouldBe(NextHopState.Reachable);

        batch.Execute("neigh del 192.0.2.9 dev f0").ShouldBeTrue();
        batch.Publish(state);
        state.NextHops.Read(first.NextHop).State.ShouldBe(NextHopState.Unresolved);

        batch.Execute("route del 10.0.0.0/8 via 192.0.2.9").ShouldBeTrue();
        batch.Publish(state);
        state.TryFindRoute(IpAddress.Parse("10.1.1.1"), 0, out RouteLookup second).ShouldBeTrue();
        state.NextHops.Describe(second.NextHop).Address.ShouldBe(IpAddress.Parse("192.0.2.10"));

        batch.Execute("addr del 192.0.2.1/24 dev f0").ShouldBeTrue();
        batch.Publish(state);
        state.IsLocal(IpAddress.Parse("192.0.2.1")).ShouldBeFalse();
        state.TryFindRoute(IpAddress.Parse("192.0.2.7"), 0, out _).ShouldBeFalse();

        batch.Execute("link del f0").ShouldBeTrue();
        batch.Publish(state);
        state.FindInterface("f0").ShouldBeNull();
        state.FindInterface("f0.7").ShouldBeNull("a VLAN device goes with the one below");
        batch.Diagnostics.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nonsense", 1, "unknown object 'nonsense'")]
    [InlineData("link frob f0", 6, "unknown command 'link frob'")]
    [InlineData("link set dev f0 address 02:00", 25, "no MAC address")]
    [InlineData("link set dev f0 mtu 12", 21, "is no MTU")]
    [InlineData("link set dev f0 frob 1", 17, "unknown word 'frob'")]
    [InlineData("link set dev waytoolonganinterfacename up", 14, "is no interface name")]
    [InlineData("link add link f9 name x type vlan id 1", 15, "no interface 'f9'")]
    [InlineData("link add name x type vlan id 1", 30, "interface below")]
    [InlineData("link add link lo name x type vlan id 4095", 38, "is no VLAN id")]
    [InlineData("link add link lo name x type vlan", 30, "needs its id")]
    [InlineData("addr add 192.0.2.1/24 dev f0", 27, "no interface 'f0'")]
    [InlineData("addr add 192.0.2.1/33 dev lo", 10, "no prefix length")]
    [InlineData("addr add 192.0.2/24 dev lo", 10, "no IP address")]
    [InlineData("addr add 192.0.2.1/24", 10, "without an interface")]
    [InlineData("addr add dev lo", 6, "without an address")]
    [InlineData("addr del 192.0.2.1/24 dev lo", 10, "has no address")]
    [InlineData("addr add 127.0.0.1/8 dev lo", 10, "already")]
    [InlineData("addr add 192.0.2.1/24 dev", 26, "the line ends")]
    [InlineData("route add 10.0.0.1/8 dev lo", 11, "bits beyond")]
    [InlineData("route add 10.0.0.0/8 via 192.0.2.9", 11, "on no network")]
    [InlineData("route add 10.0.0.0/8", 11, "leads nowhere")]
    [InlineData("route add blackhole 10.0.0.0/8 dev lo", 21, "neither 'via' nor 'dev'")]
    [InlineData("route add 10.0.0.0/8 dev lo table 100", 35, "not one the director looks at")]
    [InlineData("route add 10.0.0.0/8 dev lo src ::1", 11, "not of the destination's family")]
    [InlineData("route add 10.0.0.0/8 dev lo nexthop dev lo", 11, "not both")]
    [InlineData("route del 10.0.0.0/8 dev lo", 11, "no such route")]
    [InlineData("route add 10.0.0.0/8 dev lo frob", 29, "unknown word 'frob'")]
    [InlineData("-6 route add 10.0.0.0/8 dev lo", 14, "not of the family")]
    [InlineData("neigh replace 192.0.2.9 dev lo", 15, "needs its MAC")]
    [InlineData("neigh replace 192.0.2.9 lladdr 02:00:00:00:00:01", 15, "without an interface")]
    [InlineData("neigh replace 192.0.2.9 lladdr 02:00:00:00:00:01 dev lo nud frob", 61, "unknown neighbour state")]
    [InlineData("neigh del 192.0.2.9 dev lo", 11, "no neighbour")]
    public void Execute_Wrong_SaysWhereAndWhat(string line, int column, string message)
    {
        IpBatch batch = IpBatch.Parse("# first line\n" + line);

        NetworkDiagnostic diagnostic = batch.Diagnostics.ShouldHaveSingleItem();
        diagnostic.Line.ShouldBe(2);
        diagnostic.Message.ShouldContain(message);
        diagnostic.Column.ShouldBe(column, diagnostic.Message);
    }

    [Fact]
    public void Parse_SeveralProblems_ReportsAll()
    {
        IpBatch batch = IpBatch.Parse("frob\nlink set dev f0 up\naddr add x dev f0\n");

        batch.Diagnostics.Select(d => d.Line).ShouldBe([1, 3]);
        batch.FindInterface("f0").ShouldBe(2);
        batch.FindInterface("f1").ShouldBe(0);
    }

    [Fact]
    public void Parse_PeerAddress_RoutesToThePeer()
    {
        NetworkState state = IpBatch.ParseState("link set dev f0 up\naddr add 192.0.2.1 peer 198.51.100.1/32 dev f0");

        state.IsLocal(IpAddress.Parse("192.0.2.1")).ShouldBeTrue();
        state.TryFindRoute(IpAddress.Parse("198.51.100.1"), 0, out RouteLookup route).ShouldBeTrue();
        route.Kind.ShouldBe(RouteKind.Unicast);
        route.PreferredSource.ShouldBe(IpAddress.Parse("192.0.2.1"));
    }

    [Fact]
    public void Parse_MutatedLines_NeverThrows()
    {
        string[] words =
        [
            "link", "set", "add", "del", "dev", "f0", "lo", "address", "02:00:00:00:00:01", "mtu", "1500", "up", "down", "type", "vlan", "id", "7",
            "addr", "192.0.2.1/24", "2001:db8::1/64", "route", "default", "via", "192.0.2.9", "nexthop", "weight", "3", "neigh", "lladdr", "nud",
            "failed", "replace", "blackhole", "src", "metric", "table", "main", "-6", "inet6", "peer", "name", "x", "link", "#", "::", "0/0",
        ];
        var random = new Random(1);
        var batch = new IpBatch();
        for (int i = 0; i < 30_000; i++)
        {
            string[] chosen = random.GetItems(words, random.Next(1, 12));
            batch.Execute(string.Join(' ', chosen));
        }

        batch.Publish(new NetworkState());
        batch.Diagnostics.Count.ShouldBeGreaterThan(1000);
    }
}
