using BenchmarkDotNet.Attributes;
using NetVS.Director.Connections;
using NetVS.Director.Measurement;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Benchmarks.Connections;

/// <summary>The connection table with IPv6 addresses; IPv4 and the whole engine are in the quick run.</summary>
[MemoryDiagnoser]
public class ConnectionBenchmarks
{
    private const int Packets = Meter.PieceLength * 32;
    private static readonly Ipv6Address s_virtual = new(0x20010DB8_00000000, 0x80);
    private static readonly MonotonicTime s_now = MonotonicTime.FromSeconds(1000);
    private ConnectionTable<Ipv6Address> _table = new(1, 42);
    private int[] _order = [];

    [Params(1, 1000, 100_000, 1_000_000)]
    public int Connections { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _table = new ConnectionTable<Ipv6Address>(Connections, 42);
        _order = RandomOrder.Of(Connections);
        for (int i = 0; i < Connections; i++)
        {
            var key = new ConnectionKey<Ipv6Address>(IpProtocol.Tcp, ClientOf(i), 1024, s_virtual, 80);
            var target = new ConnectionTarget<Ipv6Address>(ForwardingMethod.Nat, s_virtual, 8080, 0);
            _table.TryCreate(in key, in target, s_now, out _);
        }
    }

    [GlobalCleanup]
    public void Free() => _table.Dispose();

    [Benchmark(OperationsPerInvoke = Packets)]
    public void FindAndTouchIpv6()
    {
        foreach (int i in _order.AsSpan(0, Packets))
            _table.Touch(_table.FindInbound(IpProtocol.Tcp, ClientOf(i), 1024, s_virtual, 80), s_now);
    }

    private static Ipv6Address ClientOf(int i) => new(0x20010DB8_00010000, (ulong)i);
}
