using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Testing.Memory;

namespace NetVS.Director.Tests.Services;

/// <summary>The counts of clients' connections: against a dictionary, from many threads, and what they allocate.</summary>
public sealed class ClientCountsTests
{
    [Theory]
    [InlineData(false, 32u)]
    [InlineData(false, 24u)]
    [InlineData(false, 1u)]
    [InlineData(true, 128u)]
    [InlineData(true, 64u)]
    [InlineData(true, 70u)]
    [InlineData(true, 12u)]
    public void Counts_AreThoseOfADictionary(bool isV6, uint prefix)
    {
        var counts = new ClientCounts(prefix, 1, 42);
        var twin = new Dictionary<UInt128, uint>();
        var held = new List<IpAddress>();
        int bits = isV6 ? 128 : 32, refusals = 0;
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            uint number = (uint)random.Next(60);
            IpAddress client = isV6 ? new Ipv6Address((ulong)(number % 20) << 52, (ulong)number << 40) : new Ipv4Address(number << 5);
            if (held.Count > 0 && random.Next(2) == 0)
            {
                int which = random.Next(held.Count);
                client = held[which];
                held[which] = held[^1];
                held.RemoveAt(held.Count - 1);
                counts.Release(in client);
                if (--twin[Key(client)] == 0) twin.Remove(Key(client));
            }
            else
            {
                uint before = twin.GetValueOrDefault(Key(client));
                counts.Has(in client, before).ShouldBeTrue();
                counts.Has(in client, before + 1).ShouldBeFalse();
                bool isTaken = counts.TryTake(in client, 3);
                isTaken.ShouldBe(before < 3);
                if (!isTaken)
                {
                    refusals++;
                    continue;
                }

                twin[Key(client)] = before + 1;
                held.Add(client);
            }

            counts.Count.ShouldBe(twin.Count);
        }

        refusals.ShouldBeGreaterThan(0);
        foreach (IpAddress client in held) counts.Release(in client);
        counts.Count.ShouldBe(0);
        return;

        UInt128 Key(IpAddress client)
        {
            (ulong high, ulong low) = isV6 ? client.V6 : new Ipv6Address(0, client.V4.Value);
            UInt128 whole = ((UInt128)high << 64) | low;
            int dropped = bits - (int)prefix;
            return dropped == 128 ? 0 : whole >> dropped << dropped;
        }
    }

    [Fact]
    public void ManyThreads_NeverExceedTheMost()
    {
        var counts = new ClientCounts(32, 1, 42);
        IpAddress client = Ipv4Address.Of(203, 0, 113, 7);
        int inside = 0;
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (!counts.TryTake(in client, 2)) continue;
                Interlocked.Increment(ref inside).ShouldBeLessThanOrEqualTo(2);
                Interlocked.Decrement(ref inside);
                counts.Release(in client);
            }
        });
        counts.Count.ShouldBe(0);
    }

    [Fact]
    public void ClientsThatComeAndGo_AllocateNothing()
    {
        var counts = new ClientCounts(32, 1, 42);
        uint i = 0;
        Allocations.Measure(10_000, () =>
        {
            IpAddress client = new Ipv4Address(0xC6330000 + (i % 50));
            if (i++ % 100 < 50) counts.TryTake(in client, 5);
            else counts.Release(in client);
        }).ShouldBe(0);
    }
}
