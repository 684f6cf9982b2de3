using System.Buffers.Binary;
using NetVS.Lab.Journeys;
using NetVS.Packets.Capture;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Tests.Lab;

/// <summary>The labs' witness finds what is wrong, and only that.</summary>
public sealed class TsharkTests
{
    private const int TcpChecksumAt = 14 + 20 + 16;

    [Fact]
    public async Task FindFaults_OfADamagedPacket_NamesIt()
    {
        byte[] good = Segment(1);
        byte[] damaged = Segment(2);
        damaged[^1] ^= 1;
        string fault = (await FindFaultsAsync(good, damaged, good)).ShouldHaveSingleItem();
        fault.ShouldStartWith("2 ");
    }

    [Fact]
    public async Task FindFaults_OfAChecksumOfZeroWrittenAsOnes_IsEmpty()
    {
        byte[] frame = Enumerable.Range(0, 1 << 16).Select(n => Segment((uint)n)).First(f => ChecksumOf(f) == 0);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(TcpChecksumAt), 0xffff);
        (await FindFaultsAsync(frame)).ShouldBeEmpty();
        frame[^1] ^= 1;
        (await FindFaultsAsync(frame)).ShouldHaveSingleItem("only where it stands for zero");
    }

    [Fact]
    public async Task FindFaults_OfAPayloadThatIsNotWhatThePortSays_IsEmpty()
    {
        byte[] noise = [0, 1, 1, 0, 0, 9, 0, 9, 0, 0, 0, 0, 0x3f, 1, 2, 3];
        byte[] datagram = PacketBuilder.Udp("203.0.113.7:40000", "10.0.0.1:53").Payload(noise).Build();
        (await FindFaultsAsync(datagram)).ShouldBeEmpty("no DNS, but a whole datagram");
        (await FindFaultsAsync(datagram[..(14 + 20 + 4)])).ShouldHaveSingleItem("half a header");
        datagram[^1] ^= 1;
        string fault = (await FindFaultsAsync(datagram)).ShouldHaveSingleItem("its checksum is wrong");
        fault.ShouldContain("ip:udp", Case.Sensitive, "what was read, and");
        fault.ShouldContain("Bad checksum");
    }

    [Fact]
    public async Task FindFaults_OfADownloadWhoseSegmentBeginsWithALineEnd_IsEmpty()
    {
        // To tshark an empty line before headers is malformed HTTP, and what follows them is data. One random segment of 65,536 begins with a line's end.
        byte[] noise = [.. "\r\na: b\r\n\r\n"u8, 0x80, 0x81];
        byte[] segment = PacketBuilder.Tcp("10.0.0.1:80", "203.0.113.7:40000", TcpFlags.Ack).Payload(noise).Build();
        (await FindFaultsAsync(segment)).ShouldBeEmpty("whole, whatever it carries");
        segment[^1] ^= 1;
        (await FindFaultsAsync(segment)).ShouldHaveSingleItem("its checksum is wrong");
    }

    private static byte[] Segment(uint sequence) =>
        PacketBuilder.Tcp("203.0.113.7:40000", "10.0.0.1:80", TcpFlags.Ack).Seq(sequence).Payload("hello"u8.ToArray()).Build();

    private static ushort ChecksumOf(byte[] frame) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(TcpChecksumAt));

    private static async Task<IReadOnlyList<string>> FindFaultsAsync(params byte[][] frames)
    {
        string file = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.Create(file))
            {
                var writer = new PcapWriter(stream);
                writer.AddInterface("eth0");
                foreach (byte[] frame in frames) writer.Write(0, 1_700_000_000_000_000_000, frame);
                writer.Flush();
            }

            return await Tshark.FindFaultsAsync(file, TestContext.Current.CancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
