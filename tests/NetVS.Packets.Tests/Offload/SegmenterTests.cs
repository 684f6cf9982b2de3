using NetVS.Packets.Headers;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;

namespace NetVS.Packets.Tests.Offload;

public sealed class SegmenterTests
{
    private const string A4 = "203.0.113.7:40000", B4 = "10.0.0.1:80", A6 = "[2001:db8::7]:40000", B6 = "[2001:db8:1::1]:80";

    [Theory]
    [InlineData(A4, B4, GsoKind.TcpV4)]
    [InlineData(A6, B6, GsoKind.TcpV6)]
    public void TryWriteNext_OfATcpFrame_WritesWhatASenderWouldHaveSent(string from, string to, GsoKind kind)
    {
        const TcpFlags All = TcpFlags.Psh | TcpFlags.Fin | TcpFlags.Cwr | TcpFlags.Ece;
        byte[] payload = PacketBuilder.Pattern(3001);
        PacketBuilder whole = Tcp(from, to, All, 0xFFFF_FF00, 0xFFFF).Payload(payload).Gso(kind, 1000);
        List<byte[]> segments = Cut(whole, out int count);

        byte[][] expected =
        [
            Tcp(from, to, TcpFlags.Cwr | TcpFlags.Ece, 0xFFFF_FF00, 0xFFFF).Payload(payload.AsSpan(0, 1000)).Build(),
            Tcp(from, to, TcpFlags.Ece, unchecked(0xFFFF_FF00 + 1000), 0).Payload(payload.AsSpan(1000, 1000)).Build(),
            Tcp(from, to, TcpFlags.Ece, unchecked(0xFFFF_FF00 + 2000), 1).Payload(payload.AsSpan(2000, 1000)).Build(),
            Tcp(from, to, TcpFlags.Psh | TcpFlags.Fin | TcpFlags.Ece, unchecked(0xFFFF_FF00 + 3000), 2).Payload(payload.AsSpan(3000)).Build(),
        ];
        count.ShouldBe(4);
        ShouldEqual(segments, expected);
    }

    private static PacketBuilder Tcp(string from, string to, TcpFlags flags, uint seq, ushort id) =>
        PacketBuilder.Tcp(from, to, flags).Ack(5).Seq(seq).Id(id).DontFragment().Nop().Nop().Timestamps(1, 2).Vlan(9);

    [Theory]
    [InlineData("203.0.113.7:40000", "10.0.0.1:53")]
    [InlineData("[2001:db8::7]:40000", "[2001:db8:1::1]:53")]
    public void TryWriteNext_OfAUdpFrame_WritesDatagrams(string from, string to)
    {
        byte[] payload = PacketBuilder.Pattern(1700);
        List<byte[]> segments = Cut(PacketBuilder.Udp(from, to).Id(7).Payload(payload).Gso(GsoKind.UdpL4, 850), out _);
        ShouldEqual(segments,
        [
            PacketBuilder.Udp(from, to).Id(7).Payload(payload.AsSpan(0, 850)).Build(),
            PacketBuilder.Udp(from, to).Id(8).Payload(payload.AsSpan(850)).Build(),
        ]);
    }

    [Fact]
    public void TryWriteNext_OfAnIpv6FrameWithExtensions_KeepsThem()
    {
        byte[] payload = PacketBuilder.Pattern(300);
        PacketBuilder Make() => PacketBuilder.Tcp(A6, B6, TcpFlags.None).Ack(1).HopByHop().DestinationOptions();
        ShouldEqual(Cut(Make().Payload(payload).Gso(GsoKind.TcpV6, 200), out _),
            [Make().Payload(payload.AsSpan(0, 200)).Build(), Make().Seq(200).Payload(payload.AsSpan(200)).Build()]);
    }

    [Fact]
    public void Create_OfTheWrongKind_SaysSo()
    {
        byte[] tcp = PacketBuilder.Tcp(A4, B4, TcpFlags.Syn).Build();
        Segmenter.Create(tcp, default, out _).ShouldBe(SegmenterError.NoSegmentSize);
        Segmenter.Create(tcp, new PacketOffload { Gso = GsoKind.TcpV4 }, out _).ShouldBe(SegmenterError.NoSegmentSize);
        Segmenter.Create(tcp, new PacketOffload { Gso = GsoKind.TcpV6, GsoSize = 9 }, out _).ShouldBe(SegmenterError.NotOfThatKind);
        Segmenter.Create(tcp, new PacketOffload { Gso = GsoKind.UdpL4, GsoSize = 9 }, out _).ShouldBe(SegmenterError.NotOfThatKind);
        byte[] cut = PacketBuilder.Ip("192.0.2.1", "192.0.2.2", 6).Payload(19).Build();
        Segmenter.Create(cut, new PacketOffload { Gso = GsoKind.TcpV4, GsoSize = 9 }, out _).ShouldBe(SegmenterError.TruncatedL4Header);
        byte[] fragment = PacketBuilder.Ip("192.0.2.1", "192.0.2.2", 6).Fragment(0, true).Payload(80).Build();
        Segmenter.Create(fragment, new PacketOffload { Gso = GsoKind.TcpV4, GsoSize = 9 }, out _).ShouldBe(SegmenterError.NotOfThatKind);
    }

