using NetVS.Packets;
using NetVS.Sync.Peers;
using static NetVS.Sync.Tests.Messages;

namespace NetVS.Sync.Tests.Peers;

/// <summary>The peer channel's frames by the octet, and what a reader makes of frames nobody should send.</summary>
public sealed class PeerFrameTests
{
    private const string FixedPart =
        "06 04 01 01 00000600 000004d2 00000384 00000000 9c40 0050 1f90 0000 c6336407 c000020a 0a000002";

    private const string Sequences = "02 18 00000001 00000002 00000003 00000004 00000005 00000006";

    private static readonly PeerRecord s_plain = new() { Entry = Tcp("198.51.100.7:40000", "192.0.2.10:80", "10.0.0.2:8080", 1, 900), IdleMilliseconds = 1234, IsLearned = true };

    private static readonly PeerRecord s_shifted = s_plain with
    {
        Entry = s_plain.Entry with { Flags = SyncFlags.Sequence, Inbound = new SyncSequence(1, 2, 3), Outbound = new SyncSequence(4, 5, 6) },
    };

    private static readonly PeerRecord s_fullNat = s_plain with
    {
        Local = IpAddress.Parse("10.0.0.9"), LocalPort = 5000, FullNatState = 3, SequenceDelta = 0x01020304, RealIsn = 0xFFFFFFFF,
    };

    private static readonly PeerRecord s_announced = s_plain with
    {
        Announcement = PeerAnnouncement.FromClient, ControlClientPort = 41000, ControlVirtualPort = 21, Entry = s_plain.Entry with { ClientPort = 0, Flags = SyncFlags.NoClientPort },
    };

    public static TheoryData<string> Names => new(["plain", "shifted", "fullnat", "announced", "v6", "v6-fullnat", "template"]);

    private static PeerRecord Named(string name)
    {
        SyncRecord v6 = Tcp("[2001:db8::7]:40000", "[2001:db8::10]:80", "[fd00::2]:8080", 1, 900);
        return name switch
        {
            "plain" => s_plain,
            "shifted" => s_shifted,
            "fullnat" => s_fullNat,
            "announced" => s_announced,
            "v6" => s_plain with { Entry = v6 },
            "v6-fullnat" => s_fullNat with { Entry = v6, Local = IpAddress.Parse("fd00::9") },
            _ => s_plain with { Entry = s_plain.Entry with { ClientPort = 0, Flags = SyncFlags.Template } },
        };
    }

    private static byte[] Frame(PeerRecord record, string engine = "", string data = "")
    {
        byte[] octets = new byte[PeerWire.LongestWritten];
        Array.Fill(octets, (byte)0xA5);
        return octets[..PeerFrameWriter.WriteRecord(octets, in record, System.Text.Encoding.ASCII.GetBytes(engine), System.Text.Encoding.ASCII.GetBytes(data))];
    }

    private static SyncTally Refused(byte[] body)
    {
        var tally = new SyncTally();
        PeerFrameReader.TryReadRecord(body, tally, out _, out _).ShouldBeFalse(Convert.ToHexString(body));
        return tally;
    }

    [Fact]
    public void Record_WithSequences_IsTheseOctets() => Frame(s_shifted).ShouldBe(Hex("04 00 0042" + FixedPart + Sequences));

    [Fact]
    public void Record_OfFullNat_IsTheseOctets() => Frame(s_fullNat).ShouldBe(
        Hex("04 00 0039" + FixedPart.Replace("00000600", "00000000", StringComparison.Ordinal) + "01 0f 0a000009 1388 03 01020304 ffffffff"));

