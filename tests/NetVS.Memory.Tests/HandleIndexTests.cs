using System.Runtime.CompilerServices;
using NetVS.Testing.Memory;

namespace NetVS.Memory.Tests;

public sealed unsafe class HandleIndexTests
{
    [Fact]
    public void Bucket_IsOneCacheLine_LaidOutAsDocumented()
    {
        sizeof(HandleIndex.Bucket).ShouldBe(64);
        HandleIndex.Bucket bucket = default;
        ((long)(byte*)bucket.Tags - (long)&bucket).ShouldBe(0);
        ((long)(byte*)bucket.Handles - (long)&bucket).ShouldBe(20);
        ((long)(byte*)&bucket.Passed - (long)&bucket).ShouldBe(60);
    }

    [Theory]
    [InlineData(1, 40, 0)]        // few buckets: everything overflows, the last bucket leads to the first
    [InlineData(2, 1000, 0)]
    [InlineData(3, 1000, 30)]     // thirty hashes for all
    [InlineData(4, 1000, 1)]      // one hash for all
    public void RandomAddRemove_AnyLoad_SameAsDictionary(int seed, int capacity, int distinctHashes)
    {
        using var index = new HandleIndex(capacity);
        var random = new Random(seed);
        var twin = new Dictionary<int, ulong>();
        for (int step = 0; step < 6000; step++)
        {
            bool isGrowing = step / 1500 % 2 == 0;
            if (random.Next(10) < (isGrowing ? 8 : 2))
            {
                if (twin.Count == capacity) continue;
                int handle = step + 1;
                ulong hash = distinctHashes == 0
                    ? (ulong)random.NextInt64()
                    : unchecked((ulong)random.Next(distinctHashes) * 0x9E37_79B9_7F4A_7C15);
                index.Add(hash, handle);
                twin.Add(handle, hash);
            }
            else if (twin.Count > 0)
            {
                int handle = twin.Keys.ElementAt(random.Next(twin.Count));
                index.Remove(twin[handle], handle);
                Candidates(index, twin[handle]).ShouldNotContain(handle, $"seed {seed}, step {step}");
                twin.Remove(handle);
            }

            index.Count.ShouldBe(twin.Count);
            if (step % 100 != 0) continue;
            foreach (IGrouping<ulong, int> sameHash in twin.GroupBy(t => t.Value, t => t.Key))
            {
                List<int> found = Candidates(index, sameHash.Key);
                sameHash.ShouldBeSubsetOf(found, $"seed {seed}, step {step}");
                found.Distinct().Count().ShouldBe(found.Count, "no handle is offered twice");
                index.CountTag(sameHash.Key).ShouldBe(found.Count);
            }
        }
    }

    [Fact]
    public void Removal_OfAll_LeavesNoTrace()
    {
        using var index = new HandleIndex(100);
        for (int i = 1; i <= 100; i++) index.Add(5, i);
        index.TotalDisplacement.ShouldBeGreaterThan(0, "ten fit at home");
        for (int i = 1; i <= 100; i++) index.Remove(5, i);
        index.Count.ShouldBe(0);
        index.TotalDisplacement.ShouldBe(0);
        for (uint home = 0; home < 16; home++)
        {
            ulong hash = ((ulong)home << 28) | (5UL << 32);
            index.CountTag(hash).ShouldBe(0);
            HandleProbe probe = index.Probe(hash);
            probe.MoveNext().ShouldBeFalse();
        }
    }

    [Fact]
    public void TagZero_IsNotTakenForAFreeSlot()
    {
        using var index = new HandleIndex(100);
        index.Add(0, 7);
        Candidates(index, 0).ShouldBe([7]);
        index.Remove(0, 7);
        Candidates(index, 0).ShouldBeEmpty();
    }

    [Fact]
    public void FullIndex_SearchesStayShort()
    {
        const int capacity = 100_000;
        using var index = new HandleIndex(capacity);
        var random = new Random(11);
        var hashes = new ulong[capacity];
        for (int i = 0; i < capacity; i++) index.Add(hashes[i] = (ulong)random.NextInt64() ^ ((ulong)random.Next() << 60), i + 1);

        long candidates = 0;
        foreach (ulong hash in hashes) candidates += index.CountTag(hash);

        // One right candidate each; wrong ones only where two of some ten neighbours share 16 bits.
        candidates.ShouldBeInRange(capacity, capacity + (capacity / 1000));
        index.TotalDisplacement.ShouldBeLessThan(capacity / 5, "nearly all stand at home");
        index.Octets.ShouldBeLessThanOrEqualTo((8 * capacity) + 64);
    }

    [Fact]
    public void AddProbeRemove_Allocate_Nothing()
    {
        using var index = new HandleIndex(1000);
        Allocations.Measure(10, () => Churn(index)).ShouldBe(0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Churn(HandleIndex index)
    {
        for (int i = 1; i <= 1000; i++) index.Add(unchecked((ulong)i * 0x9E37_79B9_7F4A_7C15), i);
        for (int i = 1; i <= 1000; i++)
        {
            ulong hash = unchecked((ulong)i * 0x9E37_79B9_7F4A_7C15);
            HandleProbe probe = index.Probe(hash);
            while (probe.MoveNext() && probe.Handle != i) { }
            index.Remove(hash, i);
        }
    }

    private static List<int> Candidates(HandleIndex index, ulong hash)
    {
        var found = new List<int>();
        HandleProbe probe = index.Probe(hash);
        while (probe.MoveNext()) found.Add(probe.Handle);
        return found;
    }
}
