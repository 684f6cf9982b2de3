using NetVS.Failover.Plan;
using NetVS.Keepalived.Model;
using NetVS.Linux.Vrrp;
using NetVS.Packets;

namespace NetVS.Failover.Tests.Plan;

public sealed class RouteWordsTests
{
    [Fact]
    public void Route_InIpsWords_IsThatRoute()
    {
        RoutePlan plan = Read("10.1.0.0/16 via 192.0.2.254 dev eth1 src 192.0.2.100 table 100 metric 7 mtu lock 1400 onlink")!;
        plan.Interface.ShouldBe("eth1");
        RouteRequest r = plan.Request;
        (r.Destination, r.PrefixLength, r.Gateway, r.Source).ShouldBe((IpAddress.Parse("10.1.0.0"), 16, IpAddress.Parse("192.0.2.254"), IpAddress.Parse("192.0.2.100")));
        (r.Table, r.Metric, r.IsOnLink, r.Locked, r.Protocol).ShouldBe((100u, 7u, true, 4u, (byte)18));
        r.Metrics.ShouldBe([(2, 1400u)]);
    }

    [Fact]
    public void Default_TakesTheFamilyOfItsGateway() => Read("default via 2001:db8::1")!.Request.Family.ShouldBe(IpFamily.V6);

    [Fact]
    public void Type_WithoutInterface_IsARoute() => Read("blackhole 10.0.0.0/8")!.Request.Type.ShouldBe((byte)6);

    [Theory]
    [InlineData("10.0.0.0/8 nexthop via 2001:db8::1 dev a")]
    [InlineData("10.0.0.0/8 nexthop weight 3")]
    [InlineData("10.0.0.0/8 nexthop via 1.2.3.4 dev a weight 257")]
    [InlineData("10.0.0.0/8 via 1.2.3.4 nexthop via 1.2.3.5")]
    [InlineData("10.0.0.0/8 encap seg6 mode encap segs fc00::1 dev a")]
    [InlineData("10.0.0.0/8 encap mpls 1048576 dev a")]
    [InlineData("10.0.0.0/8 encap ip dst 2001:db8::1 dev a")]
    [InlineData("10.0.0.0/8 dev a expires 60")]
    [InlineData("10.0.0.0/8 dev a realms 1/70000")]
    [InlineData("10.0.0.0/8 dev a rto_min soon")]
    [InlineData("10.0.0.0/33")]
    [InlineData("via 10.0.0.1")]
    [InlineData("10.0.0.0/8 via 2001:db8::1")]
    public void Route_BeyondTheseWords_IsRefused(string words) => Read(words).ShouldBeNull();

    [Fact]
    public void Route_OfSeveralHops_HasThemAll()
    {
        RoutePlan plan = Read("10.0.0.0/8 table 100 nexthop via 192.0.2.1 dev a weight 3 nexthop dev b onlink encap mpls 100/200 ttl 9")!;
        plan.Interface.ShouldBeNull();
        plan.Hops.Select(h => (h.Request.Gateway, h.Interface, h.Request.Weight, h.Request.IsOnLink)).ShouldBe([(IpAddress.Parse("192.0.2.1"), "a", 3, false), (default, "b", 1, true)]);
        RouteEncapsulation labels = plan.Hops[1].Request.Encapsulation!;
        (labels.Kind, labels.Ttl).ShouldBe((RouteEncapsulation.Mpls, (byte?)9));
        labels.Labels.ShouldBe([100u, 200u]);
    }

    [Fact]
    public void Route_WithRareWords_KeepsThemAll()
    {
        RouteRequest r = Read("2001:db8:1::/48 from 2001:db8:2::/64 via fe80::1 dev a pref high expires 60 realms 3/4 congctl lock bbr rtt 20ms rto_min lock 1s append")!.Request;
        (r.FromLength, r.Preference, r.Expires, r.Realms, r.CongestionControl, r.IsBeforeOthers).ShouldBe((64, (byte?)1, 60u, (3u << 16) | 4, "bbr", false));
        r.Metrics.ShouldBe([(4, 160u), (13, 1000u)]);
        r.Locked.ShouldBe((1u << 16) | (1u << 13));
        Read("10.0.0.0/8 encap ip id 7 src 192.0.2.1 dst 192.0.2.2 ttl 64 tos 4 dev a")!.Request.Encapsulation.ShouldBe(
            new RouteEncapsulation { Kind = RouteEncapsulation.Ip, Id = 7, Source = IpAddress.Parse("192.0.2.1"), Destination = IpAddress.Parse("192.0.2.2"), Ttl = 64, Tos = 4 });
        RouteRequest local = Read("local 10.0.0.1 dev a")!.Request;
        (local.Type, local.Table, local.Scope).ShouldBe(((byte)2, 255u, (byte?)254));
    }

    [Theory]
    [InlineData("10.0.0.0/8 via 192.0.2.1 dev a", false)]
    [InlineData("10.0.0.0/8 nexthop via 192.0.2.1 dev a", false)]
    [InlineData("blackhole 10.0.0.0/8", true)]
    public void Route_WithoutInterface_IsNotTracked(string words, bool isUntracked) => Read(words)!.IsUntracked.ShouldBe(isUntracked);

    [Fact]
    public void Rule_InIpsWords_IsThatRule()
    {
        uint next = 16384;
        RulePlan plan = RouteWords.ReadRule(Entry("not from 192.0.2.0/24 fwmark 0x10/0xff iif eth0 lookup 100"), ref next, new PlanProblems())!;
        RuleRequest r = plan.Request;
        (r.From, r.FromLength, r.Mark, r.MarkMask, r.InputInterface, r.Table, r.IsInverted, r.Preference).ShouldBe(
            (IpAddress.Parse("192.0.2.0"), 24, 16u, 255u, "eth0", 100u, true, 16384u));
        next.ShouldBe(16383u);
    }

    private static RoutePlan? Read(string words)
    {
        var problems = new PlanProblems();
        RoutePlan? plan = RouteWords.ReadRoute(Entry(words), null, problems);
        problems.Items.Count.ShouldBe(plan is null ? 1 : 0, "what is refused is said");
        return plan;
    }

    private static RouteEntry Entry(string words) => new() { Words = words.Split(' ') };
}
