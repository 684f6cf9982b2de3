using NetVS.Director.Network;

namespace NetVS.Director.Tests.Network;

public sealed class PrefixRangesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(3000)]
    public void Find_RandomPrefixesV4_AgreesWithALinearScan(int count)
    {
        var random = new Random(7 + count);
        var prefixes = new Dictionary<(uint Start, int Length), int>();
        for (int i = 0; i < count; i++)
        {
            int length = random.Next(33);
            // A few bits only, so that prefixes nest and touch.
            uint start = PrefixRanges<uint>.FirstOf((uint)random.NextInt64(1L << 32) & 0xC0C3_0103, length);
            prefixes[(start, length)] = i % 17 == 0 ? PrefixRanges<uint>.NoMatch : i;
        }

        PrefixRanges<uint> table = PrefixRanges<uint>.Build([.. prefixes.Select(p => (p.Key.Start, p.Key.Length, p.Value))]);
        for (int i = 0; i < 20_000; i++)
        {
            uint key = (uint)random.NextInt64(1L << 32);
            if (i % 2 == 0) key &= 0xC0C3_0103;
            if (i % 4 == 0) key = unchecked(key - 1);
            table.Find(key).ShouldBe(ScanV4(prefixes, key), $"key {key:x8}, {count} prefixes");
        }
    }

    [Fact]
    public void Find_RandomPrefixesV6_AgreesWithALinearScan()
    {
        var random = new Random(11);
        UInt128 mask = new(0xC000_0000_0300_0001, 0x8000_0000_0000_0003);
        var prefixes = new Dictionary<(UInt128 Start, int Length), int>();
        for (int i = 0; i < 1000; i++)
        {
            int length = random.Next(129);
            prefixes[(PrefixRanges<UInt128>.FirstOf(Next() & mask, length), length)] = i;
        }

        PrefixRanges<UInt128> table = PrefixRanges<UInt128>.Build([.. prefixes.Select(p => (p.Key.Start, p.Key.Length, p.Value))]);
        for (int i = 0; i < 5000; i++)
        {
            UInt128 key = Next();
            if (i % 2 == 0) key &= mask;
            int best = -1;
            int value = PrefixRanges<UInt128>.NoMatch;
            foreach (((UInt128 start, int length), int candidate) in prefixes)
            {
                if (length <= best || PrefixRanges<UInt128>.FirstOf(key, length) != start) continue;
                best = length;
                value = candidate;
            }

            table.Find(key).ShouldBe(value);
        }

        UInt128 Next() => unchecked(new((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64(long.MinValue, long.MaxValue)));
    }

    [Fact]
    public void Find_AtTheEdgesOfNestedPrefixes_ChoosesTheLongest()
    {
        PrefixRanges<uint> table = PrefixRanges<uint>.Build([(0, 0, 1), (0xFF00_0000, 8, 2), (0xFFFF_FFFF, 32, 3), (0xFF00_0000, 32, 4)]);

        table.Find(0).ShouldBe(1);
        table.Find(0xFEFF_FFFF).ShouldBe(1);
        table.Find(0xFF00_0000).ShouldBe(4);
        table.Find(0xFF00_0001).ShouldBe(2);
        table.Find(0xFFFF_FFFE).ShouldBe(2);
        table.Find(0xFFFF_FFFF).ShouldBe(3);
    }

    private static int ScanV4(Dictionary<(uint Start, int Length), int> prefixes, uint key)
    {
        int best = -1;
        int value = PrefixRanges<uint>.NoMatch;
        foreach (((uint start, int length), int candidate) in prefixes)
        {
            ulong size = 1UL << (32 - length);
            if (length <= best || key < start || key - start >= size) continue;
            best = length;
            value = candidate;
        }

        return value;
    }
}
