using NetVS.Linux.Vrrp;

namespace NetVS.Failover.Tests.Running;

/// <summary>What a master does to its host besides addresses: the packet filter, routes of every kind, settings of interfaces.</summary>
public sealed class FilterAndRouteTests : IDisposable
{
    private const string Fast = "version 3\n advert_int 0.1\n garp_master_delay 0";
    private readonly VrrpPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData("no_accept", false)]
    [InlineData("strict_mode on", false)]
    [InlineData("strict_mode on\n accept", true)]
    [InlineData("accept", true)]
    public void PacketsToTheAddresses_ReachTheHost_AsConfigured(string lines, bool isReached)
    {
        // The second address, IPv6, shows that neighbour discovery passes where nothing else does.
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, $"{Fast}\n {lines}\n virtual_ipaddress_excluded {{\n 2001:db8::7/64\n }}", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("2001:db8::7"), "it is master", () => _pair.Log);
        _pair.Other.Ip("addr add 2001:db8::2/64 dev e0 nodad");
        Answers("192.0.2.1").ShouldBeTrue("its own address is nobody's business");
        Answers("192.0.2.100").ShouldBe(isReached, _pair.Log);
        Answers("2001:db8::7").ShouldBe(isReached, _pair.Log);
        _pair.Other.Ip("neigh show 192.0.2.100").ShouldContain("lladdr");
        _pair.Other.Ip("neigh show 2001:db8::7").ShouldContain("lladdr");
        _pair.StopOwn();
        Ruleset().ShouldNotContain(AddressFilter.TableName);
    }

    [Fact]
    public void Filter_OfAKilledDirector_Goes()
    {
        _pair.Own.Run(() =>
        {
            using var left = new AddressFilter();
            left.Set([NetVS.Packets.IpAddress.Parse("192.0.2.100"), NetVS.Packets.IpAddress.Parse("2001:db8::7")]).ShouldBe(0);
        });
        Ruleset().ShouldContain("elements = { 192.0.2.100 }");
        Ruleset().ShouldContain("elements = { 2001:db8::7 }");
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master", () => _pair.Log);
        Ruleset().ShouldNotContain(AddressFilter.TableName);
    }

    [Fact]
    public void Reload_ThatTakesNoAcceptOut_OpensTheAddress()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, $"{Fast}\n no_accept", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master", () => _pair.Log);
        Ruleset().ShouldContain("elements = { 192.0.2.100 }");
        _pair.Reload(VrrpPair.Instance("V", 51, 100, $"{Fast}\n no_accept", "192.0.2.101/24"));
        Ruleset().ShouldContain("elements = { 192.0.2.101 }");
        _pair.Reload(VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.101/24"));
        Ruleset().ShouldNotContain(AddressFilter.TableName);
    }

    [Fact]
    public void Routes_OfSeveralHops_ComeAndGo()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100,
            $"{Fast}\n virtual_routes {{\n 10.9.0.0/16 nexthop via 192.0.2.253 dev e0 weight 2 nexthop via 192.0.2.254 dev e0\n"
            + " 10.8.0.0/16 via 192.0.2.254 dev e0 realms 3/4 congctl reno rto_min 40ms\n"
            + " 2001:db8:9::/48 nexthop via fe80::2 dev e0 nexthop via fe80::3 dev e0\n 2001:db8:8::/48 via fe80::2 dev e0 expires 600 pref high\n }",
            "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.Own.Ip("-6 route").Contains("2001:db8:8::/48", StringComparison.Ordinal), "the last route is there", () => _pair.Log);
        string routes = _pair.Own.Ip("route");
        routes.ShouldContain("nexthop via 192.0.2.253 dev e0 weight 2");
        routes.ShouldContain("nexthop via 192.0.2.254 dev e0 weight 1");
        routes.ShouldContain("realms 3/4");
        routes.ShouldContain("rto_min 40ms congctl reno");
        string ipv6 = _pair.Own.Ip("-6 route");
        ipv6.ShouldContain("nexthop via fe80::3 dev e0");
        ipv6.ShouldContain("expires");
        _pair.StopOwn();
        _pair.Own.Ip("route").ShouldNotContain("10.9.0.0");
        _pair.Own.Ip("route").ShouldNotContain("10.8.0.0");
        _pair.Own.Ip("-6 route").ShouldNotContain("2001:db8:9::");
    }

    [Theory]
    [InlineData("route", "route del 10.9.0.0/16")]
    [InlineData("-6 route", "-6 route del 2001:db8:9::/48")]
    [InlineData("rule", "rule del preference 77")]
    public void RouteOrRule_TakenAwayByAnother_ComesBack(string what, string command)
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100,
            $"{Fast}\n virtual_routes {{\n 10.9.0.0/16 via 192.0.2.254 dev e0\n 2001:db8:9::/48 via fe80::2 dev e0\n }}\n virtual_rules {{\n from 192.0.2.100 lookup 100 preference 77\n }}", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.Own.Ip("rule").Contains("77:", StringComparison.Ordinal), "the last thing is in place", () => _pair.Log);
        string before = _pair.Own.Ip(what);
        _pair.Own.Ip(command);
        VrrpPair.WaitFor(() => _pair.Log.Contains("removed by another program", StringComparison.Ordinal), "it notices", () => _pair.Log);
        VrrpPair.WaitFor(() => _pair.Own.Ip(what) == before && _pair.OwnHas("192.0.2.100"), "it is there again", () => _pair.Log);
        VrrpPair.WaitFor(() => _pair.Status().Contains("became master 2, released 1", StringComparison.Ordinal), "once, and for good", _pair.Status);
    }

    [Fact]
    public void Route_ThatIsNotTracked_StaysAway()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, $"{Fast}\n virtual_routes {{\n 10.9.0.0/16 via 192.0.2.254 dev e0 no_track\n 10.8.0.0/16 via 192.0.2.254 dev e0\n }}", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.Own.Ip("route").Contains("10.8.0.0", StringComparison.Ordinal), "the last route is there", () => _pair.Log);
        _pair.Own.Ip("route del 10.9.0.0/16");

        // The one that is tracked goes after it: when that is noticed, this one has been seen too.
        _pair.Own.Ip("route del 10.8.0.0/16");
        VrrpPair.WaitFor(() => _pair.Log.Contains("removed by another program", StringComparison.Ordinal), "the other one is noticed", () => _pair.Log);
        VrrpPair.WaitFor(() => _pair.Status().Contains("became master 2, released 1", StringComparison.Ordinal), "once", _pair.Status);
    }

    [Fact]
    public void StaticAddress_TakenAwayByAnother_IsAddedAgain()
    {
        _pair.StartOwn("static_ipaddress {\n 198.51.100.7/24 dev e0\n 198.51.100.8/24 dev e0 no_track\n}\n" + VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.100/24"));
        _pair.OwnHas("198.51.100.8").ShouldBeTrue();
        _pair.Own.Ip("addr del 198.51.100.8/24 dev e0");
        _pair.Own.Ip("addr del 198.51.100.7/24 dev e0");
        VrrpPair.WaitFor(() => _pair.OwnHas("198.51.100.7"), "it is there again", () => _pair.Log);
        _pair.OwnHas("198.51.100.8").ShouldBeFalse();
    }

    [Fact]
    public void Reconcile_FindsWhatIsNotTracked_AndPutsItBack()
    {
        _pair.StartOwn("static_routes {\n 10.7.0.0/16 via 192.0.2.254 dev e0\n}\n" + VrrpPair.Instance("V", 51, 100,
            $"{Fast}\n virtual_ipaddress_excluded {{\n 198.51.100.7/32 no_track\n }}\n virtual_routes {{\n 10.9.0.0/16 via 192.0.2.254 dev e0 no_track\n 2001:db8:9::/48 via fe80::2 dev e0 no_track\n }}\n"
            + " virtual_rules {\n from 192.0.2.100 lookup 100 preference 77 no_track\n }", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.Own.Ip("rule").Contains("77:", StringComparison.Ordinal), "the last thing is in place", () => _pair.Log);
        _pair.Reconcile(isApplied: true).ShouldBeEmpty();
        _pair.Own.Ip("addr del 198.51.100.7/32 dev e0");
        _pair.Own.Ip("route del 10.9.0.0/16");
        _pair.Own.Ip("route del 10.7.0.0/16");
        _pair.Own.Ip("-6 route del 2001:db8:9::/48");
        _pair.Own.Ip("rule del preference 77");
        _pair.Reconcile(isApplied: false).ShouldBe(
        [
            "(V) address 198.51.100.7/32 was gone", "(V) route 10.9.0.0/16 via 192.0.2.254 dev e0 was gone", "(V) route 2001:db8:9::/48 via fe80::2 dev e0 was gone",
            "(V) rule from 192.0.2.100 lookup 100 preference 77 was gone", "(static) route 10.7.0.0/16 via 192.0.2.254 dev e0 was gone",
        ]);
        _pair.OwnHas("198.51.100.7").ShouldBeFalse("it was only asked");
        _pair.Reconcile(isApplied: true).Count(l => l.EndsWith("added again", StringComparison.Ordinal)).ShouldBe(5);
        _pair.OwnHas("198.51.100.7").ShouldBeTrue();
        _pair.Own.Ip("route").ShouldContain("10.9.0.0/16");
        _pair.Own.Ip("route").ShouldContain("10.7.0.0/16");
        _pair.Own.Ip("-6 route").ShouldContain("2001:db8:9::/48");
        _pair.Own.Ip("rule").ShouldContain("77:");
        _pair.Reconcile(isApplied: true).ShouldBeEmpty();
    }

    [Fact]
    public void PromoteSecondaries_IsSetWhileItRuns()
    {
        const string setting = "/proc/sys/net/ipv4/conf/e0/promote_secondaries";
        string before = _pair.Own.Execute("cat", setting);
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, $"{Fast}\n promote_secondaries", "192.0.2.100/24"));
        _pair.Own.Execute("cat", setting).Trim().ShouldBe("1");
        _pair.Reload(VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.100/24"));
        _pair.Own.Execute("cat", setting).ShouldBe(before);
        _pair.Reload(VrrpPair.Instance("V", 51, 100, $"{Fast}\n promote_secondaries", "192.0.2.100/24"));
        _pair.StopOwn();
        _pair.Own.Execute("cat", setting).ShouldBe(before);
    }

    private string Ruleset() => _pair.Own.Execute("nft", "list ruleset");

    private bool Answers(string address)
    {
        try
        {
            _pair.Other.Execute("ping", $"-c 1 -W 1 {address}");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
