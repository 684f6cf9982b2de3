using System.Globalization;
using NetVS.Director;
using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Testing.Flows;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;
using NetVS.Testing.Time;

namespace NetVS.Golden.Running;

/// <summary>A director with its network, clock and random source, which fixtures and fuzzers play on.</summary>
internal sealed class DirectorStage : IFrameSink, IDisposable
{
    private const byte Poison = 0xA5;
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(250);

    private readonly ManualClock _clock = new();
    private readonly MonotonicTime _start;
    private readonly ZeroWhenSilent _random = new();
    private readonly byte[] _buffer = new byte[Packet.Headroom + 70_000];
    private readonly List<Outcome> _outcomes = [];
    private readonly Dictionary<string, MacAddress> _neighbours = [];
    private readonly FlowTestMemory? _flows;
    private readonly FlowTwin? _twin;
    private readonly KernelTwin? _kernel;

    /// <param name="network">Lines of an ip -batch file.</param>
    /// <param name="isOffloaded">Whether a twin of the eBPF program stands in front: frames it forwards never reach the director.</param>
    /// <param name="buckets">Buckets of the flow table, where there is one.</param>
    /// <param name="kernel">The program itself, to be compared with its twin; null to leave it at that.</param>
    public DirectorStage(string network, bool isOffloaded = false, int buckets = KernelTwin.Buckets, KernelTwin? kernel = null)
    {
        _kernel = kernel;
        if (isOffloaded)
        {
            _flows = new FlowTestMemory(buckets);
            _twin = new FlowTwin(_flows, (index, vlan) => Network.FindInterface(index, vlan)?.Mac);
        }

        _start = _clock.Now;
        Batch = new IpBatch();
        ExecuteNetwork(network.Split('\n'));
        Engine = new DirectorEngine(
            new DirectorOptions
            {
                Random = _random, HashKey = 42, MaxConnectionsV4 = 4096, MaxConnectionsV6 = 4096, Flows = _flows?.Memory,
            },
            Network);
        Worker.Sink = this;
        RunTimers();
    }

    public IpBatch Batch { get; }

    public NetworkState Network { get; } = new();

    public DirectorEngine Engine { get; }

    public DirectorWorker Worker => Engine.Workers[0];

    public MonotonicTime Now => _clock.Now;

    public TimeSpan Elapsed => _clock.Now - _start;

    /// <summary>By how much later than a packet passed it may seem to have: the flow table's tick, then the timing wheel's.</summary>
    public TimeSpan Blur => _twin is null ? TimeSpan.Zero : TimeSpan.FromSeconds(0.26);

    /// <summary>Frames that the twin forwarded.</summary>
    public int Forwarded => _twin?.Forwarded ?? 0;

    /// <summary>Obeys lines of an ip -batch file and makes the network what they say.</summary>
    public void ExecuteNetwork(IEnumerable<string> lines)
    {
        Settle();
        foreach (string line in lines)
        {
            NoteNeighbour(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            if (Batch.Execute(line)) continue;
            throw new GoldenException($"network line '{line.Trim()}': {Batch.Diagnostics[^1]}");
        }

        Batch.Publish(Network);
        Settle();
    }

    /// <summary>The MAC of an interface by its name, or of a neighbour by its address.</summary>
    public MacAddress ResolveMac(string name) => Network.FindInterface(name)?.Mac
        ?? (_neighbours.TryGetValue(name, out MacAddress mac) ? mac
            : throw new FormatException($"'{name}' is neither a MAC nor an interface nor a neighbour"));

    /// <summary>Obeys a command line of ipvsadm; it must succeed.</summary>
    public void ExecuteRule(string line)
    {
        Settle();
        string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words is ["mark", ..])
        {
            if (!MarkRule.TryParse(words[1..], out MarkRule? mark, out string? problem)) throw new GoldenException($"rule '{line}': {problem}");
            RuleResult marked = Engine.SetMarks([.. Engine.Marks, mark]);
            if (!marked.IsOk) throw new GoldenException($"rule '{line}': {marked.Status} {marked.Detail}");
            Settle();
            return;
        }

        if (words is ["no-marks"])
        {
            Engine.SetMarks([]);
            Settle();
            return;
        }

        if (words is ["ipvsadm", ..]) words = words[1..];
        IpvsadmParse parse = IpvsadmParser.Parse(words, NoNames.Instance);
        if (parse.Command is not { } command) throw new GoldenException($"rule '{line}': {parse.Failure!.Text.Trim()}");
        RuleResult result = Execute(command);
        if (!result.IsOk) throw new GoldenException($"rule '{line}': {result.Status} {result.Detail}");
        Settle();
    }

