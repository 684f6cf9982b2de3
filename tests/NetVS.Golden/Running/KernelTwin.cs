using System.Buffers.Binary;
using NetVS.Director.Offload;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Flows;
using NetVS.Packets;
using NetVS.Testing.Flows;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Packets;

namespace NetVS.Golden.Running;

/// <summary>
/// The eBPF program itself beside its twin in C#: before the twin gets a frame, the program gets it by the kernel's test-run, with a copy of the same
/// flow table; afterwards verdict, frame and every trace in the table must be the same.
/// </summary>
/// <remarks>
/// <para>Both hooks are run, tc only where there is no tag: a test-run leaves it in the frame, which tc ingress never sees. Frames with unfinished
/// checksums and unsegmented ones are left out, because a test-run cannot make them: NetVS.Linux.Tests has traffic for these.</para>
/// <para>The kernel's clock cannot be set, so the copy's times are moved by what lies between it and the fixture's.</para>
/// </remarks>
public sealed class KernelTwin : IDisposable
{
    /// <summary>Buckets of each family; the fixture's table must have as many.</summary>
    internal const int Buckets = 1024;

    private const string Us = "02:00:00:00:00:02";
    private const int Loopback = 1, Slots = 1024, LongestFrame = 3000, ContextSize = 192, VlanType = 0x8100;
    private const ushort TwinsTunnelId = 0x5A5A;

    private readonly NetworkNamespace? _namespace;
    private readonly FlowMaps? _maps;
    private readonly DivertProgram? _program;
    private readonly byte[] _mac = new byte[MacAddress.Size];
    private byte[]? _frame;
    private uint _shift;

    /// <summary>Loads the program; without root there is none.</summary>
    public KernelTwin()
    {
        if (!Environment.IsPrivilegedProcess) return;
        _namespace = NetworkNamespace.Create("golden");
        _namespace.Ip($"link set lo address {Us}");
        _maps = FlowMaps.Create(new FlowMapOptions
        {
            LinesV4 = Buckets * FlowAbi.Ways, LinesV6 = Buckets * FlowAbi.Ways, CounterSlots = Slots, Workers = 1, RingSize = 1 << 16,
        });
        _program = DivertProgram.Load(_maps);
        var mac = new MacAddress(0x0200_0000_0002);
        mac.Write(_mac);
        _program.AddInterface(Loopback, mac, 0);
        _maps.IsEnabled = true;
    }

    /// <summary>Runs of the program that were compared.</summary>
    internal int Runs { get; private set; }

    /// <summary>Those in which it forwarded.</summary>
    internal int Forwarded { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _program?.Dispose();
        _maps?.Dispose();
        _namespace?.Dispose();
    }

    /// <summary>Gives a frame to the twin, and to the program first.</summary>
    /// <param name="twin">The twin.</param>
    /// <param name="memory">The twin's table.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="mac">The MAC by which the receiving interface would take it; null where there is no such interface.</param>
    /// <param name="receiveInterface">That interface.</param>
    /// <param name="offload">What is unfinished about the frame.</param>
    /// <param name="now">The fixture's time.</param>
    /// <param name="sent">What the twin sent.</param>
    /// <returns>Whether the twin forwarded it.</returns>
    /// <exception cref="GoldenException">They differ.</exception>
    internal bool TryForward(
        FlowTwin twin, FlowTestMemory memory, ReadOnlySpan<byte> frame, MacAddress? mac, int receiveInterface, PacketOffload offload, MonotonicTime now,
        out FlowTwinFrame? sent)
    {
        bool isComparable = mac is not null && offload.Gso == GsoKind.None && !offload.NeedsChecksum && frame.Length is >= 14 and <= LongestFrame;
        if (!isComparable) return twin.TryForward(frame, receiveInterface, offload, now, out sent);
        _frame = frame.ToArray();
        if (MacAddress.Read(frame) == mac) _mac.CopyTo(_frame, 0);
        bool hasTag = frame.Length >= 18 && BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == VlanType;

        // The program at one hook leaves no trace for the other: each begins on a fresh copy. The twin's own traces come last.
        Result? tc = hasTag ? null : Run(memory.Memory, now, "tc");
        Result xdp = Run(memory.Memory, now, "xdp");
        bool isForwarded = twin.TryForward(frame, receiveInterface, offload, now, out sent);
        List<Trace> traces = Traces(memory.Memory, 0);
        Check("xdp", xdp, traces, twin.Decision, sent?.Frame);
        if (tc is not null) Check("tc", tc, traces, twin.Decision, sent is null ? null : WithoutTag(sent.Frame));
        return isForwarded;
    }

