using System.Runtime.InteropServices;
using NetVS.Director.Offload;
using NetVS.Memory;

namespace NetVS.Testing.Flows;

/// <summary>A flow table in ordinary memory, and rings that a test writes as the kernel does.</summary>
public sealed class FlowTestMemory : IDisposable
{
    private const int CacheLine = 64;
    private readonly List<nint> _allocations = [];
    private readonly NativeArray<ulong>[] _producers;
    private readonly NativeArray<ulong>[] _consumers;
    private readonly NativeArray<ulong>[] _data;
    private readonly int _ringSize;

    /// <summary>Reserves everything.</summary>
    /// <param name="buckets">Buckets of each family: a power of two.</param>
    /// <param name="workers">How many rings.</param>
    /// <param name="slots">Destinations that can be counted.</param>
    /// <param name="cpus">CPUs that count.</param>
    /// <param name="hops">Next hops.</param>
    /// <param name="ringSize">Octets of a ring: a power of two.</param>
    /// <param name="key">From what the hash's key is made.</param>
    public FlowTestMemory(int buckets = 1024, int workers = 1, int slots = 1024, int cpus = 2, int hops = 4096, int ringSize = 1 << 16, int key = 1)
    {
        _ringSize = ringSize;
        _producers = new NativeArray<ulong>[workers];
        _consumers = new NativeArray<ulong>[workers];
        _data = new NativeArray<ulong>[workers];
        var rings = new FlowRing[workers];
        for (int i = 0; i < workers; i++)
        {
            _consumers[i] = Allocate<ulong>(CacheLine, sizeof(ulong));
            _producers[i] = Allocate<ulong>(CacheLine, sizeof(ulong));
            _data[i] = Allocate<ulong>(2 * ringSize / sizeof(ulong), sizeof(ulong));
            rings[i] = new FlowRing(_consumers[i], _producers[i], _data[i], ringSize);
        }

        NativeArray<FlowConfig> config = Allocate<FlowConfig>(1, CacheLine * 2);
        ref FlowConfig entry = ref config[0];
        entry.Layout = FlowAbi.Layout;
        entry.Enabled = 1;
        entry.BucketMaskV4 = entry.BucketMaskV6 = entry.PlaceMaskV4 = entry.PlaceMaskV6 = (uint)buckets - 1;
        entry.CounterSlots = (uint)slots;
        entry.Patience = 75;
        var random = new Random(key);
        for (int i = 0; i < FlowAbi.Keys; i++) entry.Key[i] = unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue));
        Memory = new FlowMemory(
            Allocate<FlowLineV4>(buckets * FlowAbi.Ways, 64), Allocate<FlowLineV6>(buckets * FlowAbi.Ways, 128),
            Allocate<FlowHop>(hops, 32), Allocate<FlowCounter>(slots * cpus, 64), config, rings);
    }

    /// <summary>What the director is given.</summary>
    public FlowMemory Memory { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint allocation in _allocations) Marshal.FreeHGlobal(allocation);
        _allocations.Clear();
    }

    /// <summary>Whether there is room for another report, as bpf_ringbuf_reserve asks.</summary>
    internal bool HasRoom(int worker) => _producers[worker][0] + ReportSize - Volatile.Read(ref _consumers[worker][0]) <= (ulong)_ringSize;

    /// <summary>Writes a report as bpf_ringbuf_submit does.</summary>
    internal void Report(int worker, in FlowEvent report)
    {
        ulong position = _producers[worker][0];
        Store(worker, position + 8, report.Line | ((ulong)report.Version << 32));
        Store(worker, position + 16, report.When | ((ulong)report.Family << 32) | ((ulong)report.Flags << 40));
        Store(worker, position, ReportSize - 8);
        Volatile.Write(ref _producers[worker][0], position + ReportSize);
    }

    private const ulong ReportSize = 24;

    // The kernel maps the data twice in a row; here both copies are written.
    private void Store(int worker, ulong position, ulong word)
    {
        int at = (int)(position % (ulong)_ringSize) / sizeof(ulong);
        Volatile.Write(ref _data[worker][at], word);
        Volatile.Write(ref _data[worker][at + (_ringSize / sizeof(ulong))], word);
    }

    private NativeArray<T> Allocate<T>(int length, int size)
        where T : unmanaged
    {
        nint octets = ((nint)length * size) + CacheLine;
        nint allocation = Marshal.AllocHGlobal(octets);
        _allocations.Add(allocation);
        nint start = (allocation + CacheLine - 1) & ~(nint)(CacheLine - 1);
        var all = new NativeArray<ulong>(start, length * size / sizeof(ulong));
        for (int i = 0; i < all.Length; i++) all[i] = 0;
        return new NativeArray<T>(start, length);
    }
}
