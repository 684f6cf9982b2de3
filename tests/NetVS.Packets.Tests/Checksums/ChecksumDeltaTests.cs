using System.Buffers.Binary;
using NetVS.Packets.Checksums;

namespace NetVS.Packets.Tests.Checksums;

public sealed class ChecksumDeltaTests
{
    // RFC 1624 §4: HC = 0xDD2F, m = 0x5555, m' = 0x3285 gives 0x0000.
    [Fact]
    public void Apply_OfTheRfcExample_IsTheRfcResult() =>
        ChecksumDelta.Replace((ushort)0x5555, (ushort)0x3285).ApplyTo(0xDD2F).ShouldBe((ushort)0x0000);

    [Fact]
    public void Apply_OfRandomChanges_EqualsRecomputing()
    {
        var random = new Random(1624);
        byte[] octets = new byte[64];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(octets);
            if (round % 3 == 0) octets.AsSpan(0, 32).Fill((byte)(round % 2 == 0 ? 0xFF : 0));
            ushort before = InternetChecksum.Compute(octets);
            ChecksumDelta delta = ChangeEverything(octets, random);
            delta.ApplyTo(before).ShouldBe(InternetChecksum.Compute(octets));
            delta.ApplyToSum((ushort)(before ^ 0xFFFF)).ShouldBe(InternetChecksum.Sum(octets));
            delta.Negated.ApplyTo(InternetChecksum.Compute(octets)).ShouldBe(before);
        }
    }

    private static ChecksumDelta ChangeEverything(Span<byte> octets, Random random)
    {
        ushort old16 = BinaryPrimitives.ReadUInt16BigEndian(octets), new16 = (ushort)random.Next(65536);
        BinaryPrimitives.WriteUInt16BigEndian(octets, new16);
        Ipv4Address old4 = Ipv4Address.Read(octets[4..]), new4 = new((uint)random.NextInt64(1L << 32));
        new4.Write(octets[4..]);
        Ipv6Address old6 = Ipv6Address.Read(octets[16..]), new6 = new((ulong)random.NextInt64(), ulong.MaxValue);
        new6.Write(octets[16..]);
        return ChecksumDelta.Replace(old16, new16) + ChecksumDelta.Replace(old4, new4) + ChecksumDelta.Replace(old6, new6);
    }

    [Fact]
    public void Replace_OfAnAddressOfEitherFamily_EqualsTheTypedReplace()
    {
        Ipv4Address a = Ipv4Address.Parse("192.0.2.1"), b = Ipv4Address.Parse("10.255.255.255");
        Ipv6Address c = Ipv6Address.Parse("2001:db8::1"), d = Ipv6Address.Parse("fd00::ffff:ffff");
        ChecksumDelta.Replace((IpAddress)a, b).Folded.ShouldBe(ChecksumDelta.Replace(a, b).Folded);
        ChecksumDelta.Replace((IpAddress)c, d).Folded.ShouldBe(ChecksumDelta.Replace(c, d).Folded);
    }
}
