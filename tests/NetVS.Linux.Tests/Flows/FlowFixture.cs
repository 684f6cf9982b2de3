using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NetVS.Director.Offload;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Flows;
using NetVS.Memory;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>A flow table of a test's own, the program that reads it, and a namespace whose loopback device has the director's MAC.</summary>
internal sealed class FlowFixture : IDisposable
{
    public const string Us = "02:00:00:00:00:02", Peer = "02:00:00:00:00:01", HopTarget = "02:00:00:00:00:77", HopSource = "02:00:00:00:00:66";
    public const uint XDP_DROP = 1, XDP_PASS = 2, XDP_REDIRECT = 4, TC_ACT_SHOT = 2, TC_ACT_REDIRECT = 7, TC_ACT_UNSPEC = uint.MaxValue;
    public const int PlainHop = 5, TaggedHop = 6, NoXdpHop = 7, HopInterface = 42;
    public const ushort HopVlan = 200, Counter = 3;

    private const int Loopback = 1, ContextSize = 192;
    private readonly NetworkNamespace _namespace;

    public FlowFixture(FlowMapOptions? options = null)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "loading eBPF needs root");
        _namespace = NetworkNamespace.Create("flow");
        _namespace.Ip($"link set lo address {Us}");
        try
        {
            Maps = FlowMaps.Create(options ?? new FlowMapOptions
            {
                LinesV4 = 64, LinesV6 = 64, CounterSlots = 8, Workers = 2, RingSize = 4096, Patience = TimeSpan.FromHours(1),
            });
            Program = DivertProgram.Load(Maps);
        }
        catch
        {
            Maps?.Dispose();
            _namespace.Dispose();
            throw;
        }

        MacAddress.TryParse(Us, out MacAddress mac).ShouldBeTrue();
        Program.AddInterface(Loopback, mac, 0);
        Empty();
    }

    public FlowMaps Maps { get; }

    public DivertProgram Program { get; }

    public FlowMemory Memory => Maps.Memory;

    /// <summary>Removes all flows, counts and hops but those of the beginning; what the rings hold stays.</summary>
    public void Empty()
    {
        Clear(Memory.LinesV4);
        Clear(Memory.LinesV6);
        Clear(Memory.Counters);
        Clear(Memory.Hops);
        SetHop(PlainHop, 0, FlowAbi.HopXdp);
        SetHop(TaggedHop, HopVlan, FlowAbi.HopXdp);
        SetHop(NoXdpHop, 0, 0);
        SetDirector(isDead: false);
        Maps.IsEnabled = true;
    }

    /// <summary>What a program did with a packet.</summary>
    public (uint Action, byte[] Frame, string Counted) Run(string hook, byte[] frame, int gsoSize = 0) => _namespace.Run(() =>
    {
        BpfProgram program = hook switch { "xdp" => Program.Xdp, "tc" => Program.Ingress, _ => Program.Filter };
        byte[] input = frame;
        if (hook == "filter")
        {
            // A test run takes a link header off before a socket filter sees the packet, and a packet socket does not: so one more goes in front.
            input = [.. frame.AsSpan(0, 14), .. frame];
        }

        byte[] context = hook == "xdp" ? [] : new byte[ContextSize];
        if (gsoSize > 0) MemoryMarshal.Write(context.AsSpan(176), gsoSize);
        byte[] output = new byte[input.Length + 256];
        IReadOnlyDictionary<string, long> before = Program.ReadCounters();
        TestRunResult result = program.TestRun(input, output, 1, context, new byte[context.Length]);
        IReadOnlyDictionary<string, long> after = Program.ReadCounters();
        string counted = string.Join(' ', after.Where(c => c.Value != before[c.Key]).Select(c => c.Key));
        return (result.ReturnValue, output[..result.PacketLength], counted);
    });

    /// <summary>Runs something on a thread in the namespace.</summary>
    public void RunThere(Action action) => _namespace.Run(action);

    /// <summary>The UDP ports of GUE tunnels: 49153 to 6080.</summary>
    public const uint GuePorts = 0xC001_17C0;

    /// <summary>A flow in its first bucket by a mask so many levels below the largest, or in its second; as the director writes it.</summary>
    public int Install(
        IpProtocol protocol, string from, string to, FlowAction action, string newFrom, string newTo, int hop = PlainHop, bool isInSecond = false,
        uint version = FlowAbi.Generation | FlowAbi.Live, int levelsBelow = 0)
    {
        IpEndpoint source = Endpoints.Parse(from), target = Endpoints.Parse(to), newSource = Endpoints.Parse(newFrom), newTarget = Endpoints.Parse(newTo);
        var state = new FlowState
        {
            Counter = Counter, Timeout = 60, Report = (uint)(FlowEvents.Ack | FlowEvents.Fin | FlowEvents.Rst | FlowEvents.Syn), LastSeen = FlowMaps.Now,
            IpMtu = 1500, SequenceDelta = (action & FlowAction.Kind) == FlowAction.Gue ? GuePorts : 0,
        };
        uint hash = HashOf(source, target, protocol);
        bool isV4 = source.Address.Family == IpFamily.V4;
        uint mask = isV4 ? Memory.Config[0].BucketMaskV4 : Memory.Config[0].BucketMaskV6;
        uint first = hash & mask;
        uint bucket = isInSecond ? (first ^ unchecked((hash >> 20 | 1) * 0x9e3779b1u)) & mask : hash & (mask >> (levelsBelow * FlowAbi.LevelShift));
        int line = (int)bucket * FlowAbi.Ways;
        while (VersionOf(isV4, line) != 0) line++;
        if (isV4)
        {
            ref FlowLineV4 flow = ref Memory.LinesV4[line];
            state.Overflow = flow.State.Overflow;
            flow = new FlowLineV4
            {
                Source = Word(source.Address), Target = Word(target.Address), SourcePort = Swap(source.Port), TargetPort = Swap(target.Port),
                Protocol = (byte)protocol, Action = action, Hop = (ushort)hop, NewSource = Word(newSource.Address), NewTarget = Word(newTarget.Address),
                NewSourcePort = Swap(newSource.Port), NewTargetPort = Swap(newTarget.Port), State = state,
            };
            if (isInSecond) Memory.LinesV4[(int)first * FlowAbi.Ways].State.Overflow++;
            Volatile.Write(ref flow.Version, version);
        }
        else
        {
            ref FlowLineV6 flow = ref Memory.LinesV6[line];
            state.Overflow = flow.State.Overflow;
            flow = new FlowLineV6
            {
                SourcePort = Swap(source.Port), TargetPort = Swap(target.Port), Protocol = (byte)protocol, Action = action, Hop = (ushort)hop,
                NewSourcePort = Swap(newSource.Port), NewTargetPort = Swap(newTarget.Port), State = state,
            };
            Write(source.Address, flow.Source);
            Write(target.Address, flow.Target);
            Write(newSource.Address, flow.NewSource);
            Write(newTarget.Address, flow.NewTarget);
            if (isInSecond) Memory.LinesV6[(int)first * FlowAbi.Ways].State.Overflow++;
            Volatile.Write(ref flow.Version, version);
        }

        return line;
    }

    /// <summary>The state of a line.</summary>
    public ref FlowState StateOf(bool isV4, int line)
    {
        if (isV4) return ref Memory.LinesV4[line].State;
        return ref Memory.LinesV6[line].State;
    }

    /// <summary>What all CPUs have counted for the destination of <see cref="Counter"/>.</summary>
    public (ulong InboundPackets, ulong InboundOctets, ulong OutboundPackets, ulong OutboundOctets) Counted()
    {
        (ulong, ulong, ulong, ulong) sum = default;
        ForEachCounter((ref FlowCounter c) =>
            sum = (sum.Item1 + c.InboundPackets, sum.Item2 + c.InboundOctets, sum.Item3 + c.OutboundPackets, sum.Item4 + c.OutboundOctets));
        return sum;
    }

    /// <summary>Makes the director's last sign of life older than its patience, or as young as it can be.</summary>
    public void SetDirector(bool isDead) => Memory.Config[0].Heartbeat = isDead ? unchecked(FlowMaps.Now - Memory.Config[0].Patience - 2) : FlowMaps.Now;

    public delegate void CounterAction(ref FlowCounter counter);

    public void ForEachCounter(CounterAction action)
    {
        int slots = (int)Memory.Config[0].CounterSlots;
        for (int cpu = 0; cpu < PossibleCpus.Count; cpu++) action(ref Memory.Counters[(cpu * slots) + Counter]);
    }

    public void SetHop(int number, ushort vlan, ushort flags, int interfaceIndex = HopInterface, uint version = 2)
    {
        ref FlowHop hop = ref Memory.Hops[number];
        MacAddress.TryParse(HopTarget, out MacAddress target).ShouldBeTrue();
        MacAddress.TryParse(HopSource, out MacAddress source).ShouldBeTrue();
        Span<byte> macs = hop.Macs;
        target.Write(macs);
        source.Write(macs[6..]);
        hop.InterfaceIndex = (uint)interfaceIndex;
        hop.Vlan = vlan;
        hop.Flags = flags;
        Volatile.Write(ref hop.Version, version);
    }

    public void Dispose()
    {
        Program?.Dispose();
        Maps?.Dispose();
        _namespace?.Dispose();
    }

    private static void Clear<T>(NativeArray<T> array)
        where T : unmanaged
    {
        for (int i = 0; i < array.Length; i++) array[i] = default;
    }

    /// <summary>The hash of flow.h, written once more from its words.</summary>
    private uint HashOf(IpEndpoint source, IpEndpoint target, IpProtocol protocol)
    {
        var words = new List<uint>();
        foreach (IpAddress address in (IpAddress[])[source.Address, target.Address])
        {
            byte[] octets = new byte[address.Size];
            address.Write(octets);
            for (int i = 0; i < octets.Length; i += 4) words.Add(BinaryPrimitives.ReadUInt32LittleEndian(octets.AsSpan(i)));
        }

        words.Add(Swap(source.Port) | ((uint)Swap(target.Port) << 16));
        words.Add((uint)protocol);
        ReadOnlySpan<ulong> key = Memory.Config[0].Key;
        ulong hash = key[0];
        unchecked
        {
            for (int i = 0; i < words.Count; i += 2) hash += (key[i + 1] + words[i]) * (key[i + 2] + words[i + 1]);
        }

        return (uint)(hash >> 32);
    }

    private uint VersionOf(bool isV4, int line) => isV4 ? Memory.LinesV4[line].Version : Memory.LinesV6[line].Version;

    private static ushort Swap(ushort port) => BinaryPrimitives.ReverseEndianness(port);

    private static uint Word(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[4];
        address.Write(octets);
        return BinaryPrimitives.ReadUInt32LittleEndian(octets);
    }

    private static void Write(IpAddress address, Span<uint> words) => address.Write(MemoryMarshal.AsBytes(words));
}
