using System.Buffers.Binary;
using NetVS.Packets.Capture;
using NetVS.Testing.Randomness;

namespace NetVS.Packets.Tests.Capture;

public sealed class CaptureReaderTests
{
    // One frame of 18 octets, 2023-11-14 22:13:20.000000001 or .000001 UTC.
    private const string Data = "ffffffffffff020000000001080600010203";
    private const long Second = 1_700_000_000;

    [Theory]
    [InlineData("a1b2c3d4", false, 1000)]
    [InlineData("d4c3b2a1", true, 1000)]
    [InlineData("a1b23c4d", false, 1)]
    [InlineData("4d3cb2a1", true, 1)]
    public void TryReadNext_OfClassicPcap_InEitherOrderAndUnit_ReadsThePacket(string magic, bool isLittle, int unit)
    {
        byte[] file =
        [
            .. Hex(magic), .. N16(2, isLittle), .. N16(4, isLittle), .. N32(0, isLittle), .. N32(0, isLittle), .. N32(96, isLittle), .. N32(1, isLittle),
            .. N32((uint)Second, isLittle), .. N32(1, isLittle), .. N32(18, isLittle), .. N32(60, isLittle), .. Hex(Data),
        ];
        ICaptureReader reader = CaptureReader.Open(new MemoryStream(file));
        reader.TryReadNext(out CapturedPacket packet).ShouldBeTrue();
        packet.Timestamp.ShouldBe((Second * 1_000_000_000) + unit);
        packet.OriginalLength.ShouldBe(60);
        Convert.ToHexStringLower(packet.Data.Span).ShouldBe(Data);
        reader.TryReadNext(out _).ShouldBeFalse();
        reader.Interfaces.ShouldBe([new CaptureInterface(0, "", 96)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryReadNext_OfPcapng_ReadsInterfacesTimesAndPackets(bool isLittle)
    {
        byte[] file =
        [
            .. Section(isLittle),
            .. Block(1, isLittle, [.. Idb(isLittle, 0), .. Option(2, "client0"u8, isLittle), .. Option(9, [9], isLittle), .. N32(0, isLittle)]),
            .. Block(0xBAD, isLittle, new byte[8]),
            .. Block(1, isLittle, [.. Idb(isLittle, 0), .. Option(9, [0x8A], isLittle), .. Option(14, N64(10, isLittle), isLittle), .. N32(0, isLittle)]),
            .. Block(6, isLittle, [.. Epb(0, 0x1_0000_0001, isLittle), .. Hex(Data), 0, 0]),
            .. Block(6, isLittle, [.. Epb(1, (3 * 1024) + 512, isLittle), .. Hex(Data), 0, 0]),
            .. Section(!isLittle),
            .. Block(1, !isLittle, Idb(!isLittle, 4)),
            .. Block(6, !isLittle, [.. Epb(0, 7, !isLittle), .. Hex(Data), 0, 0]),
            .. Block(3, !isLittle, [.. N32(18, !isLittle), .. Hex(Data)[..4]]),
        ];
        ICaptureReader reader = CaptureReader.Open(new MemoryStream(file));
        List<(int, long, int, int)> packets = [];
        while (reader.TryReadNext(out CapturedPacket p)) packets.Add((p.InterfaceId, p.Timestamp, p.OriginalLength, p.Data.Length));
        packets.ShouldBe(
        [
            (0, 0x1_0000_0001, 18, 18), (1, 13_500_000_000, 18, 18), (2, 7000, 18, 18), (2, 0, 18, 4),
        ]);
        reader.Interfaces.Select(i => i.Name).ShouldBe(["client0", "", ""]);
    }

    [Theory]
    [InlineData("", 0, "the file is empty")]
    [InlineData("89504e47", 0, "neither pcap nor pcapng")]
    [InlineData("a1b2", 2, "the file ends here, 2 octets too early")]
    [InlineData("a1b2c3d4 0002", 6, "the file ends here, 18 octets too early")]
    [InlineData("a1b2c3d4 00030004 00000000 00000000 00040000 00000001", 4, "pcap version 3")]
    [InlineData("a1b2c3d4 00020004 00000000 00000000 00040000 00000071", 20, "LINUX_SLL")]
    [InlineData("a1b2c3d4 00020004 00000000 00000000 00040000 00000114", 20, "LINUX_SLL2")]
    [InlineData("a1b2c3d4 00020004 00000000 00000000 00040000 00000001 00000000 00000000 7fffffff 7fffffff", 32, "a packet of 2147483647 octets")]
    [InlineData("a1b2c3d4 00020004 00000000 00000000 00040000 00000001 00000000 00000000 00000004 00000004 0102", 42, "2 octets too early")]
    [InlineData("0a0d0d0a 0000001c 01020304 00010000 ffffffff ffffffff 0000001c", 8, "byte-order magic is 01020304")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00020000 ffffffff ffffffff 0000001c", 12, "pcapng version 2")]
    [InlineData("0a0d0d0a 0000001d 1a2b3c4d 00010000 ffffffff ffffffff 0000001c", 4, "a block length of 29")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 00000020", 24, "ends with the length 32")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c 00000006 fffffffc", 32, "4294967292 octets: the file is damaged")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c 00000bad fffffffc", 36, "too early")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c 00000006 00000020 00000000 00000000 00000000 00000000 00000000 00000020", 36, "interface 0, which was never described")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c 00000001 00000014 00710000 00000000 00000014", 36, "LINUX_SLL")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c 00000001 00000018 00010000 00000000 0002ffff 00000018", 44, "option 2 of 65535 octets")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c 00000001 00000014 00010000 00000000 00000014 00000006 00000020 00000000 00000000 00000000 00000004 00000004 00000020", 68, "a packet of 4 octets in a block of 32")]
    [InlineData("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffff ffffffff 0000001c 00000001 00000014 00010000 00000000 00000014 00000003 00000010 00000004 00000010", 56, "a packet of 4 octets in a block of 16")]
    public void Read_OfABrokenFile_SaysWhereAndWhat(string hex, long offset, string fault)
    {
        CaptureFormatException e = Should.Throw<CaptureFormatException>(() => ReadAll(Hex(hex)));
        e.Message.ShouldContain(fault);
        e.Offset.ShouldBe(offset);
    }

    [Fact]
    public void Read_OfEveryTruncation_EndsOrSaysWhere()
    {
        foreach (byte[] file in Samples())
        {
            for (int length = 0; length < file.Length; length++)
            {
                try
                {
                    ReadAll(file[..length]);
                }
                catch (CaptureFormatException e)
                {
                    e.Offset.ShouldBeInRange(0, length);
                }
            }
        }
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Read_OfMutatedFiles_ReadsOrSaysWhatIsWrong() => Seeds.Run(3000, (random, _) =>
    {
        byte[] file = [.. Samples()[random.Next(2)]];
        for (int i = random.Next(1, 6); i > 0; i--) file[random.Next(file.Length)] = (byte)random.Next(256);
        try
        {
            ReadAll(file);
        }
        catch (CaptureFormatException)
        {
        }
    });

    // Ticks of 10^-3, of 2^-1 and of 10^-12 seconds; an offset in seconds, before 1970 too.
    [Theory]
    [InlineData(3, 0L, 1500UL, 1_500_000_000L)]
    [InlineData(0x81, 0L, 3UL, 1_500_000_000L)]
    [InlineData(12, 0L, 2_000_000_000_001UL, 2_000_000_000L)]
    [InlineData(0, -5L, 7UL, 2_000_000_000L)]
    [InlineData(9, -1L, 5UL, -999_999_995L)]
    [InlineData(0xFF, 0L, ulong.MaxValue, 0L)]
    [InlineData(127, 0L, ulong.MaxValue, 0L)]
    public void TryConvert_OfAnyResolution_GivesNanoseconds(byte resolution, long offset, ulong ticks, long expected)
    {
        TimestampScale scale = TimestampScale.Microseconds.WithResolution(resolution) with { OffsetSeconds = offset };
        scale.TryConvert(ticks, out long nanoseconds).ShouldBeTrue();
        nanoseconds.ShouldBe(expected);
    }

    [Fact]
    public void TryConvert_BeyondWhatNanosecondsHold_IsRefused()
    {
        (TimestampScale.Microseconds with { OffsetSeconds = long.MaxValue }).TryConvert(1, out _).ShouldBeFalse();
        TimestampScale.Microseconds.WithResolution(0).TryConvert(ulong.MaxValue, out _).ShouldBeFalse();
    }

    private static byte[][] Samples()
    {
        var classic = new MemoryStream();
        var modern = new MemoryStream();
        foreach (ICaptureWriter writer in (ICaptureWriter[])[new PcapWriter(classic), new PcapngWriter(modern)])
        {
            int id = writer.AddInterface("eth0");
            writer.Write(id, 1, Hex(Data));
            writer.Write(id, Second * 1_000_000_000, Hex(Data).AsSpan(0, 15), 99);
        }

        return [classic.ToArray(), modern.ToArray()];
    }

    private static void ReadAll(byte[] file)
    {
        ICaptureReader reader = CaptureReader.Open(new MemoryStream(file));
        while (reader.TryReadNext(out CapturedPacket packet)) packet.InterfaceId.ShouldBeLessThan(reader.Interfaces.Count);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", ""));

    private static byte[] N16(ushort value, bool isLittle) => N(value, 2, isLittle);

    private static byte[] N32(uint value, bool isLittle) => N(value, 4, isLittle);

    private static byte[] N64(ulong value, bool isLittle) => N(value, 8, isLittle);

    private static byte[] N(ulong value, int size, bool isLittle)
    {
        byte[] octets = new byte[8];
        if (isLittle) BinaryPrimitives.WriteUInt64LittleEndian(octets, value);
        else BinaryPrimitives.WriteUInt64BigEndian(octets, value);
        return isLittle ? octets[..size] : octets[(8 - size)..];
    }

    private static byte[] Block(uint type, bool isLittle, byte[] body) =>
        [.. N32(type, isLittle), .. N32((uint)body.Length + 12, isLittle), .. body, .. N32((uint)body.Length + 12, isLittle)];

    private static byte[] Section(bool isLittle) =>
        Block(0x0A0D0D0A, isLittle, [.. N32(0x1A2B3C4D, isLittle), .. N16(1, isLittle), .. N16(0, isLittle), .. N64(ulong.MaxValue, isLittle)]);

    private static byte[] Idb(bool isLittle, uint snapLength) => [.. N16(1, isLittle), .. N16(0, isLittle), .. N32(snapLength, isLittle)];

    private static byte[] Option(ushort code, ReadOnlySpan<byte> value, bool isLittle) =>
        [.. N16(code, isLittle), .. N16((ushort)value.Length, isLittle), .. value, .. new byte[(4 - (value.Length % 4)) % 4]];

    private static byte[] Epb(uint id, ulong ticks, bool isLittle) =>
        [.. N32(id, isLittle), .. N32((uint)(ticks >> 32), isLittle), .. N32((uint)(ticks & uint.MaxValue), isLittle), .. N32(18, isLittle), .. N32(18, isLittle)];
}
