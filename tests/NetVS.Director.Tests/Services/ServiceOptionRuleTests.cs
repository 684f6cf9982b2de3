using NetVS.Rules;

namespace NetVS.Director.Tests.Services;

/// <summary>Options beyond IPVS: where they would have no effect they are refused.</summary>
public sealed class ServiceOptionRuleTests
{
    [Theory]
    [InlineData("wlc", true)]
    [InlineData("twos", true)]
    [InlineData("sh", false)]
    [InlineData("fo", false)]
    [InlineData("none", false)]
    public void SlowStart_NeedsLoadOrTurns(string scheduler, bool isTaken) => Check(scheduler, new ServiceOptions { SlowStart = 30 }, "slow-start is for", isTaken);

    [Theory]
    [InlineData("sh", true)]
    [InlineData("dh", true)]
    [InlineData("mh", true)]
    [InlineData("rr", false)]
    public void StableHash_NeedsAHash(string scheduler, bool isTaken) => Check(scheduler, new ServiceOptions { HasStableHash = true }, "stable-hash is for", isTaken);

    [Fact]
    public void StableHash_WithFallback_Refused() =>
        Check("mh", new ServiceOptions { HasStableHash = true }, "leave out mh-fallback", isTaken: false, ServiceFlags.Scheduler1);

    [Fact]
    public void Timeout_OfAnotherProtocol_Refused()
    {
        Check("rr", new ServiceOptions { UdpTimeout = 1 }, "udp-timeout is for UDP services", isTaken: false);
        Check("rr", new ServiceOptions { SctpTimeout = 1 }, "sctp-timeout is for SCTP services", isTaken: false);
        var test = new EngineUnderTest();
        var everything = new ServiceOptions { TcpTimeout = 1, TcpFinTimeout = 1, SynTimeout = 1, UdpTimeout = 1, SctpTimeout = 1 };
        test.Engine.AddService(new VirtualServiceRule { Key = ServiceKey.OfMark(NetVS.Packets.IpFamily.V4, 7), Options = everything }).ShouldBe(RuleResult.Ok);
        test.Engine.AddService(EngineUnderTest.Service(protocol: NetVS.Packets.IpProtocol.Udp) with { Options = new ServiceOptions { SynTimeout = 1 } }).Detail!.ShouldBe("syn-timeout is for TCP services");
    }

    [Fact]
    public void Limits_ThatLimitNothing_Refused()
    {
        Check("rr", new ServiceOptions { ClientPrefix = 24 }, "client-prefix is of use with max-per-client only", isTaken: false);
        Check("rr", new ServiceOptions { MostPerClient = 1, ClientPrefix = 33 }, "client-prefix is at most 32 for IPv4", isTaken: false);
        Check("rr", new ServiceOptions { OverLimit = OverLimit.Reject }, "over-limit is of use with", isTaken: false);
        Check("rr", new ServiceOptions { MostConnections = 1 }, "a one-packet service has no connections", isTaken: false, ServiceFlags.OnePacket);
        Check("rr", new ServiceOptions { MostConnections = 1, MostPerClient = 1, ClientPrefix = 32, OverLimit = OverLimit.Reject }, "", isTaken: true);
    }

    private static void Check(string scheduler, ServiceOptions options, string complaint, bool isTaken, ServiceFlags flags = ServiceFlags.None)
    {
        var test = new EngineUnderTest();
        VirtualServiceRule rule = EngineUnderTest.Service(scheduler: scheduler) with { Options = options, Flags = flags };
        RuleResult result = test.Engine.AddService(rule);
        result.Status.ShouldBe(isTaken ? RuleStatus.Ok : RuleStatus.EINVAL);
        if (isTaken) test.Engine.FindService(rule.Key)!.Rule.Options.ShouldBe(options);
        else result.Detail!.ShouldContain(complaint);
    }
}
