using NetVS.Director;
using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.RulesFile;

namespace NetVS.Control.Replay;

/// <summary>Runs captures through a director with the captures' clock: no root, no network, the same result every time.</summary>
/// <remarks>
/// Between two packets the director's timers and its ticks come at the times they would have come. Packets of one capture are taken
/// in the file's order; where a timestamp goes back, the clock stands still. Packets of several captures are merged by time.
/// </remarks>
public sealed class Replayer : IFrameSink, IDisposable
{
    private const int LargestFrame = 256 * 1024;
    private const long TickInterval = 100_000_000;

    // A gap in the capture longer than usual timeouts changes little any more: what is left of it is crossed in strides that double.
    private const long LongGap = 2 * 3600 * 1_000_000_000L;

    // Statistics are taken over every two seconds, as IPVS does.
    private static readonly TimeSpan s_estimation = TimeSpan.FromSeconds(2);

    // Packets come at one second and later, so that no time of the replay is the zero some fields begin with.
    private const long Beginning = 1_000_000_000;

    private readonly ReplayRequest _request;
    private readonly ReplayNetwork _network;
    private readonly DirectorEngine _engine;
    private readonly DirectorWorker _worker;
    private ReplayOutput? _output;
    private readonly byte[] _buffer = new byte[Packet.Headroom + LargestFrame];
    private readonly Dictionary<int, (long Received, long Sent)> _traffic = [];
    private readonly Dictionary<int, long> _awaited = [];
    private long _start = -1;
    private long _time;
    private long _nextTick = Beginning;
    private MonotonicTime _nextTimer = new(Beginning);
    private MonotonicTime _reached = new(Beginning);
    private long _captured, _own, _forwarded, _answered, _toStack, _awaiting, _oversize;

    private Replayer(ReplayRequest request)
    {
        _request = request;
        RuleSet rules = ReadRules(request, out RulesDocument document);
        _network = request.Network is { } text
            ? ReplayNetwork.FromFile(text, request.NetworkFile)
            : ReplayNetwork.FromCapture(SingleInput(request), rules);
        _engine = new DirectorEngine(new DirectorOptions { Random = new SeededRandomSource(request.Seed), HashKey = request.Seed }, _network.State);
        _worker = _engine.Workers[0];
        _worker.Sink = this;
        ApplySettings();
        ApplyRules(rules, document);
    }

    /// <summary>Replays.</summary>
    /// <exception cref="ReplayException">It cannot be done as asked: rules, network, a capture's first octets.</exception>
    public static ReplayReport Run(ReplayRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var replayer = new Replayer(request);
        return replayer.Run();
    }

    /// <inheritdoc/>
    void IFrameSink.Emit(ref Packet packet, Verdict verdict)
    {
        if (verdict == Verdict.Transmit) Send(in packet);
        else if (verdict == Verdict.AwaitNeighbour) Await(packet.NextHop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.ReleaseMemory();
        _output?.Dispose();
    }

    private static ReplayInput SingleInput(ReplayRequest request) => request.Inputs.Count == 1
        ? request.Inputs[0]
        : throw new ReplayException("several captures need a description of their interfaces: give it with --network FILE");

    private static RuleSet ReadRules(ReplayRequest request, out RulesDocument document)
    {
        document = RulesDocument.Parse(request.Rules, request.RulesFile, NoNames.Instance);
        return document.Problems.Count == 0 ? document.Rules : throw new ReplayException(string.Join('\n', document.Problems));
    }

    private void ApplySettings()
    {
        foreach ((string name, string value) in _request.Settings)
            if (!_engine.Settings.TrySet(name, value, out string? error)) throw new ReplayException(error ?? $"the setting {name} cannot be {value}");
    }

    private void ApplyRules(RuleSet rules, RulesDocument document)
    {
        var problems = new List<RuleDiagnostic>();
        var refused = new HashSet<ServiceKey>();
        foreach (RuleChange step in RuleSetDiff.Between(RuleSet.Empty, rules))
        {
            if (refused.Contains(step.Service)) continue;
            RuleResult result = step.Kind switch
            {
                RuleChangeKind.AddService => _engine.AddService(step.Rule!),
                RuleChangeKind.AddDestination => _engine.AddDestination(step.Service, step.Destination!),
                _ => _engine.AddLocalAddress(step.Service, step.LocalAddress),
            };
            if (result.IsOk) continue;
            problems.Add(document.Blame(step, result));
            if (step.Kind == RuleChangeKind.AddService) refused.Add(step.Service);
        }

        if (problems.Count > 0) throw new ReplayException(string.Join('\n', problems));
    }

    private ReplayReport Run()
    {
        var sources = new List<ReplaySource>();
        var waiting = new List<ReplaySource>();
        try
        {
            foreach (ReplayInput input in _request.Inputs)
            {
                var source = new ReplaySource(input, captured => _network.FindInterface(input, captured));
                sources.Add(source);
                if (source.TryAdvance()) waiting.Add(source);
            }

            // Now that everything has been found right: opening the output empties it.
            _output = new ReplayOutput(_request.Output, _request.IsClassicOutput, _network);
            while (waiting.Count > 0)
            {
                ReplaySource next = waiting[0];
                foreach (ReplaySource other in waiting)
                    if (other.Time < next.Time) next = other;
                Replay(next);
                if (!next.TryAdvance()) waiting.Remove(next);
            }

            _output.Flush();
            return Report(sources);
        }
        finally
        {
            foreach (ReplaySource source in sources) source.Dispose();
        }
    }

    private void Replay(ReplaySource source)
    {
        if (_start < 0) _start = source.Time;
        _time = source.Time;
        MonotonicTime now = Now();
        AdvanceTo(now);
        _captured++;
        if ((_captured & 0xFFF) == 0) _request.Progress?.Invoke(_captured);
        ReadOnlySpan<byte> frame = source.Next.Data.Span;
        NetworkInterface over = _network.State.FindInterface(source.Interface)!;
        if (frame.Length >= 12 && MacAddress.Read(frame[MacAddress.Size..]) == over.Mac)
        {
            _own++;
            return;
        }

        ref (long Received, long Sent) traffic =
            ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_traffic, source.Interface, out _);
        traffic.Received++;
        if (frame.Length > over.IpMtu + 18) _oversize++;
        frame.CopyTo(_buffer.AsSpan(Packet.Headroom));
        var packet = new Packet { Buffer = _buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = source.Interface };
        Count(ref packet, _worker.Process(ref packet, now));
    }

