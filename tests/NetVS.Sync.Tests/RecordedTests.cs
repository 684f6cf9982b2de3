using static NetVS.Sync.Tests.Messages;

namespace NetVS.Sync.Tests;

/// <summary>Messages that the kernel's IPVS sent are read right, and written the same octet by octet.</summary>
public sealed class RecordedTests
{
    [Fact]
    public void Version1_OfIpvs_IsReadRight()
    {
        byte[][] datagrams = Recorded("version1.hex");
        (List<SyncRecord> established, SyncTally tally) = Read(datagrams[0], syncId: 5);
        established.Select(Describe).ShouldBe([
            "Tcp 203.0.113.7:40000 203.0.113.80:80 192.168.1.10:8080 state 1 flags 0 timeout 900 mark 0",
            "Tcp [2001:db8:1::7]:40001 [2001:db8:1::80]:80 [fd00::10]:8080 state 1 flags 0 timeout 900 mark 0",
            "Tcp 203.0.113.0:0 203.0.113.80:443 192.168.1.10:8080 state 0 flags 1100 timeout 360 mark 0",
            "Tcp 203.0.113.0:0 203.0.113.80:443 192.168.1.10:8080 state 1 flags 1100 timeout 360 mark 0",
            "Tcp 203.0.113.7:40002 203.0.113.80:443 192.168.1.10:8080 state 1 flags 0 timeout 900 mark 0",
            "Tcp 203.0.113.0:0 203.0.113.80:443 192.168.1.10:8080 state 1 flags 1100 timeout 360 mark 0",
            "Tcp 203.0.113.0:0 203.0.113.80:443 192.168.1.10:8080 state 1 flags 1100 timeout 360 mark 0",
            "Udp 203.0.113.7:40003 203.0.113.80:53 192.168.1.10:8053 state 0 flags 100 timeout 300 mark 0",
        ]);
        (List<SyncRecord> closing, _) = Read(datagrams[1], syncId: 5);
        closing.Where(r => !r.IsTemplate).Select(r => (r.ClientPort, r.State, r.Timeout)).ShouldBe([
            ((ushort)40000, (ushort)7, 60u), ((ushort)40001, (ushort)7, 60u), ((ushort)40002, (ushort)7, 60u),
            ((ushort)40000, (ushort)5, 120u), ((ushort)40001, (ushort)5, 120u), ((ushort)40002, (ushort)5, 120u),
        ]);
        SyncCounts.All.Sum(tally.Read).ShouldBe(0, "nothing was wrong");
    }

    [Fact]
    public void Version0_OfIpvs_IsReadRight()
    {
        (List<SyncRecord> established, SyncTally tally) = Read(Recorded("version0.hex")[0], syncId: 5);
        established.Select(Describe).ShouldBe([
            "Tcp 203.0.113.7:40000 203.0.113.80:80 192.168.1.10:8080 state 1 flags 0 timeout 0 mark 0",
            "Tcp 203.0.113.7:40002 203.0.113.80:443 192.168.1.10:8080 state 1 flags 0 timeout 0 mark 0",
            "Tcp 203.0.113.0:0 203.0.113.80:443 192.168.1.10:8080 state 1 flags 1100 timeout 0 mark 0",
            "Udp 203.0.113.7:40003 203.0.113.80:53 192.168.1.10:8053 state 0 flags 100 timeout 0 mark 0",
        ]);
        SyncCounts.All.Sum(tally.Read).ShouldBe(0);
    }

    [Theory]
    [InlineData("version1.hex", 1)]
    [InlineData("version0.hex", 0)]
    [InlineData("sent1.hex", 1)]
    [InlineData("sent0.hex", 0)]
    public void WhatWasRead_IsWrittenTheSame(string recording, int version)
    {
        foreach (byte[] datagram in Recorded(recording))
            Convert.ToHexString(Write(version, 5, [.. Read(datagram).Records])).ShouldBe(Convert.ToHexString(datagram));
    }

    [Fact]
    public void EngineOptions_OfIpvs_AreReadRight_AndWrittenTheSame()
    {
        byte[] datagram = Recorded("engine.hex")[0];
        SyncMessageReader.TryOpen(datagram, 9, new SyncTally(), out SyncMessageReader reader).ShouldBeTrue();
        var writer = new SyncMessageWriter(1472);
        int count = 0;
        while (reader.TryRead(out SyncRecord record, out SyncExtras extras))
        {
            count++;
            Describe(record).ShouldBe("Udp 203.0.113.7:0 203.0.113.80:5060 192.168.1.10:5060 state 0 flags 1100 timeout 60 mark 0");
            extras.EngineName.SequenceEqual("sip"u8).ShouldBeTrue();
            extras.EngineData.SequenceEqual("3848276298220188511@atlanta.example.com"u8).ShouldBeTrue();
            writer.TryAppend(in record, in extras).ShouldBeTrue();
        }

        count.ShouldBe(2);
        Convert.ToHexString(writer.Finish(9)).ShouldBe(Convert.ToHexString(datagram));
    }
}
