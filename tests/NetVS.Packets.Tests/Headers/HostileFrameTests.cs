using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Packets.Tests.Testing;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Packets.Tests.Headers;

/// <summary>Whatever octets come: never a throw, never a read outside; the frames lie between guard pages.</summary>
public sealed class HostileFrameTests
{
    [Fact]
    public void EveryParser_OfEveryTruncation_StaysInside()
    {
        using var memory = new GuardedMemory(4096);
        foreach (PacketBuilder builder in SampleFrames.All.Values)
        {
            byte[] frame = builder.Build();
            for (int length = 0; length <= frame.Length; length++)
            {
                ParseEverything(memory.AtEnd(frame.AsSpan(0, length)));
                ParseEverything(memory.AtBeginning(frame.AsSpan(0, length)));
            }
        }
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void EveryParser_OfMutatedFrames_StaysInside() => Seeds.Run(20_000, (random, _) =>
    {
        using var memory = new GuardedMemory(4096);
        byte[] frame = SampleFrames.All.Values.ElementAt(random.Next(SampleFrames.All.Count)).Build();
        for (int i = random.Next(1, 8); i > 0; i--) frame[random.Next(12, frame.Length)] = (byte)random.Next(256);
        ParseEverything(memory.AtEnd(frame.AsSpan(0, random.Next(2) == 0 ? frame.Length : random.Next(frame.Length + 1))));
    });

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void TryParse_OfWhatItAccepts_AgreesWithTheSlowReading() => Seeds.Run(20_000, (random, _) =>
    {
        byte[] frame = SampleFrames.All.Values.ElementAt(random.Next(SampleFrames.All.Count)).Build();
        frame[random.Next(12, Math.Min(frame.Length, 60))] = (byte)random.Next(256);
        if (!PacketShape.TryParse(frame, out PacketShape shape)) return;
        IReadOnlyList<string> faults = PacketChecker.FindFaults(frame);
        faults.ShouldNotContain(f => IsAboutLengths(f), PacketDescriber.Describe(frame));
        shape.FrameLength.ShouldBeLessThanOrEqualTo(frame.Length);
        (shape.L4Offset + shape.L4Length).ShouldBe(shape.FrameLength);
    });

    // The reserved flag is no fault for a forwarder (RFC 791 only says that senders leave it zero).
    private static bool IsAboutLengths(string fault) =>
        (fault.StartsWith("IPv4 ", StringComparison.Ordinal) || fault.StartsWith("IPv6 ", StringComparison.Ordinal)
            || fault.StartsWith("truncated", StringComparison.Ordinal)) && !fault.Contains("reserved", StringComparison.Ordinal);

    [Fact]
    public void TryParse_AllocatesNothing()
    {
        byte[][] frames = [.. SampleFrames.All.Values.Select(b => b.Build())];
        int parsed = 0;
        Allocations.Measure(10_000, () =>
        {
            foreach (byte[] frame in frames)
            {
                if (!PacketShape.TryParse(frame, out PacketShape shape)) continue;
                parsed += L4Checksum.Verify(frame, in shape) ? 1 : 0;
            }
        }).ShouldBe(0);
        parsed.ShouldBeGreaterThan(0);
    }

    private static void ParseEverything(Span<byte> frame)
    {
        if (PacketShape.TryParse(frame, out PacketShape shape)) UseShape(frame, shape);
        for (int offset = 0; offset <= frame.Length; offset += 14)
        {
            Span<byte> rest = frame[offset..];
            if (ArpPacket.TryParse(rest, out ArpPacket arp)) _ = arp.SenderAddress.Host;
            if (Ipv4Packet.TryParse(rest, out Ipv4Packet v4)) _ = v4.Options.Length + v4.Payload.Length;
            if (Ipv6Packet.TryParse(rest, out Ipv6Packet v6)) _ = Ipv6ExtensionWalk.TryWalk(v6.Payload, v6.Header.NextHeader, out _);
            if (TcpSegment.TryParse(rest, out TcpSegment tcp)) ReadOptions(tcp.Options);
            if (UdpDatagram.TryParse(rest, out UdpDatagram udp)) _ = udp.Payload.Length;
            foreach (IpFamily family in (ReadOnlySpan<IpFamily>)[IpFamily.V4, IpFamily.V6])
            {
                if (PacketShape.TryParseQuote(rest, family, out shape)) UseShape(rest, shape);
                if (PacketShape.TryParseIp(rest, family, out shape)) UseShape(rest, shape);
            }
        }

        Span<byte> into = stackalloc byte[4096];
        foreach (GsoKind kind in (ReadOnlySpan<GsoKind>)[GsoKind.TcpV4, GsoKind.TcpV6, GsoKind.UdpL4])
        {
            if (Segmenter.Create(frame, new PacketOffload { Gso = kind, GsoSize = 16 }, out Segmenter segmenter) != SegmenterError.None) continue;
            while (segmenter.TryWriteNext(into, out _)) { }
        }

        if (Ipv4Fragmenter.Create(frame, 68, out Ipv4Fragmenter fragmenter) != FragmenterError.None) return;
        while (fragmenter.TryWriteNext(into, out int length)) PacketShape.TryParse(into[..length], out _).ShouldBeTrue();
    }

    private static void UseShape(Span<byte> octets, PacketShape shape)
    {
        _ = octets.Slice(shape.L4Offset, shape.L4Length);
        L4Checksum.Verify(octets, in shape);
        L4Checksum.Replace(shape.Protocol, octets.Slice(shape.L4Offset, shape.L4Length), default, ChecksumDelta.None, ChecksumDelta.None);
        if (shape.Family == IpFamily.V4) IpHeaderRewriting.VerifyIpv4Checksum(octets[shape.IpOffset..]);
    }

    private static void ReadOptions(ReadOnlySpan<byte> options)
    {
        int steps = 0;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            (++steps).ShouldBeLessThanOrEqualTo(40);
            _ = reader.Value.Length;
        }

        ClientAddressOption.TryFind(options, out _);
    }
}
