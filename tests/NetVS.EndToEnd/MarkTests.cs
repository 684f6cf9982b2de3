using NetVS.Director.Forwarding;
using NetVS.Linux.Attachment;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.EndToEnd;

/// <summary>Mark services with real connections: marks by NetVS's rules, and by the director's own nftables.</summary>
public sealed class MarkTests : IDisposable
{
    private readonly LabNetwork _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(LinkChoice.AfPacket, HookChoice.Tc, 1)]
    [InlineData(LinkChoice.AfXdp, HookChoice.Xdp, 2)]
    public void OwnRules_TieAClientsPortsTogether(LinkChoice link, HookChoice hook, int workers)
    {
        using RunningDirector director = Start(link, hook, workers);
        director.Engine.SetMarks([Rule($"tcp {LabNetwork.Vip} 80-81 7"), Rule("any 2001:db8:1::/112 any 7")]).ShouldBe(RuleResult.Ok);
        AddService(director, IpFamily.V4, "192.168.1.1", 0);
        AddService(director, IpFamily.V6, "fd00::1", 0);
        Try(director, () =>
        {
            foreach (string vip in new[] { LabNetwork.Vip, LabNetwork.VipV6 })
            {
                string[] answers = [.. Enumerable.Range(0, 6).Select(i => _lab.Get(vip, 80 + (i % 2)).Line)];
                answers.Distinct().ShouldHaveSingleItem($"{vip}: one client, one server: {string.Join(", ", answers)}");
                _lab.Get(vip, 81, 5_000_000).Octets.ShouldBe(5_000_000);
            }
        });
    }

    [Fact]
    public void MarksOfNftables_ComeByARoute()
    {
        using RunningDirector director = Start(LinkChoice.AfPacket, HookChoice.Tc, 2);
        string tap = TapOf(director);
        _lab.Director.Execute("nft", "add table ip m");
        _lab.Director.Execute("nft", "add chain ip m p { type filter hook prerouting priority mangle; }");
        _lab.Director.Execute("nft", "add rule ip m p ip daddr 198.51.100.0/24 tcp dport { 80, 81 } meta mark set 7");
        _lab.Director.Ip("rule add fwmark 7 lookup 100");
        _lab.Director.Ip($"route add default dev {tap} table 100");
        Carry(director);
    }

    [Fact]
    public void MarksOfNftables_ComeByAnIngressChain()
    {
        using RunningDirector director = Start(LinkChoice.AfPacket, HookChoice.Tc, 1);
        string tap = TapOf(director);
        _lab.Director.Execute("nft", "add table netdev m");
        _lab.Director.Execute("nft", "add chain netdev m p { type filter hook ingress device f0 priority 0; }");
        _lab.Director.Execute("nft", $"add rule netdev m p ip daddr 198.51.100.0/24 tcp dport {{ 80, 81 }} meta mark set 7 fwd to {tap}");
        Carry(director);
    }

    private void Carry(RunningDirector director)
    {
        _lab.Client.Ip("route add 198.51.100.0/24 via 203.0.113.1");
        AddService(director, IpFamily.V4, "192.168.1.1", 0);
        Try(director, () =>
        {
            string[] answers = [.. Enumerable.Range(0, 4).Select(i => _lab.Get("198.51.100.9", 80 + (i % 2)).Line)];
            answers.Distinct().ShouldHaveSingleItem(string.Join(", ", answers));
            _lab.Get("198.51.100.10", 80, 5_000_000).Octets.ShouldBe(5_000_000);
            _lab.Put("198.51.100.10", 80, 5_000_000).ShouldEndWith(" 5000000");
        });
    }

    private RunningDirector Start(LinkChoice link, HookChoice hook, int workers)
    {
        for (int i = 0; i < 2; i++)
            foreach (int port in new[] { 80, 81 }) _lab.Serve(_lab.Servers[i], $"rs{i}", port);
        return new RunningDirector(_lab.Director, new LinkManagerOptions { Link = link, Hook = hook, Interfaces = ["f0", "b0"] }, workers);
    }

    private static string TapOf(RunningDirector director) => director.Links.ReadStatus().Single(s => s.Link == "tap").Interface;

    private static void AddService(RunningDirector director, IpFamily family, string network, int port)
    {
        ServiceKey key = ServiceKey.OfMark(family, 7);
        director.Engine.AddService(new VirtualServiceRule
        {
            Key = key, Scheduler = "rr", NetmaskPrefix = family == IpFamily.V6 ? 128u : 32u, Flags = ServiceFlags.Persistent, PersistenceTimeout = 60,
        }).ShouldBe(RuleResult.Ok);
        for (int i = 0; i < 2; i++)
        {
            director.Engine.AddDestination(key, new DestinationRule
            {
                Real = new IpEndpoint(IpAddress.Parse($"{network}{i}"), (ushort)port), Method = ForwardingMethod.Nat,
            }).ShouldBe(RuleResult.Ok);
        }
    }

    private static void Try(RunningDirector director, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{director.Describe()}", failure);
        }
    }

    private static MarkRule Rule(string text)
    {
        MarkRule.TryParse(text.Split(' '), out MarkRule? rule, out string? problem).ShouldBeTrue(problem);
        return rule!;
    }
}
