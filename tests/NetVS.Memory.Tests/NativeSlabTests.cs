using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetVS.Memory.Tests;

public sealed class NativeSlabTests
{
    [Fact]
    public void NewSlab_Entries_AreZeroAndApart()
    {
        using var slab = new NativeSlab<Entry>(1000);
        for (int i = 0; i < 1000; i++)
        {
            slab[i].First.ShouldBe(0);
            slab[i].Last.ShouldBe(0);
            (slab[i].First, slab[i].Last) = (i, ~i);
        }

        for (int i = 0; i < 1000; i++) (slab[i].First, slab[i].Last).ShouldBe((i, ~i));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100_000)] // large enough for huge pages
    public void Entries_BeginOnCacheLines(int length)
    {
        using var slab = new NativeSlab<Entry>(length);
        slab.EntryOctets.ShouldBe(128);
        slab.Octets.ShouldBe(length * 128L);
        for (int i = 0; i < length; i += Math.Max(1, length / 10)) (AddressOf(ref slab[i]) % 64).ShouldBe(0);
        (AddressOf(ref slab[1]) - AddressOf(ref slab[0])).ShouldBe(128);
    }

    [Fact]
    public void Poison_OneEntry_LeavesItsNeighbours()
    {
        using var slab = new NativeSlab<Entry>(3);
        slab.Poison(1);
        (slab[0].Last, slab[2].First).ShouldBe((0, 0));
        (slab[1].First, slab[1].Last).ShouldBe((unchecked((int)0xA5A5A5A5), unchecked((int)0xA5A5A5A5)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Length_NotPositive_IsRefused(int length) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new NativeSlab<Entry>(length));

    [Fact]
    public void Dispose_Twice_DoesNothingTheSecondTime()
    {
        var slab = new NativeSlab<Entry>(3);
        slab.Dispose();
        slab.Dispose();
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(NativeBlock.HugePage, NativeBlock.HugePage)]
    [InlineData((3 * NativeBlock.HugePage) + 5, NativeBlock.HugePage)]
    public unsafe void NativeBlock_LargeAndSmall_AreAlignedAndZeroToTheEnd(int octets, int alignment)
    {
        using var block = new NativeBlock((nuint)octets);
        ((nuint)block.Start % (nuint)alignment).ShouldBe(0u);
        new Span<byte>(block.Start, octets).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    private static long AddressOf(ref Entry entry)
    {
        unsafe
        {
            return (long)Unsafe.AsPointer(ref entry);
        }
    }

    [StructLayout(LayoutKind.Sequential, Size = 100)]
    private struct Entry
    {
        public int First;
        public unsafe fixed byte Middle[92];
        public int Last;
    }
}
