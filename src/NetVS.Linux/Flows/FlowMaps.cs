using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NetVS.Director.Offload;
using NetVS.Linux.Bpf;
using NetVS.Linux.Native;
using NetVS.Memory;

namespace NetVS.Linux.Flows;

/// <summary>The maps of bpf/flow.h, mapped into this process: what the director writes flows to and the fast path reads them from.</summary>
/// <remarks>
/// <para>Made anew, or opened where another process pinned them; then given to the program before it is loaded
/// (<see cref="Divert.DivertProgram.Load"/>). The maps live as long as a program uses them or a pin is there; the mapping until this is
/// disposed of, which must come after the director's and its workers' end.</para>
/// Minimum kernel: 5.8 (ring buffers; arrays that can be mapped are older).
/// </remarks>
public sealed unsafe class FlowMaps : IDisposable
{
    /// <summary>The most workers (FLOW_WORKERS).</summary>
    public const int MaxWorkers = 64;

    /// <summary>Next hops there can be: one for each 16-bit id.</summary>
    public const int HopCount = 65536;

    private const uint ArrayType = 2, ArrayOfMapsType = 12, RingBufferType = 27;
    private const uint BPF_F_MMAPABLE = 1024;
    private const string LinesV4Name = "flows4", LinesV6Name = "flows6", HopsName = "flow_hops", CountersName = "flow_counters";
    private const string ConfigName = "flow_config", RingsName = "flow_rings";

    private static readonly string[] s_names = [LinesV4Name, LinesV6Name, HopsName, CountersName, ConfigName, RingsName];

    // Where the kernel has no links for a hook, its attachments are not pinned: what stands so long without a director has none.
    private static readonly TimeSpan s_forsakenAfter = TimeSpan.FromHours(1);

    private readonly Dictionary<string, BpfMap> _maps;
    private readonly List<BpfMap> _rings = [];
    private readonly List<NativeMapping> _mappings = [];
    private readonly NativeArray<FlowConfig> _config;

    private FlowMaps(Dictionary<string, BpfMap> maps, int workers, int ringSize)
    {
        _maps = maps;
        try
        {
            _config = Map<FlowConfig>(ConfigName);
            var rings = new List<FlowRing>();
            for (int worker = 0; worker < workers; worker++) rings.Add(OpenRing(worker, ringSize));
            Memory = new FlowMemory(
                Map<FlowLineV4>(LinesV4Name), Map<FlowLineV6>(LinesV6Name), Map<FlowHop>(HopsName), Map<FlowCounter>(CountersName), _config, rings);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The memory, for the director.</summary>
    public FlowMemory Memory { get; }

    /// <summary>Whether packets are looked up at all.</summary>
    public bool IsEnabled
    {
        get => Volatile.Read(ref _config[0].Enabled) != 0;

        // Partner: the program's load; what stands in the maps by then is complete.
        set => Volatile.Write(ref _config[0].Enabled, value ? 1u : 0u);
    }

    /// <summary>The time in flow ticks, as the program tells it.</summary>
    public static uint Now => unchecked((uint)((ulong)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency) >> FlowAbi.TickShift));

    /// <summary>
    /// Removes what directors left that nobody will take over: those whose interfaces are gone, and those that ended between pinning their maps and
    /// attaching, an hour after they were last heard of.
    /// </summary>
    public static void RemoveAbandoned() => PinFolder.RemoveAbandoned(pins => IsForsaken(pins, ToTicks(s_forsakenAfter)));

    /// <summary>Whether the director of these maps has given no sign of life for so many ticks.</summary>
    internal static bool IsForsaken(PinFolder pins, uint ticks)
    {
        if (!pins.Contains(ConfigName)) return false;
        using BpfMap map = pins.OpenMap(ConfigName);
        return map.ElementSize == sizeof(FlowConfig) && map.TryLookup(0u, out FlowConfig config) && unchecked(Now - config.Heartbeat) >= ticks;
    }

    /// <summary>Makes new maps: empty, with a key of their own, and not enabled.</summary>
    /// <exception cref="KernelCallException">There is not enough memory, or no privilege.</exception>
    public static FlowMaps Create(FlowMapOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Workers, MaxWorkers);
        int bucketsV4 = BucketsFor(options.LinesV4), bucketsV6 = BucketsFor(options.LinesV6);
        Dictionary<string, BpfMap> maps = [];
        try
        {
            Add(LinesV4Name, sizeof(FlowLineV4) * FlowAbi.Ways, bucketsV4);
            Add(LinesV6Name, sizeof(FlowLineV6) * FlowAbi.Ways, bucketsV6);
            Add(HopsName, sizeof(FlowHop), HopCount);
            Add(CountersName, sizeof(FlowCounter), options.CounterSlots * PossibleCpus.Count);
            Add(ConfigName, sizeof(FlowConfig), 1);
            using BpfMap like = CreateRing(options.RingSize);
            maps.Add(RingsName, BpfMap.Create(ArrayOfMapsType, RingsName, sizeof(uint), sizeof(uint), MaxWorkers, inner: like));
        }
        catch
        {
            foreach (BpfMap map in maps.Values) map.Dispose();
            throw;
        }

        var made = new FlowMaps(maps, options.Workers, options.RingSize);
        ref FlowConfig config = ref made._config[0];
        config.BucketMaskV4 = (uint)bucketsV4 - 1;
        config.BucketMaskV6 = (uint)bucketsV6 - 1;
        (config.PlaceMaskV4, config.PlaceMaskV6) = (config.BucketMaskV4, config.BucketMaskV6);
        config.CounterSlots = (uint)options.CounterSlots;
        config.Heartbeat = Now;
        config.Patience = ToTicks(options.Patience);
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes((Span<ulong>)config.Key));
        config.Layout = FlowAbi.Layout;
        return made;

