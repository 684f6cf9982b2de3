using NetVS.Health.Probes;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Health.Tests;

/// <summary>netvs_users_way: which checks have which path, and which cannot have one.</summary>
public sealed class UserPathTests
{
    private readonly Paths _known = new();

    private static string Service(string method, string check, string real = "10.0.0.1", string @virtual = "192.0.2.1 80") =>
        $"virtual_server {@virtual} {{\n protocol TCP\n lvs_sched rr\n lvs_method {method}\n real_server {real} 80 {{\n {check}\n }}\n }}\n";

    private static string Tcp(string more = "") => $"TCP_CHECK {{\n netvs_users_way\n connect_timeout 1\n {more}\n }}";

    [Fact]
    public void Paths_AreThoseOfTheMethod()
    {
        using var rig = new HealthRig(paths: _known);
        rig.Load(Service("TUN", Tcp())).Problems.ShouldBeEmpty();
        _known.All.ShouldBe([new UserPath(IpAddress.Parse("192.0.2.1"), IpAddress.Parse("10.0.0.1"), TunnelType.IpIp)]);
        rig.Health.VirtualServers.Single().RealServers.Single().Checks.Single().Target.ShouldBe("10.0.0.1:80 (192.0.2.1 by ipip)");
        rig.Load(Service("TUN type gue port 7000", Tcp())).Problems.ShouldBeEmpty();
        _known.All.ShouldBe([new UserPath(IpAddress.Parse("192.0.2.1"), IpAddress.Parse("10.0.0.1"), TunnelType.Gue, 7000)]);
        rig.Load(Service("DR", Tcp())).Problems.ShouldBeEmpty();
        _known.All.ShouldBe([new UserPath(IpAddress.Parse("192.0.2.1"), IpAddress.Parse("10.0.0.1"), null)]);
        const string Group = "virtual_server_group g {\n 192.0.2.7 80\n 192.0.2.8 80\n}\n";
        rig.Load(Group + Service("DR", Tcp(), @virtual: "group g")).Problems.ShouldBeEmpty();
        _known.All.ShouldBe([new UserPath(IpAddress.Parse("192.0.2.7"), IpAddress.Parse("10.0.0.1"), null)], "a group's first address");
        rig.Load(Service("NAT", Tcp())).Problems.ShouldBeEmpty();
        _known.All.ShouldBeEmpty("by NAT users' packets are for the server's own address, too");
        rig.Load(Service("DR", Tcp().Replace(" netvs_users_way\n", "", StringComparison.Ordinal))).Problems.ShouldBeEmpty();
        _known.All.ShouldBeEmpty("nobody asked");
    }

    [Theory]
    [InlineData("TUN", "", "fd00::1", "192.0.2.1 80", "of two families")]
    [InlineData("DR", "", "10.0.0.1", "fwmark 7", "a mark names no virtual address")]
    [InlineData("DR", "connect_ip 10.0.0.9", "10.0.0.1", "192.0.2.1 80", "connect_ip names another address")]
    [InlineData("DR", "fwmark 9", "10.0.0.1", "192.0.2.1 80", "a mark of their own")]
    public void WhatCannotGoThatWay_IsRefused(string method, string more, string real, string @virtual, string words)
    {
        using var rig = new HealthRig(paths: _known);
        rig.Load(Service(method, Tcp(more), real, @virtual)).Problems.ShouldHaveSingleItem().Message.ShouldContain(words);
        _known.All.ShouldBeEmpty();
    }

    [Fact]
    public void OldHostBlocks_WhichNameWhomToAsk_AreRefused()
    {
        using var rig = new HealthRig(paths: _known);
        rig.Load(Service("DR", "SMTP_CHECK {\n netvs_users_way\n host {\n connect_ip 10.0.0.9\n }\n }")).Problems.ShouldContain(p => p.Message.Contains("host blocks name whom to ask", StringComparison.Ordinal));
        _known.All.ShouldBeEmpty();
    }

    [Fact]
    public void HostWithoutPaths_RefusesTheConfiguration()
    {
        using var rig = new HealthRig();
        rig.Load(Service("DR", Tcp())).Problems.ShouldHaveSingleItem().Message.ShouldContain("checks cannot go the users' way here");
        rig.Load(Service("NAT", Tcp())).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task WhenTheWayIsNotThere_NothingIsSaidOfTheServer()
    {
        _known.Problem = "the users' way is not there: for this test";
        using var rig = new HealthRig(paths: _known);
        rig.Load(Service("DR", Tcp("delay_loop 1\n retry 0"), "127.0.0.1")).Problems.ShouldBeEmpty();
        rig.Configuration.Begin();
        await rig.Until(() => rig.Log.Contains(_known.Problem, StringComparison.Ordinal), "it is said");
        rig.Rules.ShouldBe("127.0.0.1:80=1", "the server stays");
        rig.Log.ShouldNotContain("failed");
    }

    private sealed class Paths : IUserPaths
    {
        public List<UserPath> All { get; } = [];

        public string Problem { get; set; } = "";

        public void Set(IReadOnlyCollection<UserPath> paths)
        {
            All.Clear();
            All.AddRange(paths);
        }

        public bool TryFindMark(UserPath path, out uint mark, out string problem)
        {
            mark = Problem.Length == 0 && All.Contains(path) ? 7u : 0;
            problem = Problem;
            return mark != 0;
        }
    }
}
