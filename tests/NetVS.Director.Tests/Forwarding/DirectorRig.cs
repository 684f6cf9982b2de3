using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Flows;
using NetVS.Testing.Packets;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>A director between a client's network (f0) and the real servers' (b0), both families, driven frame by frame.</summary>
/// <remarks>
/// Clients are behind a router on f0. Real servers 10 to 13 are on b0; 99 is there but its MAC is not known. Every frame that comes
/// out is verified by the independent checker, and every buffer is poisoned before it is filled.
/// </remarks>
internal sealed class DirectorRig : IFrameSink, IDisposable
{
    public const string Vip = "192.0.2.1";
    public const string Vip6 = "2001:db8::80";
    public const string Client = "203.0.113.7";
    public const string Client6 = "2001:db8:f::7";
    public static readonly MacAddress F0 = Mac("02:00:00:00:00:f0");
    public static readonly MacAddress B0 = Mac("02:00:00:00:00:b0");
    public static readonly MacAddress Router = Mac("02:00:00:00:00:fe");
    private const byte Poison = 0xA5;

    private const string NetworkText = """
        link set dev f0 address 02:00:00:00:00:f0
        link set dev b0 address 02:00:00:00:00:b0
        addr add 198.51.100.1/24 dev f0
        addr add 192.0.2.1/32 dev lo
        addr add 10.1.0.1/24 dev b0
        addr add 2001:db8:c::1/64 dev f0
        addr add 2001:db8::80/128 dev lo
        addr add 2001:db8:b::1/64 dev b0
        route add default via 198.51.100.254 dev f0
        route add default via 2001:db8:c::fe dev f0
        neigh replace 198.51.100.254 lladdr 02:00:00:00:00:fe dev f0
        neigh replace 2001:db8:c::fe lladdr 02:00:00:00:00:fe dev f0
        neigh replace 10.1.0.10 lladdr 02:00:00:00:00:10 dev b0
        neigh replace 10.1.0.11 lladdr 02:00:00:00:00:11 dev b0
        neigh replace 10.1.0.12 lladdr 02:00:00:00:00:12 dev b0
        neigh replace 10.1.0.13 lladdr 02:00:00:00:00:13 dev b0
        neigh replace 2001:db8:b::10 lladdr 02:00:00:00:00:10 dev b0
        neigh replace 2001:db8:b::11 lladdr 02:00:00:00:00:11 dev b0
        """;

    private readonly byte[] _buffer = new byte[Packet.Headroom + 70000];
    private readonly List<Sent> _emitted = [];

    /// <param name="moreNetwork">Further lines of an ip -batch file.</param>
    /// <param name="maxConnections">The most connections of each family.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="flows">A flow table, in front of which a twin of the program stands.</param>
    public DirectorRig(string moreNetwork = "", int maxConnections = 1024, int workers = 1, FlowTestMemory? flows = null)
    {
        if (flows is null && PutsTwinInFront.Value) flows = new FlowTestMemory(workers: workers);
        Flows = flows;
        if (flows is not null) Twin = new FlowTwin(flows, (index, vlan) => Network.FindInterface(index, vlan)?.Mac);
        Batch = IpBatch.Parse(NetworkText);
        foreach (string line in moreNetwork.Split('\n')) Batch.Execute(line);
        Batch.Diagnostics.ShouldBeEmpty();
        Batch.Publish(Network);
        Engine = new DirectorEngine(
            new DirectorOptions
            {
                Random = new ZeroRandom(), HashKey = 42, Workers = workers,
                MaxConnectionsV4 = maxConnections, MaxConnectionsV6 = maxConnections, Flows = flows?.Memory,
            },
            Network);
        foreach (DirectorWorker worker in Engine.Workers) worker.Sink = this;
        Settle();
    }

    /// <summary>A frame that left, and what was said about it.</summary>
    public sealed record Sent(Verdict Verdict, byte[] Frame, int Interface, DropReason Reason, PacketOffload Offload, int NextHop);

    /// <summary>Whether rigs that are made without a flow table get one, with a twin of the program in front: the tests' traces run a second time so.</summary>
    public static AsyncLocal<bool> PutsTwinInFront { get; } = new();

    public IpBatch Batch { get; }

    /// <summary>The flow table, or null.</summary>
    public FlowTestMemory? Flows { get; }

    /// <summary>The program's twin, or null.</summary>
    public FlowTwin? Twin { get; }

    public NetworkState Network { get; } = new();

    public DirectorEngine Engine { get; }

    public DirectorWorker Worker => Engine.Workers[0];

    public MonotonicTime Now { get; set; } = MonotonicTime.FromSeconds(1000);

    /// <summary>Whether frames that leave are verified; not where what came in was broken on purpose.</summary>
    public bool VerifiesFrames { get; set; } = true;

    /// <summary>Frames that went to the sink during the last <see cref="Process"/>.</summary>
    public IReadOnlyList<Sent> Emitted => _emitted;

    public static MacAddress Mac(string text) =>
        MacAddress.TryParse(text, out MacAddress mac) ? mac : throw new FormatException(text);

    public static MacAddress RealMac(int number) => Mac($"02:00:00:00:00:{number}");