    private Result Run(FlowMemory memory, MonotonicTime now, string hook) => _namespace!.Run(() =>
    {
        Copy(memory, now);
        BpfProgram program = hook == "xdp" ? _program!.Xdp : _program!.Ingress;
        byte[] context = hook == "xdp" ? [] : new byte[ContextSize];
        byte[] output = new byte[_frame!.Length + 256];
        IReadOnlyDictionary<string, long> before = _program.ReadCounters();
        TestRunResult run = program.TestRun(_frame, output, 1, context, new byte[context.Length]);
        IReadOnlyDictionary<string, long> after = _program.ReadCounters();
        string decision = string.Join(' ', after.Where(c => c.Key.StartsWith("flow_", StringComparison.Ordinal) && c.Value != before[c.Key]).Select(c => c.Key));
        Runs++;
        if (decision == "flow_forwarded") Forwarded++;
        while (_maps!.Memory.Rings[0].TryRead(out _)) { }
        return new Result(decision, output[..run.PacketLength], Traces(_maps.Memory, _shift));
    });

    private void Copy(FlowMemory from, MonotonicTime now)
    {
        FlowMemory to = _maps!.Memory;
        _shift = unchecked(FlowMaps.Now - FlowTick.Of(now));
        for (int i = 0; i < from.LinesV4.Length; i++)
        {
            to.LinesV4[i] = from.LinesV4[i];
            unchecked { to.LinesV4[i].State.LastSeen += _shift; }
        }

        for (int i = 0; i < from.LinesV6.Length; i++)
        {
            to.LinesV6[i] = from.LinesV6[i];
            unchecked { to.LinesV6[i].State.LastSeen += _shift; }
        }

        for (int i = 0; i < from.Hops.Length; i++)
        {
            ref FlowHop hop = ref to.Hops[i];
            hop = from.Hops[i];
            unchecked { hop.Used += _shift; }
            hop.Flags |= FlowAbi.HopXdp;
        }

        for (int i = 0; i < to.Counters.Length; i++)
        {
            to.Counters[i] = i < Slots ? Sum(from, i) : default;
            to.Counters[i].Withdrawn = from.Counters[i % Slots].Withdrawn;
        }

        ref FlowConfig config = ref to.Config[0], given = ref from.Config[0];
        config.Heartbeat = unchecked(given.Heartbeat + _shift);
        config.Patience = given.Patience;
        config.Key = given.Key;
    }

    private static FlowCounter Sum(FlowMemory memory, int slot)
    {
        FlowCounter sum = default;
        for (int i = slot; i < memory.Counters.Length; i += Slots)
        {
            ref FlowCounter one = ref memory.Counters[i];
            sum.InboundPackets += one.InboundPackets;
            sum.InboundOctets += one.InboundOctets;
            sum.OutboundPackets += one.OutboundPackets;
            sum.OutboundOctets += one.OutboundOctets;
        }

        return sum;
    }

