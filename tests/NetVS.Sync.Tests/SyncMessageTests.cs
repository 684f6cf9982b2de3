using NetVS.Packets;
using static NetVS.Sync.Tests.Messages;

namespace NetVS.Sync.Tests;

/// <summary>Both versions by the octet, and what a receiver makes of messages nobody should send.</summary>
public sealed class SyncMessageTests
{
    private const string Connection =
        "00 06 00 24 00 00 00 00 00 01 9c 40 00 50 1f 90 00 00 00 00 00 00 03 84 c6 33 64 07 c0 00 02 0a 0a 00 00 02";

    private static readonly SyncRecord s_connection = Tcp("198.51.100.7:40000", "192.0.2.10:80", "10.0.0.2:8080", 1, 900);

    [Fact]
    public void Version1_OfOneConnection_IsTheseOctets() =>
        Write(1, 5, s_connection).ShouldBe(Hex("00 05 00 2c 01 01 00 00" + Connection));

    [Fact]
    public void Version0_OfTheSame_IsTheseOctets() =>
        Write(0, 5, s_connection).ShouldBe(Hex("01 05 00 1c 00 06 9c 40 00 50 1f 90 c6 33 64 07 c0 00 02 0a 0a 00 00 02 00 00 00 01"));

    [Fact]
    public void Template_IsTheseOctets() => Write(1, 0, Tcp("198.51.100.0:0", "10.1.1.1:443", "10.0.0.3:443", 1, 360, SyncFlags.Template | SyncFlags.Inactive))[8..]
        .ShouldBe(Hex("00 06 00 24 00 00 11 00 00 01 00 00 01 bb 01 bb 00 00 00 00 00 00 01 68 c6 33 64 00 0a 01 01 01 0a 00 00 03"));

    [Fact]
    public void HashedFlag_IsTheSendersOwn() => Write(1, 5, s_connection with { Flags = SyncFlags.Hashed }).ShouldBe(Write(1, 5, s_connection));