    public void Dispose()
    {
        foreach (DirectorWorker worker in Engine.Workers) worker.Dispose();
        Flows?.Dispose();
    }

    /// <summary>Has the workers take in what the twin reported, and act on what control has changed.</summary>
    public void Settle()
    {
        if (Twin is null) return;
        Engine.Offload!.Heartbeat(Now);
        foreach (DirectorWorker worker in Engine.Workers)
            for (int i = 0; i < 1000 && worker.AdvanceTimers(Now) <= Now; i++) { }
    }

    /// <summary>Adds a service with real servers, the first one at the head of the list.</summary>
    public DirectorRig Service(string endpoint, ForwardingMethod method, params string[] reals) =>
        Service(IpProtocol.Tcp, endpoint, method, reals);

    public DirectorRig Service(IpProtocol protocol, string endpoint, ForwardingMethod method, params string[] reals)
    {
        ServiceKey key = Key(protocol, endpoint);
        uint prefix = key.Family == IpFamily.V6 ? 128u : 32u;
        Engine.AddService(new VirtualServiceRule { Key = key, Scheduler = "rr", NetmaskPrefix = prefix }).ShouldBe(RuleResult.Ok);
        foreach (string real in reals.Reverse())
            Engine.AddDestination(key, new DestinationRule { Real = Endpoints.Parse(real), Method = method }).ShouldBe(RuleResult.Ok);
        return this;
    }

    public static ServiceKey Key(IpProtocol protocol, string endpoint)
    {
        IpEndpoint virtualEnd = Endpoints.Parse(endpoint);
        return ServiceKey.Of(protocol, virtualEnd.Address, virtualEnd.Port);
    }

    /// <summary>A frame from the client's side.</summary>
    public Sent FromClient(PacketBuilder packet) => Process(packet.Macs(Router, F0), "f0");

    /// <summary>A frame from the real servers' side.</summary>
    public Sent FromReal(PacketBuilder packet, int number = 10) => Process(packet.Macs(RealMac(number), B0), "b0");

    public Sent Process(PacketBuilder packet, string device) =>
        Process(packet.Build(), Batch.FindInterface(device), packet.Offload());

    public Sent Process(byte[] frame, int receiveInterface, PacketOffload offload = default) =>
        ProcessOn(0, frame, receiveInterface, offload);

    public Sent ProcessOn(int worker, byte[] frame, int receiveInterface, PacketOffload offload = default)
    {
        _emitted.Clear();

        // A test that does not know of the twin looks at states at once: as if the workers were never behind.
        if (PutsTwinInFront.Value) Settle();
        if (Twin is not null && receiveInterface != Packet.FromStack && Twin.TryForward(frame, receiveInterface, offload, Now, out FlowTwinFrame? sent))
        {
            if (VerifiesFrames) PacketChecker.Verify(sent!.Frame, sent.Offload);
            if (PutsTwinInFront.Value) Settle();
            return new Sent(Verdict.Transmit, sent!.Frame, sent.Interface, DropReason.None, sent.Offload, 0);
        }

        foreach (DirectorWorker each in Engine.Workers) each.DrainReports(Now);
        Array.Fill(_buffer, Poison);
        frame.CopyTo(_buffer, Packet.Headroom);
        var packet = new Packet
        {
            Buffer = _buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = receiveInterface, Offload = offload,
        };
        Verdict verdict = Engine.Workers[worker].Process(ref packet, Now);
        Sent record = Record(ref packet, verdict);
        Settle();
        return record;
    }

    public void Emit(ref Packet packet, Verdict verdict) => _emitted.Add(Record(ref packet, verdict));

    public int InterfaceOf(string device) => Batch.FindInterface(device);

    /// <summary>Whose packet a worker says it is; the same whether it was announced or not.</summary>
    public int FindOwner(int worker, byte[] frame, string device)
    {
        var packet = new Packet { Buffer = frame, Length = frame.Length, ReceiveInterface = InterfaceOf(device) };
        DirectorWorker asked = Engine.Workers[worker];
        int owner = asked.FindOwner(in packet);
        asked.Announce([.. frame, 0]);
        asked.Announce(frame);
        asked.FindOwner(in packet).ShouldBe(owner, "announced");
        asked.FindOwner(in packet).ShouldBe(owner, "asked again");
        return owner;
    }

    /// <summary>How many packets were dropped for a reason.</summary>
    public long Drops(DropReason reason) => Engine.CountDrops(reason);

    public List<Director.Connections.ConnectionView> Connections()
    {
        List<Director.Connections.ConnectionView> views = [];
        for (long cursor = 0; cursor >= 0;) cursor = Worker.CopyConnections(cursor, 100, Now, views);
        return views;
    }

    private Sent Record(ref Packet packet, Verdict verdict)
    {
        byte[] frame = packet.Frame.ToArray();
        if (VerifiesFrames && verdict is (Verdict.Transmit or Verdict.AwaitNeighbour)) PacketChecker.Verify(frame, packet.Offload);
        return new Sent(verdict, frame, packet.TransmitInterface, packet.Reason, packet.Offload, packet.NextHop);
    }

    private sealed class ZeroRandom : IRandomSource
    {
        public uint NextBelow(uint bound) => 0;
    }
}
