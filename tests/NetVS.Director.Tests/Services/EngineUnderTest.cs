using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Randomness;
using NetVS.Testing.Time;

namespace NetVS.Director.Tests.Services;

/// <summary>An engine in a small network, with short words for rules.</summary>
internal sealed class EngineUnderTest
{
    public static readonly ServiceKey Web = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.10"), 80);

    public EngineUnderTest(int workers = 1, bool withSink = false)
    {
        Sink = withSink ? new RecordingDivertSink() : null;
        Engine = new DirectorEngine(
            new DirectorOptions { Workers = workers, MaxConnectionsV4 = 1024, MaxConnectionsV6 = 1024, Random = new SeededRandom(1), Divert = Sink },
            IpBatch.ParseState("""
                link set dev f0 address 02:00:00:00:01:01 mtu 1500 up
                addr add 10.0.0.254/24 dev f0
                addr add 2001:db8:1::fe/64 dev f0
                addr add fe80::77/64 dev f0
                """));
    }

    public DirectorEngine Engine { get; }

    public RecordingDivertSink? Sink { get; }

    public ManualClock Clock { get; } = new();

    public static VirtualServiceRule Service(string address = "192.0.2.10", ushort port = 80, string scheduler = "rr", IpProtocol protocol = IpProtocol.Tcp) => new()
    {
        Key = ServiceKey.Of(protocol, IpAddress.Parse(address), port),
        Scheduler = scheduler,
        NetmaskPrefix = address.Contains(':') ? 128u : 32u,
    };

    public static DestinationRule Real(string address = "10.0.0.1", ushort port = 8080, ForwardingMethod method = ForwardingMethod.Nat, int weight = 1) =>
        new() { Real = new IpEndpoint(IpAddress.Parse(address), port), Method = method, Weight = weight };

    public EngineUnderTest WithWeb(params DestinationRule[] reals)
    {
        Engine.AddService(Service()).ShouldBe(RuleResult.Ok);
        foreach (DestinationRule real in reals) Engine.AddDestination(Web, real).ShouldBe(RuleResult.Ok);
        return this;
    }

    public VirtualServiceState Find(ServiceKey key)
    {
        Engine.Table.TryFind(key.Protocol, key.Address, key.Port, 0, out VirtualServiceState? service).ShouldBeTrue();
        return service!;
    }

    public Destination Find(string real = "10.0.0.1", ServiceKey? key = null) =>
        Find(key ?? Web).Destinations.Single(d => d.Address == IpAddress.Parse(real));

    public void Tick(double seconds = 0.1) => Engine.Tick(Clock.AdvanceSeconds(seconds));

    /// <summary>Lets time pass as the daemon does: a tick every 100 ms.</summary>
    public void Run(double seconds)
    {
        for (int i = 0; i < seconds * 10; i++) Tick();
    }
}
