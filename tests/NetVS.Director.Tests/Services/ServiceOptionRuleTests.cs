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
