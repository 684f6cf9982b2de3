using BenchmarkDotNet.Attributes;
using NetVS.Director.Connections;
using NetVS.Director.Measurement;
using NetVS.Memory;
using NetVS.Packets;

namespace NetVS.Benchmarks.Connections;

/// <summary>Finding a handle by hash, all of them in random order: what the table uses, and what it does not.</summary>
[MemoryDiagnoser]
public class IndexBenchmarks
{
    private ulong[] _hashes = [];
    private HandleIndex _index = new(1);
    private ChainedIndex _chained = new(1);
    private LinearIndex _linear = new(1);
    private Dictionary<ulong, int> _dictionary = [];

    [Params(1000, 1_000_000)]
    public int Connections { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var hash = new ConnectionHash(42);
        int[] order = RandomOrder.Of(Connections);
        _hashes = [.. order.Select(i => hash.OfClientEnd(IpProtocol.Tcp, new Ipv4Address((uint)i), 1024))];
        _index = new HandleIndex(Connections);
        _chained = new ChainedIndex(Connections);
        _linear = new LinearIndex(Connections);
        _dictionary = new Dictionary<ulong, int>(Connections);
        foreach ((ulong key, int i) in _hashes.Distinct().Select((key, i) => (key, i + 1)))
        {
            _index.Add(key, i);
            _chained.Add(key, i);
            _linear.Add(key, i);
            _dictionary.Add(key, i);
        }
    }

    [GlobalCleanup]
    public void Free() => _index.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Meter.PieceLength * 32)]
    public long BucketsOfTen()
    {
        long sum = 0;
        foreach (ulong hash in _hashes.AsSpan(0, Meter.PieceLength * 32))
        {
            HandleProbe probe = _index.Probe(hash);
            if (probe.MoveNext()) sum += probe.Handle;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Meter.PieceLength * 32)]
    public long Chains()
    {
        long sum = 0;
        foreach (ulong hash in _hashes.AsSpan(0, Meter.PieceLength * 32)) sum += _chained.Find(hash);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Meter.PieceLength * 32)]
    public long SingleWords()
    {
        long sum = 0;
        foreach (ulong hash in _hashes.AsSpan(0, Meter.PieceLength * 32)) sum += _linear.Find(hash);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Meter.PieceLength * 32)]
    public long Dictionary()
    {
        long sum = 0;
        foreach (ulong hash in _hashes.AsSpan(0, Meter.PieceLength * 32)) sum += _dictionary[hash];
        return sum;
    }
}
