using System.Diagnostics;
using NetVS.Packets.Capture;
using NetVS.Packets.Tests.Testing;
using NetVS.Testing.Packets;

namespace NetVS.Packets.Tests.Capture;

/// <summary>Captures go to and come from Wireshark's tools, which share nothing with this project.</summary>
public sealed class CaptureWitnessTests
{
    private const long Start = 1_700_000_000_123_456_789;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tshark_OfWrittenCaptures_FindsEveryPacketAndNoFault(bool isPcapng)
    {
        string file = WriteSamples(isPcapng);
        try
        {
            string output = Run("tshark", "-r", file, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
                "-o", "udp.check_checksum:TRUE", "-o", "sctp.checksum:CRC32C", "-T", "fields", "-E", "separator=|",
                "-e", "frame.number", "-e", "frame.time_epoch", "-e", "frame.interface_name", "-e", "frame.len",
                "-e", "ip.checksum.status", "-e", "tcp.checksum.status", "-e", "udp.checksum.status", "-e", "sctp.checksum.status",
                "-e", "icmp.checksum.status", "-e", "icmpv6.checksum.status", "-e", "_ws.malformed");
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            lines.Length.ShouldBe(SampleFrames.All.Count);
            int index = 0;
            foreach ((string name, PacketBuilder builder) in SampleFrames.All)
            {
                string[] fields = lines[index].Split('|');
                fields[1].ShouldBe($"1700000000.{123456789 + index}", name);
                if (isPcapng) fields[2].ShouldBe(index % 2 == 0 ? "client0" : "server0", name);
                fields[3].ShouldBe(builder.Build().Length.ToString(), name);

                // 1 is good, 0 bad, 2 not verified, 3 not present; several values are those of nested packets.
                // Quoted packets are cut, and their checksums cannot be verified.
                bool isFragmentOrQuote = name.Contains("fragment", StringComparison.Ordinal) || name.Contains("error", StringComparison.Ordinal);
                for (int i = 4; i <= 9 && !isFragmentOrQuote; i++)
                    fields[i].Split(',').ShouldNotContain("0", $"{name}: field {i} of {lines[index]}");
                fields[4].Split(',').ShouldNotContain("0", name);
                fields[10].ShouldBeEmpty(name);
                index++;
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("pcap", 1000)]
    [InlineData("nsecpcap", 1)]
    [InlineData("pcapng", 1)]
    public void Reader_OfCapturesWrittenByEditcap_ReadsEveryPacket(string format, int unit)
    {
        string file = WriteSamples(true);
        string converted = Path.GetTempFileName();
        try
        {
            Run("editcap", "-F", format, file, converted);
            using FileStream stream = File.OpenRead(converted);
            ICaptureReader reader = CaptureReader.Open(stream);
            int index = 0;
            foreach ((string name, PacketBuilder builder) in SampleFrames.All)
            {
                reader.TryReadNext(out CapturedPacket packet).ShouldBeTrue(name);
                packet.Timestamp.ShouldBe((Start + index) / unit * unit, name);
                packet.Data.ToArray().ShouldBe(builder.Build(), name);
                if (format == "pcapng") reader.Interfaces[packet.InterfaceId].Name.ShouldBe(index % 2 == 0 ? "client0" : "server0");
                index++;
            }

            reader.TryReadNext(out _).ShouldBeFalse();
        }
        finally
        {
            File.Delete(file);
            File.Delete(converted);
        }
    }

    private static string WriteSamples(bool isPcapng)
    {
        string file = Path.GetTempFileName();
        using FileStream stream = File.Create(file);
        ICaptureWriter writer = isPcapng ? new PcapngWriter(stream) : new PcapWriter(stream);
        writer.AddInterface("client0");
        if (isPcapng) writer.AddInterface("server0");
        int index = 0;
        foreach (PacketBuilder builder in SampleFrames.All.Values)
        {
            writer.Write(isPcapng ? index % 2 : 0, Start + index, builder.Build());
            index++;
        }

        writer.Flush();
        return file;
    }

    private static string Run(string tool, params string[] arguments)
    {
        if (!File.Exists($"/usr/bin/{tool}")) Assert.Skip($"{tool} is not installed (package tshark)");
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, errors.Result);
        return output;
    }
}
