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
    [InlineData("10.0.0.0/8 nexthop via 1.2.3.4 dev a")]
    [InlineData("10.0.0.0/8 encap mpls 100")]
    [InlineData("10.0.0.0/33")]
    [InlineData("via 10.0.0.1")]
    [InlineData("10.0.0.0/8 via 2001:db8::1")]
    public void Route_BeyondOneHop_IsRefused(string words) => Read(words).ShouldBeNull();

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