    [Fact]
    public void Options_StandBehindTheRecord_AndArePaddedBetweenRecordsOnly()
    {
        var extras = new SyncExtras
        {
            HasSequence = true, Inbound = new SyncSequence(1, 2, 3), Outbound = new SyncSequence(4, 5, 0xFFFF_FFFF), EngineData = "a-call-id"u8, EngineName = "sip"u8,
        };
        var writer = new SyncMessageWriter(1472);
        SyncRecord first = s_connection with { Flags = SyncFlags.Sequence };
        writer.TryAppend(in first, in extras).ShouldBeTrue();
        writer.TryAppend(in first, in extras).ShouldBeTrue();
        byte[] message = writer.Finish(0).ToArray();
        const int Length = 36 + 26 + 11 + 5;
        message.Length.ShouldBe(8 + Length + 2 + Length, "78 octets, then 2 of padding, and none at the end");
        message[8..12].ShouldBe(Hex("00 06 00 4e"), "the record's length is without the padding");
        message[(8 + 36)..(8 + Length)].ShouldBe(Hex(
            "01 18 00000001 00000002 00000003 00000004 00000005 ffffffff  02 09 61 2d 63 61 6c 6c 2d 69 64  03 03 73 69 70"));

        var tally = new SyncTally();
        SyncMessageReader.TryOpen(message, 0, tally, out SyncMessageReader reader).ShouldBeTrue();
        for (int i = 0; i < 2; i++)
        {
            reader.TryRead(out SyncRecord record, out SyncExtras read).ShouldBeTrue();
            record.ShouldBe(first);
            (read.HasSequence, read.Inbound, read.Outbound).ShouldBe((true, extras.Inbound, extras.Outbound));
            read.EngineData.SequenceEqual("a-call-id"u8).ShouldBeTrue();
            read.EngineName.SequenceEqual("sip"u8).ShouldBeTrue();
        }

        reader.TryRead(out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void Writer_TakesWhatFits_AndNoMore()
    {
        var writer = new SyncMessageWriter(8 + 36 + 36);
        writer.TryAppend(s_connection, default).ShouldBeTrue();
        writer.TryAppend(s_connection, default).ShouldBeTrue();
        writer.TryAppend(s_connection, default).ShouldBeFalse();
        Read(writer.Finish(0)).Records.Count.ShouldBe(2);
        writer.Begin(0);
        writer.TryAppend(Tcp("[2001:db8::7]:1", "[2001:db8::1]:80", "[fd00::1]:80", 1, 900), default).ShouldBeFalse("version 0 has no IPv6");
        writer.TryAppend(s_connection, default).ShouldBeTrue();

        var large = new SyncMessageWriter(65507);
        int count = 0;
        while (large.TryAppend(s_connection, default)) count++;
        count.ShouldBe(255, "the count is an octet");
        Read(large.Finish(0)).Records.Count.ShouldBe(255);
    }

    [Fact]
    public void SyncId_OfTheReceiver_MustMatch_UnlessItIsZero()
    {
        byte[] message = Write(1, 7, s_connection);
        Read(message, 7).Records.Count.ShouldBe(1);
        Read(message, 0).Records.Count.ShouldBe(1);
        (List<SyncRecord> records, SyncTally tally) = Read(message, 8);
        records.ShouldBeEmpty();
        tally.Read(SyncCount.OtherSyncId).ShouldBe(1);
    }

    // What is changed in a message of three records; the counter; how many records are read all the same.
    public static TheoryData<string, Func<byte[], byte[]>, SyncCount, int> Wrong => new()
    {
        { "empty", _ => [], SyncCount.MessageTooShort, 0 },
        { "three octets", m => m[..3], SyncCount.MessageTooShort, 0 },
        { "cut", m => m[..^1], SyncCount.MessageLengthWrong, 0 },
        { "longer", m => [.. m, 0], SyncCount.MessageLengthWrong, 0 },
        { "one record too many", m => With(m, 4, 4), SyncCount.RecordCut, 3 },
        { "second record ends behind the message", m => With(m, 8 + 36 + 3, 200), SyncCount.RecordCut, 1 },
        { "second record shorter than a record", m => With(m, 8 + 36 + 3, 20), SyncCount.RecordCut, 1 },
        { "second record of length 0", m => With(m, 8 + 36 + 3, 0), SyncCount.RecordCut, 1 },
        { "second record an IPv6 one of an IPv4 one's length", m => With(m, 8 + 36, 1), SyncCount.RecordCut, 1 },
        { "second record of version 1", m => With(m, 8 + 36 + 2, 0x10), SyncCount.RecordVersionUnknown, 1 },
        { "second record of type 2", m => With(m, 8 + 36, 2), SyncCount.RecordTypeUnknown, 1 },
        { "second record one-packet", m => With(m, 8 + 36 + 6, 0x20), SyncCount.OnePacketRefused, 2 },
        { "second record a template without a port", m => With(m, 8 + 36 + 6, 0x18), SyncCount.FlagsContradict, 2 },
        { "version 0 message of nothing", m => [1, 0, 0, 4], SyncCount.RecordCut, 0 },
        { "version 0 record whose sequence data are missing", _ => With(Write(0, 0, s_connection), 4 + 20, 2), SyncCount.RecordCut, 0 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void WrongMessage_IsCountedByName(string what, Func<byte[], byte[]> change, SyncCount reason, int expected)
    {
        (List<SyncRecord> records, SyncTally tally) = Read(change(Write(1, 0, s_connection, s_connection, s_connection)));
        records.Count.ShouldBe(expected, what);
        records.ShouldAllBe(r => r == s_connection);
        tally.Read(reason).ShouldBe(1, what);
        SyncCounts.All.Sum(tally.Read).ShouldBe(1, what);
    }

    // Options of a first record that a second one follows; the counter or null; how many records are read.
    public static TheoryData<string, SyncCount?, int> Options => new()
    {
        { "41 02 aabb", SyncCount.OptionMalformed, 0 }, // sequence data of 2 octets, though they may be skipped: known, so they must be right
        { "7f 02 aabb", null, 2 },
        { "3f 02 aabb", SyncCount.OptionUnknown, 1 },
        { "3f 00", SyncCount.OptionMalformed, 0 },
        { "7f", SyncCount.OptionMalformed, 0 },
        { "7f 05 aabb", SyncCount.OptionMalformed, 0 },
        { "02 01 aa 03 01 73", null, 2 },
        { "02 01 aa", SyncCount.OptionMalformed, 1 },
        { "02 01 aa 02 01 aa 03 01 73", SyncCount.OptionMalformed, 0 },
        { "03 11 7373737373737373737373737373737373", SyncCount.OptionMalformed, 0 },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_GoodAndBad(string options, SyncCount? reason, int expected)
    {
        byte[] octets = Hex(options);
        byte[] record = With(Hex(Connection), 3, (byte)(36 + octets.Length));
        int padding = -octets.Length & 3;
        byte[] body = [.. record, .. octets, .. new byte[padding], .. Hex(Connection)];
        (List<SyncRecord> records, SyncTally tally) = Read([0, 0, 0, (byte)(8 + body.Length), 2, 1, 0, 0, .. body]);
        records.Count.ShouldBe(expected);
        SyncCounts.All.Sum(tally.Read).ShouldBe(reason is null ? 0 : 1);
        if (reason is { } name) tally.Read(name).ShouldBe(1);
    }

    [Fact]
    public void Version0_SequenceData_AreInTheSendersOrder()
    {
        var extras = new SyncExtras { HasSequence = true, Inbound = new SyncSequence(1, 2, 3), Outbound = new SyncSequence(4, 5, 6) };
        var writer = new SyncMessageWriter(100);
        writer.Begin(0);
        SyncRecord record = s_connection with { Flags = SyncFlags.InboundSequence, Timeout = 0 };
        writer.TryAppend(in record, in extras).ShouldBeTrue();
        byte[] message = writer.Finish(0).ToArray();
        message[^24..^20].ShouldBe(Hex("01 00 00 00"));
        SyncMessageReader.TryOpen(message, 0, new SyncTally(), out SyncMessageReader reader).ShouldBeTrue();
        reader.TryRead(out SyncRecord read, out SyncExtras readExtras).ShouldBeTrue();
        read.ShouldBe(record);
        (readExtras.Inbound, readExtras.Outbound).ShouldBe((extras.Inbound, extras.Outbound));
    }

    [Fact]
    public void EveryCounter_HasANameAndASentence()
    {
        SyncCounts.All.Select(SyncCounts.Name).Distinct().Count().ShouldBe(SyncCounts.All.Count);
        SyncCounts.All.Select(SyncCounts.Explain).Distinct().Count().ShouldBe(SyncCounts.All.Count);
        SyncCounts.Name(SyncCount.MessageLengthWrong).ShouldBe("message_length_wrong");
        SyncCounts.Explain(SyncCount.TableFull).ShouldContain("no room");
    }

    [Fact]
    public void WritingAndReading_AllocateNothing()
    {
        var writer = new SyncMessageWriter(1472);
        var tally = new SyncTally();
        long before = 0;
        for (int round = 0; round < 100; round++)
        {
            if (round == 50) before = GC.GetAllocatedBytesForCurrentThread();
            writer.Begin(1);
            while (writer.TryAppend(s_connection, default)) { }
            SyncMessageReader.TryOpen(writer.Finish(1), 0, tally, out SyncMessageReader reader);
            while (reader.TryRead(out _, out _)) { }
        }

        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
    }

    private static byte[] With(byte[] message, int at, byte value)
    {
        byte[] changed = [.. message];
        changed[at] = value;
        return changed;
    }
}