        void Add(string name, int valueSize, int count) =>
            maps.Add(name, BpfMap.Create(ArrayType, name, sizeof(uint), valueSize, count, BPF_F_MMAPABLE));
    }

    /// <summary>Opens the maps that <see cref="Pin"/> left.</summary>
    /// <param name="pins">Where.</param>
    /// <param name="workers">Workers now: each gets the ring there is, or a new one.</param>
    /// <param name="ringSize">Octets of new rings.</param>
    /// <returns>Null where there are none, or ones that this program does not understand: of another layout.</returns>
    public static FlowMaps? TryOpen(PinFolder pins, int workers, int ringSize)
    {
        ArgumentNullException.ThrowIfNull(pins);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, MaxWorkers);
        if (!s_names.All(pins.Contains)) return null;
        Dictionary<string, BpfMap> maps = [];
        try
        {
            foreach (string name in s_names) maps.Add(name, pins.OpenMap(name));
            if (IsUnderstood(maps)) return new FlowMaps(maps, workers, ringSize);
        }
        catch
        {
            foreach (BpfMap map in maps.Values) map.Dispose();
            throw;
        }

        foreach (BpfMap map in maps.Values) map.Dispose();
        return null;
    }

    /// <summary>Leaves the maps for the next process; replaces what is there.</summary>
    public void Pin(PinFolder pins)
    {
        ArgumentNullException.ThrowIfNull(pins);
        foreach ((string name, BpfMap map) in _maps)
        {
            pins.Remove(name);
            pins.Pin(map, name);
        }
    }

    /// <summary>Puts the maps in the places of those a program would get; before it is loaded.</summary>
    public void GiveTo(BpfObject program)
    {
        foreach ((string name, BpfMap map) in _maps) program.ReuseMap(name, map);
    }

    /// <summary>Unmaps; the memory must not be used from here on.</summary>
    public void Dispose()
    {
        foreach (NativeMapping mapping in _mappings) mapping.Dispose();
        _mappings.Clear();
        foreach (BpfMap ring in _rings) ring.Dispose();
        foreach (BpfMap map in _maps.Values) map.Dispose();
    }

    private static uint ToTicks(TimeSpan time) => (uint)(time.TotalNanoseconds / (1L << FlowAbi.TickShift));

    private static int BucketsFor(int lines) => (int)Math.Max(1, BitOperations.RoundUpToPowerOf2((uint)lines) / FlowAbi.Ways);

    private static BpfMap CreateRing(int size) => BpfMap.Create(RingBufferType, "flow_ring", 0, 0, size);

    private static bool IsUnderstood(Dictionary<string, BpfMap> maps)
    {
        (string Name, int Size)[] sizes =
        [
            (LinesV4Name, sizeof(FlowLineV4) * FlowAbi.Ways), (LinesV6Name, sizeof(FlowLineV6) * FlowAbi.Ways), (HopsName, sizeof(FlowHop)),
            (CountersName, sizeof(FlowCounter)), (ConfigName, sizeof(FlowConfig)),
        ];
        if (sizes.Any(s => maps[s.Name].ElementSize != s.Size) || maps[HopsName].MaxEntries != HopCount) return false;
        return maps[ConfigName].TryLookup(0u, out FlowConfig config) && config.Layout == FlowAbi.Layout
            && config.BucketMaskV4 == maps[LinesV4Name].MaxEntries - 1 && config.BucketMaskV6 == maps[LinesV6Name].MaxEntries - 1
            && config.CounterSlots * PossibleCpus.Count == maps[CountersName].MaxEntries;
    }

    private NativeArray<T> Map<T>(string name)
        where T : unmanaged
    {
        BpfMap map = _maps[name];
        nuint length = (nuint)map.MaxEntries * (nuint)map.ElementSize;
        NativeMapping mapping = NativeMapping.OfMap(map.Handle, RoundToPages(length), 0, false, $"map {name}");
        _mappings.Add(mapping);
        return new NativeArray<T>((nint)mapping.Address, (int)(length / (nuint)sizeof(T)));
    }

    // Documentation/bpf/ringbuf.rst: a page for the consumer, a page for the producer, the data twice in a row.
    private FlowRing OpenRing(int worker, int size)
    {
        BpfMap rings = _maps[RingsName];
        BpfMap ring;
        if (rings.TryLookup((uint)worker, out uint id) && id != 0)
        {
            ring = BpfMap.FromId(id);
        }
        else
        {
            ring = CreateRing(size);
            rings.Update((uint)worker, (uint)(int)ring.Handle.DangerousGetHandle());
        }

        _rings.Add(ring);
        int page = Environment.SystemPageSize;
        string name = $"ring of worker {worker}";
        NativeMapping consumer = NativeMapping.OfMap(ring.Handle, (nuint)page, 0, false, name);
        _mappings.Add(consumer);
        NativeMapping rest = NativeMapping.OfMap(ring.Handle, (nuint)(page + (2 * ring.MaxEntries)), page, true, name);
        _mappings.Add(rest);
        return new FlowRing(
            Words(consumer.Address, page), Words(rest.Address, page), Words(rest.Address + page, 2 * ring.MaxEntries), ring.MaxEntries);

        static NativeArray<ulong> Words(byte* address, int octets) => new((nint)address, octets / sizeof(ulong));
    }

    private static nuint RoundToPages(nuint octets)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        return (octets + page - 1) / page * page;
    }
}
