using System.Buffers.Binary;
using NetVS.Linux.Bpf;

namespace NetVS.Linux.Tests.Bpf;

/// <summary>The binding to libbpf, with the decapsulation program as its subject.</summary>
public sealed class BpfObjectTests
{
    public BpfObjectTests() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "loading eBPF needs root");

    [Fact]
    public void Open_OfNoElfImage_NamesTheCallAndSaysWhy()
    {
        KernelCallException refused = Should.Throw<KernelCallException>(() => BpfObject.Open(new byte[64], "nonsense"));
        refused.Call.ShouldBe("bpf_object__open_mem");
        refused.Object.ShouldBe("nonsense");
        refused.Errno.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void OpenEmbedded_OfUnknownName_IsRefused() =>
        Should.Throw<ArgumentException>(() => BpfObject.OpenEmbedded("no-such-program"));

    [Fact]
    public void Load_OfRejectedProgram_CarriesTheVerifiersLastLines()
    {
        // Break the program's first load of a packet field: an offset no context has.
        byte[] image = BpfObject.EmbeddedImage("decap");
        CorruptFirstInstruction(image);
        using BpfObject corrupt = BpfObject.Open(image, "corrupt");
        KernelCallException refused = Should.Throw<KernelCallException>(corrupt.Load);
        refused.Call.ShouldBe("bpf_object__load");
        refused.ErrnoName.ShouldBe("EINVAL");
        refused.Hint.ShouldNotBeNull();
        refused.Hint.ShouldContain("unknown opcode");
    }

    [Fact]
    public void Map_UpdateLookupIterateDelete_Work()
    {
        using BpfObject decap = BpfObject.OpenEmbedded("decap");
        decap.SetMaxEntries("vips", 3);
        decap.Load();
        using BpfMap vips = decap.Map("vips");
        vips.KeySize.ShouldBe(16);
        vips.ValueSize.ShouldBe(4);
        vips.MaxEntries.ShouldBe(3);
        vips.Name.ShouldBe("vips");
        vips.ToKeys().ShouldBeEmpty();
        for (byte i = 0; i < 3; i++) vips.Update(Key(i), Value(i));
        KernelCallException full = Should.Throw<KernelCallException>(() => vips.Update(Key(3), Value(3)));
        full.ErrnoName.ShouldBe("E2BIG");

        byte[] value = new byte[4];
        vips.TryLookup(Key(2), value).ShouldBeTrue();
        value.ShouldBe(Value(2));
        vips.TryLookup(Key(9), value).ShouldBeFalse();
        vips.TryLookup(in MapKey(1), out uint one).ShouldBeTrue();
        one.ShouldBe(1u);
        vips.ToKeys().Select(k => k[15]).Order().ShouldBe(new byte[] { 0, 1, 2 });
        vips.Delete(Key(1)).ShouldBeTrue();
        vips.Delete(Key(1)).ShouldBeFalse();
        vips.ToKeys().Count.ShouldBe(2);
        Should.Throw<ArgumentException>(() => vips.Update(new byte[15], Value(0)));
        Should.Throw<ArgumentException>(() => vips.TryLookup(Key(0), new byte[5]));
    }

    [Fact]
    public void ReuseMap_SharesOneMapBetweenTwoObjects()
    {
        using BpfObject first = BpfObject.OpenEmbedded("decap");
        first.Load();
        using BpfMap vips = first.Map("vips");
        using BpfObject second = BpfObject.OpenEmbedded("decap");
        second.ReuseMap("vips", vips);
        second.Load();
        using BpfMap same = second.Map("vips");
        same.Id.ShouldBe(vips.Id);
        vips.Update(Key(7), Value(7));
        same.ToKeys().Single()[15].ShouldBe((byte)7);
    }

    [Fact]
    public void Program_FoundById_KnowsItsMaps()
    {
        using BpfObject decap = BpfObject.OpenEmbedded("decap");
        decap.Load();
        using BpfProgram program = decap.Program("decap");
        using BpfProgram? again = BpfProgram.TryFromId(program.Id);
        again.ShouldNotBeNull();
        again.Tag.ShouldBe(program.Tag);
        again.KernelName.ShouldBe("decap");
        IReadOnlyList<BpfMap> maps = again.OpenMaps();
        try
        {
            maps.Select(m => m.Name).Order().ShouldBe(["chunks", "counters", "gue_ports", "locals", "settings", "trusted", "vips"]);
        }
        finally
        {
            foreach (BpfMap map in maps) map.Dispose();
        }

        BpfProgram.TryFromId(uint.MaxValue - 1).ShouldBeNull();
    }

    [Fact]
    public void Pin_InAnOwnMount_OutlivesTheObjectUntilUnpinned()
    {
        string mount = Directory.CreateTempSubdirectory("nvs-bpffs-").FullName;
        BpfFileSystem.Mount(mount);
        try
        {
            using (BpfObject decap = BpfObject.OpenEmbedded("decap"))
            {
                decap.Load();
                using BpfMap vips = decap.Map("vips");
                vips.Update(Key(5), Value(5));
                vips.Pin($"{mount}/vips");
            }

            using (BpfMap pinned = BpfMap.FromPin($"{mount}/vips"))
                pinned.ToKeys().Single()[15].ShouldBe((byte)5);
            BpfFileSystem.Unpin($"{mount}/vips").ShouldBeTrue();
            BpfFileSystem.Unpin($"{mount}/vips").ShouldBeFalse();
            Should.Throw<KernelCallException>(() => BpfMap.FromPin($"{mount}/vips")).ErrnoName.ShouldBe("ENOENT");
        }
        finally
        {
            BpfFileSystem.Unmount(mount);
            Directory.Delete(mount);
        }
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("0-3\n", 4)]
    [InlineData("0-3,8", 9)]
    [InlineData("0,2-127", 128)]
    public void PossibleCpus_ReadFromAList_AreOneMoreThanTheHighest(string list, int count) =>
        PossibleCpus.Parse(list).ShouldBe(count);

    private static void CorruptFirstInstruction(byte[] image)
    {
        // The section "tc" holds the program; its header is found by walking the section table of the 64-bit ELF image.
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(0x28));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(0x3C));
        int namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(0x3E));
        int names = Offset(namesIndex);
        for (int i = 0; i < count; i++)
        {
            int name = names + (int)BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(table + (64 * i)));
            if (!image.AsSpan(name).StartsWith("tc\0"u8)) continue;
            image[Offset(i)] = 0xFF;
            return;
        }

        throw new InvalidOperationException("no section tc");

        int Offset(int section) => (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(table + (64 * section) + 0x18));
    }

    private static UInt128 s_key;

    private static ref UInt128 MapKey(byte last)
    {
        s_key = BinaryPrimitives.ReadUInt128LittleEndian(Key(last));
        return ref s_key;
    }

    private static byte[] Key(byte last)
    {
        byte[] key = new byte[16];
        key[15] = last;
        return key;
    }

    private static byte[] Value(byte value) => [value, 0, 0, 0];
}