    public void Set(string name, string value)
    {
        Settle();
        if (!Engine.Settings.TrySet(name, value, out string? error)) throw new GoldenException($"set {name} {value}: {error}");
        Settle();
    }

    /// <summary>Has the director take in what the twin reported, and act on what control has changed.</summary>
    public void Settle()
    {
        if (_twin is not null && Engine is not null) AdvanceWorker();
    }

    /// <summary>What a worker does between batches.</summary>
    public void AdvanceWorker()
    {
        for (int i = 0; i < 1000 && Worker.AdvanceTimers(Now) <= Now; i++) { }
    }

    /// <summary>Says which numbers the random source gives next; without a script it gives 0.</summary>
    public void Script(IEnumerable<uint> numbers) => _random.Script(numbers);

    /// <summary>Lets time pass, with timers and the every-two-seconds work done on the way.</summary>
    public void AdvanceTo(TimeSpan elapsed)
    {
        if (elapsed < Elapsed) throw new GoldenException($"time goes back from {Elapsed.TotalSeconds} s to {elapsed.TotalSeconds} s");
        while (Elapsed < elapsed)
        {
            TimeSpan left = elapsed - Elapsed;
            _clock.Advance(left < s_step ? left : s_step);
            RunTimers();
        }
    }

    /// <summary>Gives the director a frame; what comes of it is returned in order, the packet itself last.</summary>
    public IReadOnlyList<Outcome> Process(ReadOnlySpan<byte> frame, int receiveInterface, PacketOffload offload, out DropReason reason)
    {
        List<Outcome> unasked = [.. TakeUnasked()];
        if (unasked.Count > 0) throw new GoldenException($"came out before, and a 'wait' says nothing of it: {unasked[0].Keyword} {unasked[0].Interface} {PacketDescriber.Describe(unasked[0].Frame)}");
        reason = DropReason.None;
        if (_twin is not null && receiveInterface != Packet.FromStack && TryForward(frame, receiveInterface, offload, out FlowTwinFrame? sent))
            return [new Outcome("out", NameOf(sent!.Interface), sent.Interface, sent.Frame, sent.Offload)];
        Worker.DrainReports(Now);
        Array.Fill(_buffer, Poison);
        frame.CopyTo(_buffer.AsSpan(Packet.Headroom));
        var packet = new Packet
        {
            Buffer = _buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = receiveInterface, Offload = offload,
        };
        Verdict verdict = Worker.Process(ref packet, Now);
        Record(ref packet, verdict);
        reason = packet.Reason;
        IReadOnlyList<Outcome> caused = TakeUnasked();
        Settle();
        return caused;
    }

    /// <summary>What came out since this was asked last, but for what packets caused: timers and commands did.</summary>
    public IReadOnlyList<Outcome> TakeUnasked()
    {
        Outcome[] taken = [.. _outcomes];
        _outcomes.Clear();
        return taken;
    }

    public List<ConnectionView> ListConnections()
    {
        List<ConnectionView> views = [];
        for (long cursor = 0; cursor >= 0;) cursor = Worker.CopyConnections(cursor, 1000, Now, views);
        return views;
    }