    private void Count(ref Packet packet, Verdict verdict)
    {
        switch (verdict)
        {
            case Verdict.Transmit:
                if (packet.Reason == DropReason.None) _forwarded++;
                else _answered++;
                Send(in packet);
                break;
            case Verdict.ToStack:
                _toStack++;
                break;
            case Verdict.AwaitNeighbour:
                Await(packet.NextHop);
                break;
            default:
                break;
        }
    }

    private void Send(in Packet packet)
    {
        ref (long Received, long Sent) traffic =
            ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_traffic, packet.TransmitInterface, out _);
        traffic.Sent++;
        _output!.Write(packet.TransmitInterface, _time, packet.Frame);
    }

    private void Await(int hop)
    {
        _awaiting++;
        _awaited[hop] = _awaited.GetValueOrDefault(hop) + 1;
    }

    private MonotonicTime Now() => new(_time - _start + Beginning);

    // Timers and ticks up to a time, each at its own, the earlier first.
    private void AdvanceTo(MonotonicTime now)
    {
        long fineUntil = _reached.Nanoseconds + LongGap;
        _reached = now;
        while (true)
        {
            long due = Math.Min(_nextTick, _nextTimer.Nanoseconds);
            if (due > now.Nanoseconds) return;
            long stride = Math.Min(Math.Max(due - fineUntil, 0), now.Nanoseconds - due);
            var at = new MonotonicTime(due);
            if (_nextTick <= due)
            {
                _engine.Tick(at);
                _nextTick = due + Math.Max(stride, TickInterval);
            }

            if (_nextTimer.Nanoseconds > due) continue;

            // An answer of "now" means that there is more to do at once; the work of one call is bounded.
            MonotonicTime next = _worker.AdvanceTimers(at);
            _nextTimer = next <= at ? at : new MonotonicTime(Math.Max(next.Nanoseconds, due + stride));
        }
    }

    private ReplayReport Report(List<ReplaySource> sources)
    {
        var connections = new List<ConnectionView>();
        long cursor = 0;
        while (cursor >= 0) cursor = _worker.CopyConnections(cursor, 1 << 20, _reached, connections);

        // What the destinations have is as of the last packet; only the counters are gathered a little later.
        IReadOnlyList<ServiceView> services = _engine.ListServices();
        _engine.Tick(_reached + s_estimation);
        return new ReplayReport
        {
            Start = Math.Max(_start, 0),
            End = _time,
            Captured = _captured,
            OwnPackets = _own,
            Forwarded = _forwarded,
            Answered = _answered,
            ToStack = _toStack,
            Awaiting = _awaiting,
            Interfaces = [.. _network.Wires.Select(w => (w.Name, _traffic.GetValueOrDefault(w.Index).Received, _traffic.GetValueOrDefault(w.Index).Sent))],
            Drops = [.. DropReasons.All.Select(r => (DropReasons.Name(r), DropReasons.Explain(r), _engine.CountDrops(r))).Where(d => d.Item3 > 0)],
            Services = [.. services.OrderBy(s => s.Rule.Key.ToString(), StringComparer.Ordinal).Select(Counted)],
            Totals = _engine.Totals,
            Connections = connections,
            Assumptions = _network.Assumptions,
            Warnings = [.. Warnings(sources)],
            Faults = [.. sources.Select(s => s.Fault).OfType<string>()],
        };
    }

    private ServiceView Counted(ServiceView atTheEnd)
    {
        ServiceView now = _engine.FindService(atTheEnd.Rule.Key) ?? atTheEnd;
        return atTheEnd with
        {
            Statistics = now.Statistics,
            Destinations = [.. atTheEnd.Destinations.Zip(now.Destinations, static (a, b) => a with { Statistics = b.Statistics })],
        };
    }

    private IEnumerable<string> Warnings(List<ReplaySource> sources)
    {
        foreach (ReplaySource source in sources)
        {
            if (source.BackwardPackets > 0)
                yield return $"{source.Input.Label}: timestamps of {source.BackwardPackets} packets are before that of the packet before: the clock stood still for them";
            if (source.CutPackets > 0)
                yield return $"{source.Input.Label}: the capture has only the beginning of {source.CutPackets} packets (snap length): capture with -s 0";
        }

        if (_oversize > 0)
            yield return $"{_oversize} frames are longer than their interface's MTU allows: the capture was made with receive offloading (ethtool -K DEV gro off)";
        foreach ((int hop, long packets) in _awaited)
        {
            (int over, IpAddress address) = _network.State.NextHops.Describe(hop);
            string name = _network.State.FindInterface(over)?.Name ?? "?";
            yield return $"{packets} packets were not sent, for the MAC of {address} on {name} is not known: add 'neigh replace {address} lladdr MAC dev {name}' to the network file";
        }
    }
}
