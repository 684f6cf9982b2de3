using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Services;

/// <summary>Many commands as one: what workers see of them, and when.</summary>
public sealed class RuleBatchTests : IDisposable
{
    private static readonly ServiceKey s_old = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.1"), 80);
    private static readonly ServiceKey s_new = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.2"), 80);
    private static readonly IpEndpoint s_real = new(IpAddress.Parse("10.0.0.9"), 8080);
    private readonly DirectorEngine _engine;

    public RuleBatchTests()
    {
        _engine = new DirectorEngine(new DirectorOptions { MaxConnectionsV4 = 64, MaxConnectionsV6 = 64, Random = new ZeroRandom() }, new NetworkState());
        _engine.AddService(Rule(s_old)).IsOk.ShouldBeTrue();
    }

    public void Dispose()
    {
        foreach (DirectorWorker worker in _engine.Workers) worker.Dispose();
    }

    [Fact]
    public void NewService_IsSeenAtTheEndOfTheBatch_WithItsRealServers()
    {
        RuleChange[] steps = [Add(s_new), Add(s_new, s_real)];
        _engine.TryBeginBatch(steps).ShouldBeTrue();
        _engine.AddService(steps[0].Rule!).IsOk.ShouldBeTrue();
        _engine.AddDestination(s_new, steps[1].Destination!).IsOk.ShouldBeTrue();
        IsSeen(s_new).ShouldBeFalse();
        IsReplySeen.ShouldBeFalse();
        _engine.EndBatch();
        IsSeen(s_new).ShouldBeTrue();
        IsReplySeen.ShouldBeTrue();
        IsSeen(s_old).ShouldBeTrue();
    }

    [Fact]
    public void RealServerOfAServiceInForce_IsSeenAtOnce_ForItMayHaveConnections()
    {
        RuleChange[] steps = [Add(s_new), Add(s_old, s_real)];
        _engine.TryBeginBatch(steps).ShouldBeTrue();
        _engine.AddService(steps[0].Rule!).IsOk.ShouldBeTrue();
        _engine.AddDestination(s_old, steps[1].Destination!).IsOk.ShouldBeTrue();
        IsReplySeen.ShouldBeTrue();
        _engine.EndBatch();
        IsSeen(s_new).ShouldBeTrue();
    }

    [Fact]
    public void DeletedService_IsGoneAtOnce()
    {
        RuleChange[] steps = [new() { Kind = RuleChangeKind.DeleteService, Service = s_old }];
        _engine.TryBeginBatch(steps).ShouldBeTrue();
        _engine.DeleteService(s_old).IsOk.ShouldBeTrue();
        IsSeen(s_old).ShouldBeFalse();
        _engine.EndBatch();
        IsSeen(s_old).ShouldBeFalse();
    }

    private bool IsReplySeen => _engine.Table.Reals.Contains(EndpointKey.Of(IpProtocol.Tcp, s_real.Address, s_real.Port));

    private bool IsSeen(ServiceKey key) => _engine.Table.TryFind(key.Protocol, key.Address, key.Port, 0, out VirtualServiceState? _);

    private static VirtualServiceRule Rule(ServiceKey key) => new() { Key = key, Scheduler = "rr" };

    private static RuleChange Add(ServiceKey key) => new() { Kind = RuleChangeKind.AddService, Service = key, Rule = Rule(key) };

    private static RuleChange Add(ServiceKey key, IpEndpoint real) =>
        new() { Kind = RuleChangeKind.AddDestination, Service = key, Destination = new DestinationRule { Real = real, Method = ForwardingMethod.Nat, Weight = 1 } };

    private sealed class ZeroRandom : IRandomSource
    {
        public uint NextBelow(uint bound) => 0;
    }
}