    public string NameOf(int index) => Network.FindInterface(index)?.Name ?? index.ToString(CultureInfo.InvariantCulture);

    void IFrameSink.Emit(ref Packet packet, Verdict verdict) => Record(ref packet, verdict);

    public void Dispose()
    {
        foreach (DirectorWorker worker in Engine.Workers) worker.Dispose();
        _flows?.Dispose();
    }

    private bool TryForward(ReadOnlySpan<byte> frame, int receiveInterface, PacketOffload offload, out FlowTwinFrame? sent)
    {
        if (_kernel is null) return _twin!.TryForward(frame, receiveInterface, offload, Now, out sent);
        int vlan = frame.Length >= 16 && frame[12] == 0x81 && frame[13] == 0 ? ((frame[14] & 0x0F) << 8) | frame[15] : 0;
        MacAddress? mac = Network.FindInterface(receiveInterface, (ushort)vlan)?.Mac;
        return _kernel.TryForward(_twin!, _flows!, frame, mac, receiveInterface, offload, Now, out sent);
    }

    private void Record(ref Packet packet, Verdict verdict)
    {
        if (verdict == Verdict.Drop) return;
        string keyword = verdict switch { Verdict.Transmit => "out", Verdict.AwaitNeighbour => "await", _ => "stack" };
        string name = verdict == Verdict.ToStack ? "" : NameOf(packet.TransmitInterface);
        _outcomes.Add(new Outcome(keyword, name, packet.TransmitInterface, packet.Frame.ToArray(), packet.Offload));
    }

    private void NoteNeighbour(string[] words)
    {
        if (words is ["neigh", _, var address, "lladdr", var mac, ..] && MacAddress.TryParse(mac, out MacAddress parsed))
            _neighbours[address] = parsed;
    }

    private void RunTimers()
    {
        // Work per call is bounded; it is done when it wants to be called again later only.
        for (int i = 0; i < 1000 && Worker.AdvanceTimers(Now) <= Now; i++) { }
        Engine.Tick(Now);
        Network.Tick(Now);
    }

    /// <summary>Carries out a command of ipvsadm that changes something.</summary>
    public RuleResult Execute(IpvsadmCommand command) => command.Verb switch
    {
        IpvsadmVerb.AddService => Engine.AddService(command.ServiceRule!),
        IpvsadmVerb.EditService => Engine.EditService(command.ServiceRule!),
        IpvsadmVerb.DeleteService => Engine.DeleteService(command.Service!.Value),
        IpvsadmVerb.AddServer => Engine.AddDestination(command.Service!.Value, command.Destination!),
        IpvsadmVerb.EditServer => Engine.EditDestination(command.Service!.Value, command.Destination!),
        IpvsadmVerb.DeleteServer => Engine.DeleteDestination(command.Service!.Value, command.Destination!.Real),
        IpvsadmVerb.AddLocalAddress => Engine.AddLocalAddress(command.Service!.Value, command.LocalAddress),
        IpvsadmVerb.DeleteLocalAddress => Engine.DeleteLocalAddress(command.Service!.Value, command.LocalAddress),
        IpvsadmVerb.SetTimeouts => Engine.SetTimeouts(
            new DirectorTimeouts(command.Timeouts.Tcp, command.Timeouts.TcpFin, command.Timeouts.Udp)),
        IpvsadmVerb.Zero => Engine.Zero(command.Service),
        IpvsadmVerb.Flush => Flush(),
        _ => throw new GoldenException($"{command.Verb} has no place in a fixture"),
    };

    private RuleResult Flush()
    {
        Engine.Flush();
        return RuleResult.Ok;
    }

    private sealed class ZeroWhenSilent : IRandomSource
    {
        private readonly ScriptedRandom _script = new();

        public void Script(IEnumerable<uint> numbers) => _script.Add([.. numbers]);

        public uint NextBelow(uint bound) => _script.Left > 0 ? _script.NextBelow(bound) : 0;
    }
}