    [Fact]
    public void OtherFrames_AreTheseOctets()
    {
        byte[] octets = new byte[PeerWire.LongestWritten];
        octets[..PeerFrameWriter.WriteEmpty(octets, PeerFrameKind.Request)].ShouldBe(Hex("02 00 0000"));
        octets[..PeerFrameWriter.WriteCount(octets, PeerFrameKind.Begin, 10000)].ShouldBe(Hex("03 00 0008 0000000000002710"));
        var hello = new PeerHello(1, 5);
        octets[..PeerFrameWriter.WriteHello(octets, in hello)].ShouldBe(Hex("01 00 0018 4e565350 0001 0000 00000000000000000000000000000005"));
        PeerFrameReader.TryReadHello(octets.AsSpan(4, 24), out PeerHello read).ShouldBeTrue();
        read.ShouldBe(hello);
        PeerFrameReader.TryReadHello(octets.AsSpan(4, 23), out _).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Record_ComesBackAsItWas(string name)
    {
        PeerRecord record = Named(name);
        var tally = new SyncTally();
        PeerFrameReader.TryReadRecord(Frame(record).AsSpan(4), tally, out PeerRecord read, out SyncExtras engine).ShouldBeTrue(name);
        read.ShouldBe(record);
        engine.EngineName.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void LongestRecord_FitsAndComesBack()
    {
        string data = new('k', 255), engine = new('e', 16);
        PeerRecord longest = Named("v6-fullnat") with { Announcement = PeerAnnouncement.FromServer, Entry = Named("v6-fullnat").Entry with { Flags = SyncFlags.Sequence } };
        Frame(longest, engine, data).Length.ShouldBeLessThanOrEqualTo(PeerWire.LongestWritten);
        PeerFrameReader.TryReadRecord(Frame(Named("template"), engine, data).AsSpan(4), new SyncTally(), out _, out SyncExtras read).ShouldBeTrue();
        (read.EngineName.Length, read.EngineData.Length).ShouldBe((16, 255));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(39)]
    [InlineData(40)]
    [InlineData(41)]
    [InlineData(65)]
    public void Record_ThatIsCut_IsRefused(int length)
    {
        byte[] body = Frame(s_shifted)[4..];
        body.Length.ShouldBe(66);
        Refused(body[..length]).Read(SyncCount.PeerFramesMalformed).ShouldBe(1);
    }

    [Theory]
    [InlineData("family", "06 05", 0)]
    [InlineData("an option twice", "", 1)]
    public void Record_ThatIsMalformed_IsRefused(string _, string front, int twice)
    {
        byte[] body = Frame(s_shifted)[4..];
        Hex(front).CopyTo(body, 0);
        if (twice == 1) body = [.. body, .. body[40..]];
        Refused(body).Read(SyncCount.PeerFramesMalformed).ShouldBe(1);
    }

    [Fact]
    public void Record_WhoseFlagsContradict_IsRefused()
    {
        foreach (PeerRecord wrong in new[]
        {
            s_fullNat with { Entry = s_fullNat.Entry with { Flags = SyncFlags.Template } },
            s_fullNat with { Entry = s_fullNat.Entry with { Flags = DirectRouting } },
            s_fullNat with { Announcement = PeerAnnouncement.FromServer },
            s_plain with { Entry = s_plain.Entry with { Flags = SyncFlags.NoClientPort } },
        }) Refused(Frame(wrong)[4..]).Read(SyncCount.FlagsContradict).ShouldBe(1);
        Refused(Frame(s_plain with { Entry = s_plain.Entry with { Flags = SyncFlags.OnePacket } })[4..]).Read(SyncCount.OnePacketRefused).ShouldBe(1);
    }

    [Fact]
    public void UnknownOption_IsSkippedByItsLength()
    {
        byte[] body = [.. Frame(s_plain)[4..], .. Hex("7f 03 010203"), .. Hex("01 0f 0a000009 1388 03 01020304 ffffffff")];
        var tally = new SyncTally();
        PeerFrameReader.TryReadRecord(body, tally, out PeerRecord read, out _).ShouldBeTrue();
        read.ShouldBe(s_fullNat);
        tally.Read(SyncCount.PeerFramesSkipped).ShouldBe(1);
    }

    [Fact]
    public void Frames_AreTakenWhole_UnknownOnesToo()
    {
        ReadOnlySpan<byte> octets = Hex("63 00 0002 abcd 06 00 0000 04 00 0100 01");
        PeerFrameReader.TryTakeFrame(ref octets, out PeerFrameKind kind, out ReadOnlySpan<byte> body).ShouldBeTrue();
        ((int)kind, body.Length).ShouldBe((0x63, 2));
        PeerFrameReader.TryTakeFrame(ref octets, out kind, out body).ShouldBeTrue();
        (kind, body.Length).ShouldBe((PeerFrameKind.Alive, 0));
        PeerFrameReader.TryTakeFrame(ref octets, out _, out _).ShouldBeFalse("the rest has not come");
        octets.Length.ShouldBe(5);
    }
}
