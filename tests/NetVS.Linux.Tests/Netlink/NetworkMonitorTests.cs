using NetVS.Director.Network;
using NetVS.Linux.Netlink;
using NetVS.Packets;
using static NetVS.Testing.Time.Patience;

namespace NetVS.Linux.Tests.Netlink;

public sealed class NetworkMonitorTests
{
    [Fact]
    public void Start_WhatIsThere_IsKnown()
    {
        using var lab = new MonitoredNamespace(isStarted: false);
        lab.Director.Ip("link set f0 address 02:00:00:00:00:f0 mtu 1400");
        lab.Director.Ip("route add default via 192.0.2.9 mtu 1300");
        lab.Director.Ip("route add blackhole 203.0.113.0/24");
        lab.Director.Ip("neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev f0");
        lab.Start();

        NetworkInterface f0 = lab.State.FindInterface("f0")!;
        f0.Mac.ToString().ShouldBe("02:00:00:00:00:f0");
        f0.IpMtu.ShouldBe(1400);
        f0.IsUp.ShouldBeTrue();
        f0.ParentIndex.ShouldBe(0, "the other end of a veth is no parent");
        f0.IsEthernet.ShouldBeTrue();
        lab.State.FindInterface("lo")!.IsLoopback.ShouldBeTrue();
        lab.State.IsLocal(IpAddress.Parse("192.0.2.1")).ShouldBeTrue();
        lab.State.IsLocal(IpAddress.Parse("192.0.2.9")).ShouldBeFalse();
        WaitFor(() => lab.State.IsLocal(IpAddress.Parse("2001:db8::1")), "the kernel makes the route of an IPv6 address after the address");
        lab.State.Addresses.ShouldContain(new NetworkAddress(f0.Index, IpAddress.Parse("192.0.2.1"), 24));
        lab.Find("192.0.2.255").Kind.ShouldBe(RouteKind.Broadcast);
        lab.Find("203.0.113.7").Kind.ShouldBe(RouteKind.Blackhole);
        RouteLookup route = lab.Find("8.8.8.8");
        route.IpMtu.ShouldBe(1300);
        route.PreferredSource.ShouldBe(IpAddress.Parse("192.0.2.1"));
        NextHop hop = lab.State.NextHops.Read(route.NextHop);
        hop.State.ShouldBe(NextHopState.Reachable);
        hop.Destination.ToString().ShouldBe("02:00:00:00:00:09");
        lab.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Links_EveryChange_IsSeen()
    {
        using var lab = new MonitoredNamespace();
        int hop = lab.State.NextHops.GetOrAdd(lab.F0, IpAddress.Parse("192.0.2.9"));

        lab.Director.Ip("link set f0 mtu 1280");
        WaitFor(() => lab.State.FindInterface("f0")!.IpMtu == 1280, "mtu");
        lab.Director.Ip("link set f0 address 02:00:00:00:00:77");
        WaitFor(() => lab.State.FindInterface("f0")!.Mac.Value == 0x0200_0000_0077, "mac");
        WaitFor(() => lab.State.NextHops.Read(hop).Source.Value == 0x0200_0000_0077, "the next hop's source");

        lab.Peer.Ip("link set p0 down");
        WaitFor(() => !lab.State.FindInterface("f0")!.IsUp, "no carrier");
        lab.State.FindInterface("f0")!.IsAdministrativelyUp.ShouldBeTrue();
        lab.State.NextHops.Read(hop).State.ShouldBe(NextHopState.Failed);
        lab.Peer.Ip("link set p0 up");
        WaitFor(() => lab.State.FindInterface("f0")!.IsUp, "carrier again");

        lab.Director.Ip("link set f0 down");
        WaitFor(() => !lab.State.FindInterface("f0")!.IsAdministrativelyUp, "down");
        WaitFor(() => lab.Find("192.0.2.9").Kind == RouteKind.None, "its routes are gone");
        lab.Director.Ip("link set f0 up");
        WaitFor(() => lab.Find("192.0.2.9").Kind == RouteKind.Unicast, "its routes are back");

        lab.Director.Ip("link add f1 type veth peer name f2");
        WaitFor(() => lab.State.FindInterface("f2") is not null, "new");
        lab.Director.Ip("link set f1 name g1");
        WaitFor(() => lab.State.FindInterface("g1") is not null, "renamed");
        lab.Director.Ip("link del g1");
        WaitFor(() => lab.State.FindInterface("f2") is null, "removed");
        WaitFor(() => lab.Changes.Any(c => c is { Before.Name: "f2", After: null }), "the event");
        lab.Changes.ShouldContain(c => c.Before == null && c.After!.Name == "f2");
        lab.Changes.ShouldContain(c => c.Before != null && c.After != null && c.Before.IpMtu == 1500 && c.After.IpMtu == 1280);
    }

    [Fact]
    public void Links_ReplacedUnderTheSameIndex_IsReportedGoneAndNew()
    {
        using var lab = new MonitoredNamespace(new NetworkMonitorOptions { Quiet = TimeSpan.FromMilliseconds(300), Patience = TimeSpan.FromSeconds(2) });
        lab.Director.Ip("link add name fx index 77 type veth peer name fy");

        // The events come after the state.
        WaitFor(() => new[] { "fx", "fy" }.All(name => lab.Changes.Any(c => c.Before is null && c.After?.Name == name)), "new");
        int before = lab.Changes.Length;

        lab.Director.IpBatch("link del fx\nlink add name fx index 77 type veth peer name fz");

        WaitFor(() => lab.State.FindInterface("fz") is not null, "replaced");
        WaitFor(() => lab.Changes.Skip(before).Any(c => c is { Before: null, After.Name: "fx" }), "both events");
        List<InterfaceChange> changes = [.. lab.Changes.Skip(before)];
        changes.FindIndex(c => c is { Before.Name: "fx", After: null }).ShouldBeInRange(0, changes.FindIndex(c => c is { Before: null, After.Name: "fx" }));
    }

    [Fact]
    public void Routes_EveryChange_IsSeen()
    {
        using var lab = new MonitoredNamespace();
        lab.Director.Ip("addr add 198.51.100.1/24 dev f0");
        WaitFor(() => lab.State.IsLocal(IpAddress.Parse("198.51.100.1")), "address");
        lab.Director.Ip("route add 10.0.0.0/8 via 192.0.2.9");
        WaitFor(() => lab.Via("10.1.1.1") == "192.0.2.9", "route");
        int version = lab.State.Version;
        lab.Director.Ip("route replace 10.0.0.0/8 via 198.51.100.9 src 198.51.100.1");
        WaitFor(() => lab.Via("10.1.1.1") == "198.51.100.9", "replaced");
        lab.State.Version.ShouldNotBe(version);
        lab.Find("10.1.1.1").PreferredSource.ShouldBe(IpAddress.Parse("198.51.100.1"));

        lab.Director.Ip("route replace 10.0.0.0/8 nexthop via 192.0.2.9 weight 1 nexthop via 198.51.100.9 weight 3");
        WaitFor(() => Enumerable.Range(0, 64).Select(i => lab.Via("10.1.1.1", (uint)i)).Distinct().Count() == 2, "multipath");
        int heavy = Enumerable.Range(0, 4000).Count(i => lab.Via("10.1.1.1", (uint)i) == "198.51.100.9");
        heavy.ShouldBeInRange(2800, 3200);

        lab.Director.Ip("route add 10.0.0.0/8 via 192.0.2.10 metric 50");
        lab.Director.Ip("route del 10.0.0.0/8 metric 0");
        WaitFor(() => lab.Via("10.1.1.1") == "192.0.2.10", "the other metric");
        lab.Director.Ip("route flush 10.0.0.0/8");
        WaitFor(() => lab.Find("10.1.1.1").Kind == RouteKind.None, "flushed");

        lab.Director.Ip("-6 route add 2001:db8:f::/48 via 2001:db8::9");
        WaitFor(() => lab.Via("2001:db8:f::1") == "2001:db8::9", "v6 route");
        lab.Director.Ip("-6 route append 2001:db8:f::/48 via 2001:db8::a");
        WaitFor(() => Enumerable.Range(0, 64).Select(i => lab.Via("2001:db8:f::1", (uint)i)).Distinct().Count() == 2, "v6 multipath");
        lab.Director.Ip("-6 route del 2001:db8:f::/48 via 2001:db8::9");
        WaitFor(() => Enumerable.Range(0, 64).All(i => lab.Via("2001:db8:f::1", (uint)i) == "2001:db8::a"), "v6 one left");
        lab.Director.Ip("route add 10.7.0.0/16 via inet6 2001:db8::9");
        WaitFor(() => lab.Via("10.7.1.1") == "2001:db8::9", "IPv4 through an IPv6 gateway");

        // The kernel does not announce the IPv4 routes that go with their source address.
        lab.Director.Ip("route add 10.8.0.0/16 via 192.0.2.9 src 198.51.100.1");
        WaitFor(() => lab.Find("10.8.1.1").Kind == RouteKind.Unicast, "route");
        lab.Director.Ip("addr del 198.51.100.1/24 dev f0");
        WaitFor(() => lab.Find("10.8.1.1").Kind == RouteKind.None, "gone with its address");
        lab.State.IsLocal(IpAddress.Parse("198.51.100.1")).ShouldBeFalse();
    }

    [Fact]
    public void Routes_NexthopObject_IsFollowed()
    {
        using var lab = new MonitoredNamespace();
        lab.Director.Ip("nexthop add id 5 via 192.0.2.9 dev f0");
        lab.Director.Ip("route add 10.0.0.0/8 nhid 5");
        WaitFor(() => lab.Via("10.1.1.1") == "192.0.2.9", "route");

        lab.Director.Ip("nexthop replace id 5 via 192.0.2.10 dev f0");

        WaitFor(() => lab.Via("10.1.1.1") == "192.0.2.10", "replaced");
    }

    [Fact]
    public void Neighbours_Requested_AreResolved()
    {
        using var lab = new MonitoredNamespace();
        lab.Peer.Ip("link set p0 address 02:00:00:00:00:b9");
        foreach (string address in (string[])["192.0.2.9", "2001:db8::9"])
        {
            int hop = lab.State.NextHops.GetOrAdd(lab.F0, IpAddress.Parse(address));
            lab.State.NextHops.Read(hop).State.ShouldBe(NextHopState.Unresolved);

            lab.State.NextHops.RequestResolution(hop);

            WaitFor(() => lab.State.NextHops.Read(hop).State == NextHopState.Reachable, $"{address} resolved");
            lab.State.NextHops.Read(hop).Destination.ToString().ShouldBe("02:00:00:00:00:b9");
        }
    }

    [Fact]
    public void Neighbours_ThatDoNotAnswer_FailAndAreAskedAgain()
    {
        using var lab = new MonitoredNamespace();
        lab.Director.SetSysctl("net.ipv4.neigh.f0.retrans_time_ms", "50");
        int hop = lab.State.NextHops.GetOrAdd(lab.F0, IpAddress.Parse("192.0.2.44"));
        lab.State.NextHops.RequestResolution(hop);
        WaitFor(() => lab.State.NextHops.Read(hop).State == NextHopState.Failed, "failed");

        lab.Peer.Ip("addr add 192.0.2.44/24 dev p0");

        WaitFor(() => lab.State.NextHops.Read(hop).State == NextHopState.Reachable, "asked again, without a further request");
    }

    [Fact]
    public void Neighbours_NewMac_IsSeen()
    {
        using var lab = new MonitoredNamespace();
        int hop = lab.State.NextHops.GetOrAdd(lab.F0, IpAddress.Parse("192.0.2.9"));
        lab.State.NextHops.RequestResolution(hop);
        WaitFor(() => lab.State.NextHops.Read(hop).State == NextHopState.Reachable, "resolved");

        // As a failover does: another MAC, then a gratuitous ARP.
        lab.Peer.Ip("link set p0 address 02:00:00:00:00:99");
        lab.Director.Ip("neigh replace 192.0.2.9 lladdr 02:00:00:00:00:99 dev f0");

        WaitFor(() => lab.State.NextHops.Read(hop).Destination.Value == 0x0200_0000_0099, "the new MAC");
        lab.Director.Ip("neigh del 192.0.2.9 dev f0");
        WaitFor(() => lab.State.NextHops.Read(hop).State == NextHopState.Unresolved, "deleted");
    }

    [Fact]
    public void Neighbours_InUseThatDie_AreNoticed()
    {
        using var lab = new MonitoredNamespace();
        lab.Director.SetSysctl("net.ipv4.neigh.f0.retrans_time_ms", "50");
        lab.Director.SetSysctl("net.ipv4.neigh.f0.base_reachable_time_ms", "200");
        lab.Director.SetSysctl("net.ipv4.neigh.f0.delay_first_probe_time", "1");
        int hop = lab.State.NextHops.GetOrAdd(lab.F0, IpAddress.Parse("192.0.2.9"));
        lab.State.NextHops.RequestResolution(hop);
        WaitFor(() => lab.State.NextHops.Read(hop).State == NextHopState.Reachable, "resolved");

        lab.Peer.Ip("addr del 192.0.2.9/24 dev p0");

        var clock = new NetworkMonitorOptions().Clock;
        WaitFor(
            () =>
            {
                lab.State.NextHops.MarkUsed(hop, clock());
                return lab.State.NextHops.Read(hop).State == NextHopState.Failed;
            },
            "the kernel was told it is used, probed, and gave it up", seconds: 20);
    }

    [Fact]
    public void Multipath_GatewayThatDies_IsLeftAndTakenUpAgain()
    {
        using var lab = new MonitoredNamespace();
        lab.Director.SetSysctl("net.ipv4.neigh.f0.retrans_time_ms", "50");
        lab.Peer.Ip("addr add 192.0.2.10/24 dev p0");
        lab.Director.Ip("route add 10.0.0.0/8 nexthop via 192.0.2.9 nexthop via 192.0.2.10");
        WaitFor(() => lab.Find("10.1.1.1").Kind == RouteKind.Unicast, "route");
        uint flow = (uint)Enumerable.Range(0, 64).First(i => lab.Via("10.1.1.1", (uint)i) == "192.0.2.10");

        lab.Peer.Ip("addr del 192.0.2.10/24 dev p0");
        lab.State.NextHops.RequestResolution(lab.Find("10.1.1.1", flow).NextHop);
        WaitFor(() => lab.Via("10.1.1.1", flow) == "192.0.2.9", "left");

        lab.Peer.Ip("addr add 192.0.2.10/24 dev p0");
        WaitFor(() => lab.Via("10.1.1.1", flow) == "192.0.2.10", "taken up, though no packet asked for it", seconds: 20);
    }

    [Fact]
    public void Rules_OfPolicyRouting_AreWarnedOfOnce()
    {
        using var lab = new MonitoredNamespace();
        lab.Director.Ip("rule add from 10.0.0.1 lookup 100");
        WaitFor(() => lab.Warnings.Length == 1, "warned");
        lab.Director.Ip("rule add from 10.0.0.2 lookup 100");
        lab.Director.Ip("addr add 198.51.100.1/24 dev f0");
        WaitFor(() => lab.State.IsLocal(IpAddress.Parse("198.51.100.1")), "read again");
        lab.Warnings.ShouldHaveSingleItem().ShouldContain("policy routing rules");
    }

    [Fact]
    public void Overflow_OfNotifications_EndsInTheRightState()
    {
        using var lab = new MonitoredNamespace(new NetworkMonitorOptions { ReceiveBuffer = 4096 });
        var before = new List<string>();
        for (int i = 0; i < 3000; i++) before.Add($"neigh replace 192.0.2.{i % 200 + 20} lladdr 02:00:00:00:{i % 7:x2}:{i % 250:x2} dev f0");
        before.Add("route add 10.0.0.0/8 via 192.0.2.9");
        int[] hops = [.. Enumerable.Range(20, 200).Select(i => lab.State.NextHops.GetOrAdd(lab.F0, IpAddress.Parse($"192.0.2.{i}")))];

        lab.Director.IpBatch(string.Join('\n', before));

        WaitFor(() => lab.Via("10.1.1.1") == "192.0.2.9", "route");
        WaitFor(() => lab.Monitor.Resynchronizations > 0, "an overflow");
        for (int i = 2800; i < 3000; i++)
        {
            ulong mac = 0x0200_0000_0000UL | ((ulong)(i % 7) << 8) | (uint)(i % 250);
            int hop = hops[i % 200];
            WaitFor(() => lab.State.NextHops.Read(hop).Destination.Value == mac, $"neighbour {i}");
        }
    }

    [Fact]
    public void Lookups_OverARandomRouteSet_AgreeWithTheKernel()
    {
        using var lab = new MonitoredNamespace();
        var random = new Random(42);
        var lines = new List<string>();
        for (int i = 10; i < 30; i++) lines.Add($"neigh replace 192.0.2.{i} lladdr 02:00:00:00:00:{i:x2} dev f0");
        var seen = new HashSet<string>();
        for (int i = 0; i < 1500; i++)
        {
            int length = random.Next(4, 33);
            uint start = (uint)random.NextInt64(0x0A00_0000, 0x0A10_0000) & unchecked((uint)(0xFFFF_FFFFUL << (32 - length)));
            string prefix = $"{new Ipv4Address(start)}/{length}";
            if (start >> 24 is 0 or 127 || !seen.Add(prefix)) continue;
            lines.Add((i % 10) switch
            {
                0 => $"route add blackhole {prefix}",
                1 => $"route add unreachable {prefix}",
                2 => $"route add prohibit {prefix}",
                3 => $"route add throw {prefix}",
                4 => $"route add local {prefix} dev lo",
                _ => $"route add {prefix} via 192.0.2.{random.Next(10, 30)} metric {random.Next(3)} mtu {random.Next(1000, 1500)}",
            });
        }

        lines.Add("route add default via 192.0.2.10");
        lab.Director.IpBatch(string.Join('\n', lines));
        lab.Director.Ip("addr add 198.51.100.77/32 dev lo");
        WaitFor(() => lab.State.IsLocal(IpAddress.Parse("198.51.100.77")), "all routes");

        string[] destinations = [.. Enumerable.Range(0, 300).Select(_ => new Ipv4Address((uint)random.NextInt64(0x0A00_0000, 0x0A10_0000)).ToString())];
        foreach (string destination in destinations)
        {
            string answer;
            try
            {
                answer = lab.Director.Ip($"route get {destination}");
            }
            catch (InvalidOperationException refused)
            {
                answer = refused.Message;
            }

            RouteLookup route = lab.Find(destination);
            string expected = answer switch
            {
                _ when answer.Contains("Invalid argument") => "Blackhole",
                _ when answer.Contains("No route to host") => "Unreachable",
                _ when answer.Contains("Network is unreachable") => "None",
                _ when answer.Contains("Permission denied") => "Prohibit",
                _ when answer.StartsWith("local", StringComparison.Ordinal) => "Local",
                _ => $"Unicast via {Word(answer, "via")} mtu {Word(answer, "mtu")} src {Word(answer, "src")}",
            };
            string found = route.Kind == RouteKind.Unicast
                ? $"Unicast via {lab.Via(destination)} mtu {(Word(answer, "mtu").Length == 0 ? "" : route.IpMtu)} src {route.PreferredSource}"
                : route.Kind.ToString();
            found.ShouldBe(expected, $"{destination}: {answer}");
        }

        static string Word(string text, string after)
        {
            string[] words = text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            int at = Array.IndexOf(words, after);
            return at < 0 ? "" : words[at + 1];
        }
    }

    [Fact]
    public void Start_Twice_Throws()
    {
        using var lab = new MonitoredNamespace();

        Should.Throw<InvalidOperationException>(lab.Start);
    }
}
