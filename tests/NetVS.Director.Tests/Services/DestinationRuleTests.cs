using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Services;

/// <summary>Adding, editing and deleting destinations, the trash: reference §2.3, §2.4, §2.6.</summary>
public sealed class DestinationRuleTests
{
    private static readonly ServiceKey s_web6 = EngineUnderTest.Service("2001:db8::10").Key;

    [Fact]
    public void Add_NewestFirst()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real("10.0.0.1"), EngineUnderTest.Real("10.0.0.2"));
        test.Engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real("10.0.0.1", weight: 7)).ShouldBe(RuleResult.Ok);
        test.Engine.FindService(EngineUnderTest.Web)!.Destinations.Select(d => $"{d.Rule.Real} {d.Rule.Weight}")
            .ShouldBe(["10.0.0.2:8080 1", "10.0.0.1:8080 7"]);
    }

    [Fact]
    public void AnyCommand_WithoutTheService_NoSuchService()
    {
        DirectorEngine engine = new EngineUnderTest().Engine;
        engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real(weight: -1)).Status.ShouldBe(RuleStatus.ESRCH);
        engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real()).Status.ShouldBe(RuleStatus.ESRCH);
        engine.DeleteDestination(EngineUnderTest.Web, EngineUnderTest.Real().Real).Status.ShouldBe(RuleStatus.ESRCH);
        engine.AddLocalAddress(EngineUnderTest.Web, IpAddress.Parse("10.0.0.200")).Status.ShouldBe(RuleStatus.ESRCH);
        engine.DeleteLocalAddress(EngineUnderTest.Web, IpAddress.Parse("10.0.0.200")).Status.ShouldBe(RuleStatus.ESRCH);
        engine.Zero(EngineUnderTest.Web).Status.ShouldBe(RuleStatus.ESRCH);
    }

    // Each rule is wrong in the way named and in all ways checked later, so that the order shows.
    public static TheoryData<string, DestinationRule, RuleStatus> WrongForAdding => new()
    {
        { "family", Worst() with { Real = new IpEndpoint(IpAddress.Parse("2001:db8::1"), 80) }, RuleStatus.EINVAL },
        { "no family", Worst() with { Real = default }, RuleStatus.EAFNOSUPPORT },
        { "weight", Worst(), RuleStatus.ERANGE },
        { "thresholds", Worst() with { Weight = 1 }, RuleStatus.ERANGE },
        { "upper threshold", Worst() with { Weight = 1, LowerThreshold = 0 }, RuleStatus.EINVAL },
        { "gue without port", Worst() with { Weight = 1, LowerThreshold = 0, UpperThreshold = 0 }, RuleStatus.EINVAL },
        { "exists", Worst() with { Weight = 1, LowerThreshold = 0, UpperThreshold = 0, TunnelPort = 6080 }, RuleStatus.EEXIST },
        { "not unicast", EngineUnderTest.Real("224.0.0.1") with { TunnelType = TunnelType.Gre }, RuleStatus.EINVAL },
        { "remote checksum of GRE", EngineUnderTest.Real("10.0.0.9") with { TunnelType = TunnelType.Gre, TunnelChecksum = TunnelChecksum.RemoteChecksum }, RuleStatus.EINVAL },
        { "port of GRE", EngineUnderTest.Real("10.0.0.9") with { TunnelType = TunnelType.Gre, TunnelPort = 6080 }, RuleStatus.EINVAL },
        { "checksum of IPIP", EngineUnderTest.Real("10.0.0.9") with { TunnelChecksum = TunnelChecksum.Checksum }, RuleStatus.EINVAL },
    };

    private static DestinationRule Worst() => EngineUnderTest.Real("10.0.0.1") with
    {
        Weight = -1, UpperThreshold = 0x8000_0000, LowerThreshold = 0x8000_0001, TunnelType = TunnelType.Gue, TunnelPort = 0,
    };

    [Theory]
    [MemberData(nameof(WrongForAdding))]
    public void Add_Wrong_FirstCheckThatFailsAnswers(string what, DestinationRule rule, RuleStatus status)
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real("10.0.0.1"));
        RuleResult result = test.Engine.AddDestination(EngineUnderTest.Web, rule);
        result.Status.ShouldBe(status, what + ": " + result.Detail);
        test.Engine.FindService(EngineUnderTest.Web)!.Destinations.Count.ShouldBe(1);
    }

    [Fact]
    public void Edit_Missing_NoSuchDestinationAfterTheNumbers()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb();
        test.Engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real(weight: -1)).Status.ShouldBe(RuleStatus.ERANGE);
        test.Engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real()).Status.ShouldBe(RuleStatus.ENOENT);
        test.Engine.DeleteDestination(EngineUnderTest.Web, EngineUnderTest.Real().Real).Status.ShouldBe(RuleStatus.ENOENT);
    }

    // As the kernel answered, asked with 10.0.0.1/24 and no other route than blackholes for some.
    [Theory]
    [InlineData("10.9.9.9", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.1.2.3", true)]
    [InlineData("255.255.255.255", false)]
    [InlineData("10.0.0.255", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("240.0.0.1", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.254", true)]
    [InlineData("::", false)]
    [InlineData("::1", true)]
    [InlineData("::1.2.3.4", true)]
    [InlineData("::ffff:1.2.3.4", false)]
    [InlineData("1::1", true)]
    [InlineData("e000::1", true)]
    [InlineData("fe80::1", false)]
    [InlineData("fe80::77", true)] // link-local, but the director's own
    [InlineData("fec0::1", true)]
    [InlineData("fc00::1", true)]
    [InlineData("ff02::1", false)]
    public void Add_AddressKinds_AsTheKernelAnswers(string real, bool isAccepted)
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb();
        test.Engine.AddService(EngineUnderTest.Service("2001:db8::10")).ShouldBe(RuleResult.Ok);
        test.Engine.AddDestination(real.Contains(':') ? s_web6 : EngineUnderTest.Web, EngineUnderTest.Real(real)).Status
            .ShouldBe(isAccepted ? RuleStatus.Ok : RuleStatus.EINVAL);
    }

    [Fact]
    public void Add_OtherFamily_IsForTunnelsOnly()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb();
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real("2001:db8::1", method: ForwardingMethod.Tunnel)).ShouldBe(RuleResult.Ok);
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real("2001:db8::2")).Status.ShouldBe(RuleStatus.EINVAL);
        test.Engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real("2001:db8::1")).Status.ShouldBe(RuleStatus.EINVAL);
    }

    [Fact]
    public void LastWeight_RemembersTheLastThatWasNotZero()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real(weight: 5));
        Destination destination = test.Find();
        destination.LastWeight.ShouldBe(5);
        test.Engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real(weight: 0));
        (destination.Weight, destination.LastWeight).ShouldBe((0, 5));
        test.Engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real(weight: 3));
        destination.LastWeight.ShouldBe(3);
        test.Engine.DeleteDestination(EngineUnderTest.Web, destination.Rule.Real);
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real(weight: 0));
        destination.LastWeight.ShouldBe(0, "adding sets it, also from the trash");
    }

    [Fact]
    public void ReaddedFromTheTrash_ConnectionsAndCountersContinue()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real(weight: 5));
        Destination destination = test.Find();
        destination.Bind(isTemplate: false);
        destination.BecomeActive();
        test.Engine.Counters[0].CountConnection(destination);
        test.Engine.DeleteDestination(EngineUnderTest.Web, destination.Rule.Real).ShouldBe(RuleResult.Ok);
        destination.IsAvailable.ShouldBeFalse();
        test.Run(300);
        test.Engine.Destinations[destination.Index].ShouldBeSameAs(destination, "a connection refers to it");

        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real(weight: 9)).ShouldBe(RuleResult.Ok);
        test.Find().ShouldBeSameAs(destination);
        destination.IsAvailable.ShouldBeTrue();
        test.Run(2.1);
        DestinationView view = test.Engine.FindService(EngineUnderTest.Web)!.Destinations.Single();
        (view.ActiveConnections, view.Rule.Weight, view.Statistics.Connections).ShouldBe((1, 9, 1UL));
    }

    [Fact]
    public void ReaddedToARecreatedService_ConnectionsContinueAndCountersAreZero()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        Destination destination = test.Find();
        destination.Bind(isTemplate: false);
        test.Engine.Counters[0].CountConnection(destination);
        test.Run(2.2);
        test.Engine.DeleteService(EngineUnderTest.Web);
        test.WithWeb(EngineUnderTest.Real());
        test.Find().ShouldBeSameAs(destination);
        destination.Service.ShouldBeSameAs(test.Find(EngineUnderTest.Web));
        test.Run(2.2);
        DestinationView view = test.Engine.FindService(EngineUnderTest.Web)!.Destinations.Single();
        (view.InactiveConnections, view.Statistics.Connections).ShouldBe((1, 0UL));
    }

    [Fact]
    public void ReaddedToAnotherService_IsAnother()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        Destination destination = test.Find();
        test.Engine.DeleteDestination(EngineUnderTest.Web, destination.Rule.Real);
        VirtualServiceRule other = EngineUnderTest.Service("192.0.2.11");
        test.Engine.AddService(other);
        test.Engine.AddDestination(other.Key, EngineUnderTest.Real());
        test.Find("10.0.0.1", other.Key).ShouldNotBeSameAs(destination);
    }

    [Fact]
    public void TrashScans_FreeAfterTwoMinutesWithoutConnections()
    {
        // Scans at 60, 120, 180, 240 s after the first tick. Idle at the scan of 60 s: freed at the scan of 180 s.
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        Destination destination = test.Find();
        test.Tick();
        test.Engine.DeleteDestination(EngineUnderTest.Web, destination.Rule.Real);
        test.Tick(60);
        test.Tick(119.9);
        destination.IsFreed.ShouldBeFalse();
        test.Tick(60.1);
        destination.IsFreed.ShouldBeTrue();
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real("10.0.0.2"));
        test.Find("10.0.0.2").Index.ShouldBe(destination.Index, "its index is used again");
    }

    [Fact]
    public void ReusedIndex_BeginsWithCountersAtZero()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        Destination former = test.Find();
        test.Engine.Counters[0].CountConnection(former);
        test.Engine.DeleteDestination(EngineUnderTest.Web, former.Rule.Real);
        for (int i = 0; i < 5; i++) test.Tick(60);
        former.IsFreed.ShouldBeTrue();
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real("10.0.0.2"));
        test.Run(2.2);
        test.Engine.FindService(EngineUnderTest.Web)!.Destinations.Single().Statistics.Connections.ShouldBe(0UL);
        test.Engine.FindService(EngineUnderTest.Web)!.Statistics.Connections.ShouldBe(1UL, "the service still counts what its former server had");
    }

    [Fact]
    public void ExpireNodestConn_DeletionsAskForASweep()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real(), EngineUnderTest.Real("10.0.0.2"));
        test.Engine.DeleteDestination(EngineUnderTest.Web, EngineUnderTest.Real().Real);
        test.Engine.DestinationSweeps.ShouldBe(0);
        test.Engine.Settings.TrySet("expire_nodest_conn", "1", out _).ShouldBeTrue();
        test.Engine.DeleteDestination(EngineUnderTest.Web, EngineUnderTest.Real().Real).Status.ShouldBe(RuleStatus.ENOENT);
        test.Engine.DestinationSweeps.ShouldBe(0);
        test.Engine.DeleteDestination(EngineUnderTest.Web, EngineUnderTest.Real("10.0.0.2").Real);
        test.Engine.DestinationSweeps.ShouldBe(1);
    }

    [Theory]
    [InlineData("10.0.0.200", RuleStatus.Ok)]
    [InlineData("2001:db8::200", RuleStatus.EINVAL)]
    [InlineData("224.0.0.1", RuleStatus.EINVAL)]
    [InlineData("127.0.0.1", RuleStatus.EINVAL)]
    [InlineData("0.0.0.0", RuleStatus.EINVAL)]
    public void AddLocalAddress_UnicastOfTheServicesFamily(string address, RuleStatus status) =>
        new EngineUnderTest().WithWeb().Engine.AddLocalAddress(EngineUnderTest.Web, IpAddress.Parse(address)).Status.ShouldBe(status);

    [Fact]
    public void LocalAddresses_InOrderWithTheirUse()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb();
        IpAddress first = IpAddress.Parse("10.0.0.201"), second = IpAddress.Parse("10.0.0.200");
        test.Engine.AddLocalAddress(EngineUnderTest.Web, first).ShouldBe(RuleResult.Ok);
        test.Engine.AddLocalAddress(EngineUnderTest.Web, second).ShouldBe(RuleResult.Ok);
        test.Engine.AddLocalAddress(EngineUnderTest.Web, first).Status.ShouldBe(RuleStatus.EEXIST);
        test.Engine.LocalAddresses.TryFind(first, out LocalAddressUsage? usage).ShouldBeTrue();
        usage!.Take();
        usage.CountFailure();
        test.Engine.FindService(EngineUnderTest.Web)!.LocalAddresses.ShouldBe([new(first, 1, 1), new(second, 0, 0)]);
        test.Engine.DeleteLocalAddress(EngineUnderTest.Web, first).ShouldBe(RuleResult.Ok);
        test.Engine.DeleteLocalAddress(EngineUnderTest.Web, first).Status.ShouldBe(RuleStatus.ENOENT);
        test.Engine.FindService(EngineUnderTest.Web)!.LocalAddresses.ShouldBe([new(second, 0, 0)]);
        test.Find(EngineUnderTest.Web).LocalAddresses.ShouldBe([second]);
    }
}