    [Fact]
    public void TryWriteNext_AllocatesNothing()
    {
        PacketBuilder builder = PacketBuilder.Tcp(A4, B4, TcpFlags.None).Ack(1).Payload(9000).Gso(GsoKind.TcpV4, 1448);
        byte[] frame = builder.Build();
        byte[] buffer = new byte[2048];
        PacketOffload offload = builder.Offload();
        Allocations.Measure(1000, () =>
        {
            Segmenter.Create(frame, in offload, out Segmenter segmenter);
            while (segmenter.TryWriteNext(buffer, out _)) { }
        }).ShouldBe(0);
    }

    [Fact]
    public void TryComplete_OfEveryPartialFrame_EqualsTheCompleteFrame()
    {
        PacketBuilder[] makers =
        [
            PacketBuilder.Tcp(A4, B4, TcpFlags.Syn).Payload(7), PacketBuilder.Tcp(A6, B6, TcpFlags.Syn).HopByHop().Vlan(3),
            PacketBuilder.Udp(A4, B4).Payload(8), PacketBuilder.Udp(A6, B6).Payload(9),
        ];
        foreach (PacketBuilder maker in makers)
        {
            byte[] complete = maker.Build();
            byte[] frame = maker.PartialChecksum().Build();
            PacketOffload offload = maker.Offload();
            ChecksumCompletion.TryComplete(frame, ref offload).ShouldBeTrue();
            offload.NeedsChecksum.ShouldBeFalse();
            PacketDescriber.Describe(frame).ShouldBe(PacketDescriber.Describe(complete));
            frame.ShouldBe(complete);
        }
    }

    // RFC 768: a computed checksum of zero is sent as all ones, for zero means "none".
    [Fact]
    public void TryComplete_ToAZeroUdpChecksum_SendsAllOnes()
    {
        // With two zero octets the field is the complement of everything else: put there, it makes the sum 0xFFFF.
        byte[] plain = PacketBuilder.Udp(A4, B4).Payload([0, 0]).Build();
        PacketBuilder zero = PacketBuilder.Udp(A4, B4).Payload(plain.AsSpan(40, 2));
        byte[] frame = zero.PartialChecksum().Build();
        PacketOffload offload = zero.Offload();
        ChecksumCompletion.TryComplete(frame, ref offload).ShouldBeTrue();
        frame[40..42].ShouldBe([0xFF, 0xFF]);
        PacketChecker.Verify(frame);
        PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
        NetVS.Packets.Checksums.L4Checksum.WriteComplete(frame, in shape);
        frame[40..42].ShouldBe([0xFF, 0xFF]);
    }

    [Fact]
    public void TryComplete_OfSctp_WritesTheCrc()
    {
        PacketBuilder sctp = PacketBuilder.Sctp(A4, B4, SctpChunkType.Init).Payload(16);
        byte[] good = sctp.Build();
        byte[] frame = sctp.BadChecksum().Build();
        var offload = new PacketOffload { NeedsChecksum = true, ChecksumStart = 34, ChecksumOffset = 8 };
        ChecksumCompletion.TryComplete(frame, ref offload).ShouldBeTrue();
        frame.ShouldBe(good);
    }

    [Fact]
    public void TryComplete_WithOffsetsOutside_ChangesNothing()
    {
        byte[] frame = PacketBuilder.Tcp(A4, B4, TcpFlags.Syn).Build();
        byte[] before = [.. frame];
        var offload = new PacketOffload { NeedsChecksum = true, ChecksumStart = 34, ChecksumOffset = 19 };
        ChecksumCompletion.TryComplete(frame, ref offload).ShouldBeFalse();
        offload = new PacketOffload { NeedsChecksum = true, ChecksumStart = 65535, ChecksumOffset = 65535 };
        ChecksumCompletion.TryComplete(frame, ref offload).ShouldBeFalse();
        frame.ShouldBe(before);
    }

    private static List<byte[]> Cut(PacketBuilder whole, out int count)
    {
        PacketOffload offload = whole.Offload();
        Segmenter.Create(whole.Build(), in offload, out Segmenter segmenter).ShouldBe(SegmenterError.None);
        count = segmenter.Count;
        using var memory = new GuardedMemory(4096);
        List<byte[]> segments = [];
        while (segmenter.TryWriteNext(memory.AtEnd(segmenter.LongestFrame), out int length))
            segments.Add(memory.AtEndKeeping(segmenter.LongestFrame)[..length].ToArray());
        segments.Count.ShouldBe(count);
        return segments;
    }

    internal static void ShouldEqual(IReadOnlyList<byte[]> actual, IReadOnlyList<byte[]> expected)
    {
        actual.Select(f => PacketDescriber.Describe(f)).ShouldBe(expected.Select(f => PacketDescriber.Describe(f)));
        for (int i = 0; i < actual.Count; i++)
        {
            PacketChecker.Verify(actual[i]);
            actual[i].ShouldBe(expected[i]);
        }
    }
}
