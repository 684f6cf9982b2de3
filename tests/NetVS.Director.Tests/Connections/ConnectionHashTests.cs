using System.Buffers.Binary;
using System.Numerics;
using NetVS.Director.Connections;
using NetVS.Packets;

namespace NetVS.Director.Tests.Connections;

public sealed class ConnectionHashTests
{
    /// <summary>Reference §19: SipHash-1-3 of a 32-bit value under the two keys of the mh scheduler, low 32 bits.</summary>
    [Theory]
    [InlineData(0u, 0x1D5A77C2u, 0xF882433Fu)]
    [InlineData(1u, 0x16EC66B2u, 0x8210AAD1u)]
    [InlineData(0xC0000201u, 0x92889C88u, 0xC6FE83E5u)]
    [InlineData(0xFFFFFFFFu, 0x22C5D719u, 0xF75A0F5Du)]
    public void SipHash13_OneWord_IsTheReferences(uint value, uint hash1, uint hash2)
    {
        var first = new SipHash13(2654435761, 2654435761);
        var second = new SipHash13(2654446892, 2654446892);
        unchecked((uint)first.Finish((4UL << 56) | value)).ShouldBe(hash1);
        unchecked((uint)second.Finish((4UL << 56) | value)).ShouldBe(hash2);
    }

    [Fact]
    public void OfClientEnd_And_OfLocalEnd_AreSipHash13OfTheDocumentedMessage()
    {
        var random = new Random(17);
        for (int i = 0; i < 1000; i++)
        {
            ulong key0 = (ulong)random.NextInt64(), key1 = (ulong)random.NextInt64();
            var hash = new ConnectionHash(new UInt128(key1, key0));
            var client4 = new Ipv4Address((uint)random.NextInt64(1L << 32));
            var real4 = new Ipv4Address((uint)random.NextInt64(1L << 32));
            var client6 = new Ipv6Address((ulong)random.NextInt64(), (ulong)random.NextInt64());
            var real6 = new Ipv6Address((ulong)random.NextInt64(), (ulong)random.NextInt64());
            ushort port = (ushort)random.Next(65536), realPort = (ushort)random.Next(65536);

            hash.OfClientEnd(IpProtocol.Udp, client4, port)
                .ShouldBe(SlowSipHash13(key0, key1, [.. Words(client4), .. Word(port), 17]));
            hash.OfClientEnd(IpProtocol.Tcp, client6, port)
                .ShouldBe(SlowSipHash13(key0, key1, [.. Words(client6), .. Word(port), 6]));
            hash.OfLocalEnd(IpProtocol.Udp, client4, port, real4, realPort)
                .ShouldBe(SlowSipHash13(key0, key1, [.. Words(client4), .. Words(real4), .. Word(port), .. Word(realPort), 17]));
            hash.OfLocalEnd(IpProtocol.Tcp, client6, port, real6, realPort)
                .ShouldBe(SlowSipHash13(key0, key1, [.. Words(client6), .. Words(real6), .. Word(port), .. Word(realPort), 6]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void OwnerOf_ManyClients_SpreadsEvenly(int workers)
    {
        var hash = new ConnectionHash(new UInt128(3, 4));
        var owned = new int[workers];
        const int clients = 80_000;
        for (uint i = 0; i < clients; i++)
            owned[ConnectionHash.OwnerOf(hash.OfClientEnd(IpProtocol.Tcp, new Ipv4Address(i / 40), (ushort)(i % 40)), workers)]++;
        foreach (int count in owned) ((double)count).ShouldBe((double)clients / workers, 0.05 * clients / workers);
    }

    [Fact]
    public void OwnerOf_HighestHash_IsTheLastWorker()
    {
        ConnectionHash.OwnerOf(ulong.MaxValue, 7).ShouldBe(6);
        ConnectionHash.OwnerOf(0, 7).ShouldBe(0);
        ConnectionHash.OwnerOf(ulong.MaxValue, 1).ShouldBe(0);
    }

    [Fact]
    public void OtherKey_OtherHash()
    {
        var client = new Ipv4Address(1);
        ulong first = new ConnectionHash(1).OfClientEnd(IpProtocol.Tcp, client, 1);
        ulong second = new ConnectionHash(2).OfClientEnd(IpProtocol.Tcp, client, 1);
        ulong third = new ConnectionHash(new UInt128(1, 1)).OfClientEnd(IpProtocol.Tcp, client, 1);
        new[] { first, second, third }.Distinct().Count().ShouldBe(3);
    }

    private static byte[] Words(Ipv4Address address)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(octets, address.Value);
        return octets;
    }

    private static byte[] Words(Ipv6Address address)
    {
        var octets = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(octets, address.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(octets.AsSpan(8), address.High);
        return octets;
    }

    private static byte[] Word(ushort value) => [(byte)(value & 255), (byte)(value >> 8)];

    /// <summary>The slow twin: octet by octet, as the paper has it.</summary>
    private static ulong SlowSipHash13(ulong key0, ulong key1, byte[] message)
    {
        ulong[] v = [key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d, key0 ^ 0x6c7967656e657261, key1 ^ 0x7465646279746573];
        int whole = message.Length / 8;
        for (int i = 0; i <= whole; i++)
        {
            ulong word = i == whole ? (ulong)(message.Length & 255) << 56 : 0;
            for (int j = 0; j < 8 && (8 * i) + j < message.Length; j++) word |= (ulong)message[(8 * i) + j] << (8 * j);
            v[3] ^= word;
            Round(v);
            v[0] ^= word;
        }

        v[2] ^= 0xFF;
        for (int i = 0; i < 3; i++) Round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Round(ulong[] v)
    {
        unchecked
        {
            v[0] += v[1];
            v[2] += v[3];
            v[1] = BitOperations.RotateLeft(v[1], 13) ^ v[0];
            v[3] = BitOperations.RotateLeft(v[3], 16) ^ v[2];
            v[0] = BitOperations.RotateLeft(v[0], 32);
            v[2] += v[1];
            v[0] += v[3];
            v[1] = BitOperations.RotateLeft(v[1], 17) ^ v[2];
            v[3] = BitOperations.RotateLeft(v[3], 21) ^ v[0];
            v[2] = BitOperations.RotateLeft(v[2], 32);
        }
    }
}