    /// <summary>What a table has been through: each flow, next hop and destination.</summary>
    private static List<Trace> Traces(FlowMemory memory, uint shift)
    {
        List<Trace> traces = [];
        for (int i = 0; i < memory.LinesV4.Length; i++) Add($"IPv4 line {i}", memory.LinesV4[i].Version, in memory.LinesV4[i].State);
        for (int i = 0; i < memory.LinesV6.Length; i++) Add($"IPv6 line {i}", memory.LinesV6[i].Version, in memory.LinesV6[i].State);
        for (int i = 0; i < memory.Hops.Length; i++)
        {
            if (memory.Hops[i].InterfaceIndex != 0) traces.Add(new Trace($"next hop {i}", unchecked(memory.Hops[i].Used - shift)));
        }

        for (int i = 0; i < Slots; i++)
        {
            FlowCounter sum = Sum(memory, i);
            if (sum.InboundPackets + sum.OutboundPackets != 0)
                traces.Add(new Trace($"destination {i}: {sum.InboundPackets} {sum.InboundOctets} {sum.OutboundPackets} {sum.OutboundOctets}", 0));
        }

        return traces;

        void Add(string name, uint version, in FlowState state)
        {
            if ((version & FlowAbi.StateMask) != FlowAbi.Live) return;
            traces.Add(new Trace($"{name}: version {version:x}, {state.Packets} packets, report {state.Report:x}", unchecked(state.LastSeen - shift)));
        }
    }

    private void Check(string hook, Result result, List<Trace> traces, string twins, byte[]? expected)
    {
        string decision = twins switch { "miss" => "", "forwarded" => "flow_forwarded", "counter" => "flow_up_withdrawn", _ => $"flow_up_{twins}" };
        if (result.Decision != decision) throw new GoldenException($"{hook}: the program says '{result.Decision}', its twin '{decision}'");
        string? other = expected is null
            ? result.Frame.AsSpan().SequenceEqual(_frame) ? null : "the program changed a frame that it did not forward"
            : Difference(result.Frame, expected);
        if (other is not null) throw new GoldenException($"{hook}: {other}");
        foreach ((Trace program, Trace twin) in result.Traces.Zip(traces))
            if (!program.IsLike(twin)) throw new GoldenException($"{hook}: the program left '{program}', its twin '{twin}'");
        if (result.Traces.Count != traces.Count) throw new GoldenException($"{hook}: the program left {result.Traces.Count} traces, its twin {traces.Count}");
    }

    /// <summary>Where a frame is not as expected, padding aside; null when it is.</summary>
    private static string? Difference(byte[] frame, byte[] sent)
    {
        byte[] expected = [.. sent];
        int ip = BinaryPrimitives.ReadUInt16BigEndian(expected.AsSpan(12)) == VlanType ? 18 : 14;
        if (frame.Length < expected.Length) return $"{frame.Length} octets, where the twin sends {expected.Length}";
        bool isDrawn = expected[ip] == 0x45 && expected[ip + 9] is 4 or 17 or 47 && BinaryPrimitives.ReadUInt16BigEndian(expected.AsSpan(ip + 4)) == TwinsTunnelId;
        if (isDrawn)
        {
            // The outer identification is drawn: any will do, with its checksum.
            if (SlowChecksum.Sum(frame.AsSpan(ip, 20)) != 0xFFFF) return "the outer header's checksum is wrong";
            frame.AsSpan(ip + 4, 2).CopyTo(expected.AsSpan(ip + 4));
            frame.AsSpan(ip + 10, 2).CopyTo(expected.AsSpan(ip + 10));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if (frame[i] != expected[i])
                return $"octet {i} is {frame[i]:x2}, the twin's {expected[i]:x2}: {Convert.ToHexString(frame)} for {Convert.ToHexString(expected)}";
        }

        return null;
    }

    private static byte[] WithoutTag(byte[] frame) =>
        BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) == VlanType ? [.. frame.AsSpan(0, 12), .. frame.AsSpan(16)] : [.. frame];

    private sealed record Result(string Decision, byte[] Frame, List<Trace> Traces);

    /// <summary>What is left of packets, and when the last of them passed, in ticks of the fixture's clock.</summary>
    private readonly record struct Trace(string Text, uint Seen)
    {
        /// <summary>The two clocks are not read at the same moment: a tick or two lie between.</summary>
        public bool IsLike(Trace other) => Text == other.Text && Math.Abs(unchecked((int)(Seen - other.Seen))) <= 2;
    }
}
