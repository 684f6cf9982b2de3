using System.Numerics;
using System.Runtime.InteropServices;
using NetVS.Director.Offload;
using NetVS.Memory;

namespace NetVS.Director.Measurement;

/// <summary>A flow table in pinned memory of our own, with one ring that is written here as the kernel would.</summary>
internal sealed class MeasuredFlows
{
    private const int CacheLine = 64;
    private const int ReportOctets = 24;

    private readonly List<byte[]> _blocks = [];
    private readonly NativeArray<ulong> _producer;
    private readonly NativeArray<ulong> _data;
    private readonly int _ringSize;

    /// <summary>Room for so many connections, less than half of it used by them, and so many reports.</summary>
    public MeasuredFlows(int connections, int reports)
    {
        int buckets = (int)BitOperations.RoundUpToPowerOf2((uint)connections + 1);
        _ringSize = (int)BitOperations.RoundUpToPowerOf2((uint)reports * ReportOctets);
        NativeArray<ulong> consumer = Allocate<ulong>(1, sizeof(ulong));
        _producer = Allocate<ulong>(1, sizeof(ulong));
        _data = Allocate<ulong>(2 * _ringSize / sizeof(ulong), sizeof(ulong));
        NativeArray<FlowConfig> config = Allocate<FlowConfig>(1, 2 * CacheLine);
        config[0].CounterSlots = 64;
        for (int i = 0; i < FlowAbi.Keys; i++) config[0].Key[i] = unchecked((ulong)(i + 1) * 0x9E3779B97F4A7C15);
        Memory = new FlowMemory(
            Allocate<FlowLineV4>(buckets * FlowAbi.Ways, 64), Allocate<FlowLineV6>(FlowAbi.Ways, 128), Allocate<FlowHop>(1024, 32),
            Allocate<FlowCounter>(64, 64), config, [new FlowRing(consumer, _producer, _data, _ringSize)]);
    }

    /// <summary>What the director is given.</summary>
    public FlowMemory Memory { get; }

    /// <summary>Reports a segment of a line, as the program does.</summary>
    public void Report(int line, byte tcpFlags, uint when)
    {
        ref FlowLineV4 reported = ref Memory.LinesV4[line];
        BeLoud(ref reported.State);
        if (reported.State.Pair != 0) BeLoud(ref Memory.LinesV4[(int)reported.State.Pair - 1].State);
        ulong position = _producer[0];
        Store(position, ReportOctets - 8);
        Store(position + 8, (uint)line | ((ulong)reported.Version << 32));
        Store(position + 16, when | (4UL << 32) | ((ulong)tcpFlags << 40));
        Volatile.Write(ref _producer[0], position + ReportOctets);
    }

    private static void BeLoud(ref FlowState state) => state.Report = unchecked(state.Report + FlowAbi.OneReport) & ~FlowAbi.QuietMask;

    private void Store(ulong position, ulong word)
    {
        int at = (int)(position & ((ulong)_ringSize - 1)) / sizeof(ulong);
        _data[at] = word;
        _data[at + (_ringSize / sizeof(ulong))] = word;
    }

    private NativeArray<T> Allocate<T>(int length, int size)
        where T : unmanaged
    {
        byte[] block = GC.AllocateArray<byte>((length * size) + CacheLine, pinned: true);
        _blocks.Add(block);
        nint start = Marshal.UnsafeAddrOfPinnedArrayElement(block, 0);
        return new NativeArray<T>((start + CacheLine - 1) & ~(nint)(CacheLine - 1), length);
    }
}
