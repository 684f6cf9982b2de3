using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using NetVS.Director.Connections;
using NetVS.Packets;

namespace NetVS.Benchmarks.Hashing;

/// <summary>Hashing a client's end: what the table uses, and what it does not.</summary>
[MemoryDiagnoser]
public class HashBenchmarks
{
    private readonly ConnectionHash _hash = new(new UInt128(0x243F6A8885A308D3, 0x13198A2E03707344));
    private readonly Vector128<byte> _key = Vector128.Create(0x243F6A8885A308D3, 0x13198A2E03707344).AsByte();
    private Ipv4Address _client = Ipv4Address.Of(203, 0, 113, 7);
    private Ipv6Address _client6 = new(0x20010DB8_00000000, 7);
    private ushort _port = 40000;

    [Benchmark(Baseline = true)]
    public ulong SipHash13Ipv4() => _hash.OfClientEnd(IpProtocol.Tcp, _client, _port);

    [Benchmark]
    public ulong SipHash13Ipv6() => _hash.OfClientEnd(IpProtocol.Tcp, _client6, _port);

    [Benchmark]
    public ulong AesIpv4() => AesHash.Of(_key, _client.Value | ((ulong)_port << 32));

    [Benchmark]
    public ulong MultiplyIpv4() => MultiplyHash.Of(0x243F6A8885A308D3, 0x13198A2E03707344, _client.Value | ((ulong)_port << 32));

    [Benchmark]
    public int HashCodeIpv4() => HashCode.Combine(_client, _port, IpProtocol.Tcp);
}
