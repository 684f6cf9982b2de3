using System.Diagnostics;
using System.Text;
using System.Text.Json;
using NetVS.Control.Replay;
using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Control.Tests.Replay;

public sealed class ReplayerTests
{
    private const string Rules = "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 192.168.1.10:8080 -m\n";

    private const string Network = """
        link set dev f0 address 02:00:00:00:0d:f0 up
        link set dev f1 address 02:00:00:00:0d:f1 up
        addr add 10.0.0.1/24 dev f0
        addr add 192.168.1.1/24 dev f1
        route add default via 10.0.0.254
        neigh replace 10.0.0.254 lladdr 02:00:00:00:00:fe dev f0
        neigh replace 192.168.1.10 lladdr 02:00:00:00:00:10 dev f1
        """;

    private const string Router = "02:00:00:00:00:fe";
    private const string Front = "02:00:00:00:0d:f0";
    private const string Back = "02:00:00:00:0d:f1";
    private const string Server = "02:00:00:00:00:10";

    private static byte[] Syn(string client = "203.0.113.7:40000") =>
        PacketBuilder.Tcp(client, "10.0.0.1:80", TcpFlags.Syn).Macs(Router, Front).Seq(1).Ttl(64).Build();

    private static byte[] SynAck() => PacketBuilder.Tcp("192.168.1.10:8080", "203.0.113.7:40000", TcpFlags.Syn | TcpFlags.Ack)
        .Macs(Server, Back).Seq(100).Ack(2).Ttl(64).Build();

    private static (ReplayReport Report, List<(string Interface, double Seconds, byte[] Frame)> Sent) Replay(
        string? network, string rules, params ReplayInput[] inputs)
    {
        var output = new MemoryStream();
        ReplayReport report = Replayer.Run(new ReplayRequest
        {
            Inputs = inputs, Rules = rules, RulesFile = "r.rules", Network = network, NetworkFile = "n.ip", Output = () => output,
        });
        return (report, CaptureFile.Read(output.ToArray()));
    }

    [Fact]
    public void Run_NatOverTwoInterfaces_SendsTheRewrittenPacketsAtTheirTimes()
    {
        ReplayInput capture = new CaptureFile(false, "f0", "f1").At(0, Syn()).At(0.25, SynAck(), 1).Input();

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) = Replay(Network, Rules, capture);

        sent.Count.ShouldBe(2);
        sent[0].Interface.ShouldBe("f1");
        sent[0].Seconds.ShouldBe(0);
        sent[0].Frame.ShouldBe(PacketBuilder.Tcp("203.0.113.7:40000", "192.168.1.10:8080", TcpFlags.Syn).Macs(Back, Server).Seq(1).Ttl(63).Build());
        sent[1].Interface.ShouldBe("f0");
        sent[1].Seconds.ShouldBe(0.25);
        sent[1].Frame.ShouldBe(PacketBuilder.Tcp("10.0.0.1:80", "203.0.113.7:40000", TcpFlags.Syn | TcpFlags.Ack)
            .Macs(Front, Router).Seq(100).Ack(2).Ttl(63).Build());
        report.Forwarded.ShouldBe(2);
        report.Interfaces.ShouldBe([("f0", 1L, 1L), ("f1", 1L, 1L)]);
        report.Drops.ShouldBeEmpty();
        report.Warnings.ShouldBeEmpty();
        report.Assumptions.ShouldBeEmpty();
        DestinationView server = report.Services.ShouldHaveSingleItem().Destinations.ShouldHaveSingleItem();
        server.Statistics.Connections.ShouldBe(1UL);
        server.Statistics.InboundPackets.ShouldBe(1UL);
        server.Statistics.InboundBytes.ShouldBe(40UL);
        server.Statistics.OutboundPackets.ShouldBe(1UL);
        server.Statistics.OutboundBytes.ShouldBe(40UL);
        ConnectionView connection = report.Connections.ShouldHaveSingleItem();
        connection.State.ShouldBe("SYN_RECV");
        connection.ExpiresIn.TotalSeconds.ShouldBe(60, 0.5);
    }

    [Fact]
    public void Run_OneFilePerInterface_MergesByTime()
    {
        ReplayInput front = new CaptureFile(isClassic: true).At(0, Syn()).At(2, Syn("203.0.113.8:1")).Input("f0", "front.pcap");
        ReplayInput back = new CaptureFile(isClassic: true).At(1, SynAck()).Input("f1", "back.pcap");

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) = Replay(Network, Rules, back, front);

        sent.Select(s => (s.Interface, s.Seconds)).ShouldBe([("f1", 0.0), ("f0", 1.0), ("f1", 2.0)]);
        report.Connections.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(59, 1, 1)]
    [InlineData(62, 2, 1)]
    public void Run_TheCapturesClock_ExpiresConnections(double seconds, ulong connections, int left)
    {
        ReplayInput capture = new CaptureFile(false, "f0", "f1").At(0, Syn()).At(seconds, Syn()).Input();

        (ReplayReport report, _) = Replay(Network, Rules, capture);

        report.Totals.Connections.ShouldBe(connections);
        report.Connections.Count.ShouldBe(left);
    }

    [Fact]
    public void Run_AGapOfYears_IsCrossedAtOnce()
    {
        ReplayInput capture = new CaptureFile(false, "f0", "f1").At(0, Syn()).At(10 * 365 * 86400.0, Syn()).Input();

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) = Replay(Network, Rules, capture);

        sent.Count.ShouldBe(2);
        report.Totals.Connections.ShouldBe(2UL);
        report.Connections.Count.ShouldBe(1);
    }

    [Fact]
    public void Run_WithoutNetwork_TakesItFromTheCapture()
    {
        // As tcpdump on a one-armed director shows it: what came in and what went out.
        ReplayInput capture = new CaptureFile(isClassic: true)
            .At(0, PacketBuilder.Arp(ArpPacket.Request, Packets.MacAddress.Broadcast, Packets.Ipv4Address.Parse("192.168.1.1"), default, Packets.Ipv4Address.Parse("192.168.1.10")))
            .At(0, Syn())
            .At(0, PacketBuilder.Tcp("203.0.113.7:40000", "192.168.1.10:8080", TcpFlags.Syn).Macs(Front, Server).Seq(1).Ttl(63).Build())
            .At(0.1, PacketBuilder.Tcp("192.168.1.10:8080", "203.0.113.7:40000", TcpFlags.Syn | TcpFlags.Ack).Macs(Server, Front).Seq(100).Ack(2).Build())
            .At(0.2, Syn("203.0.113.9:5"))
            .Input(label: "one.pcap");

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) =
            Replay(null, Rules.Replace("-s rr\n", "-s rr\n-a -t 10.0.0.1:80 -r 192.168.1.77:8080 -m\n"), capture);

        report.OwnPackets.ShouldBe(1);
        sent.Count.ShouldBe(3);
        sent.ShouldAllBe(s => s.Interface == "eth0");

        // The destination added last stands first in the list; round robin begins there. The other one is not in the capture.
        sent[0].Frame.ShouldBe(PacketBuilder.Tcp("203.0.113.7:40000", "192.168.1.10:8080", TcpFlags.Syn).Macs(Front, Server).Seq(1).Ttl(63).Build());
        sent[1].Frame.ShouldBe(PacketBuilder.Tcp("10.0.0.1:80", "203.0.113.7:40000", TcpFlags.Syn | TcpFlags.Ack).Macs(Front, Router).Seq(100).Ack(2).Ttl(63).Build());
        sent[2].Frame.ShouldBe(PacketBuilder.Tcp("203.0.113.9:5", "192.168.1.77:8080", TcpFlags.Syn).Macs(Front, "02:4e:c0:a8:01:4d").Seq(1).Ttl(63).Build());
        report.Assumptions.Count.ShouldBe(2);
        report.Assumptions[0].ShouldContain($"interface eth0, MAC {Front}");
        report.Assumptions[1].ShouldContain("192.168.1.77 is not in the capture");
    }

    [Fact]
    public void Run_WithoutNetworkAndTagged_UsesTheVlan()
    {
        ReplayInput capture = new CaptureFile(isClassic: true)
            .At(0, PacketBuilder.Tcp("203.0.113.7:40000", "10.0.0.1:80", TcpFlags.Syn).Macs(Router, Front).Vlan(100).Seq(1).Build())
            .Input();

        (_, List<(string Interface, double Seconds, byte[] Frame)> sent) = Replay(null, Rules, capture);

        sent.ShouldHaveSingleItem().Frame.ShouldBe(
            PacketBuilder.Tcp("203.0.113.7:40000", "192.168.1.10:8080", TcpFlags.Syn).Macs(Front, "02:4e:c0:a8:01:0a").Vlan(100).Seq(1).Ttl(63).Build());
    }

    [Fact]
    public void Run_UnknownNeighbour_IsNotSentAndSaidSo()
    {
        string network = string.Join('\n', Network.Split('\n').Where(l => !l.Contains("192.168.1.10")));

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) =
            Replay(network, Rules, new CaptureFile(false, "f0").At(0, Syn()).Input());

        sent.ShouldBeEmpty();
        report.Awaiting.ShouldBe(1);
        report.Warnings.ShouldHaveSingleItem().ShouldContain("neigh replace 192.168.1.10 lladdr MAC dev f1");
    }

    [Fact]
    public void Run_OtherTraffic_IsTheStacks()
    {
        ReplayInput capture = new CaptureFile(false, "f0")
            .At(0, PacketBuilder.Tcp("203.0.113.7:40000", "10.0.0.1:22", TcpFlags.Syn).Macs(Router, Front).Build())
            .At(0, PacketBuilder.Icmp("203.0.113.7", "10.0.0.1", 8, 0).Macs(Router, Front).Build())
            .Input();

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) = Replay(Network, Rules, capture);

        sent.ShouldBeEmpty();
        report.ToStack.ShouldBe(2);
    }

    [Fact]
    public void Run_BrokenPackets_AreCountedByReason()
    {
        byte[] truncated = Syn()[..30];
        ReplayInput capture = new CaptureFile(false, "f0").At(0, truncated, originalLength: 54).At(0, Syn()).Input();

        (ReplayReport report, _) = Replay(Network, Rules, capture);

        report.Drops.Sum(d => d.Packets).ShouldBe(1);
        report.Drops[0].Text.ShouldNotBeEmpty();
        report.Forwarded.ShouldBe(1);
        report.Warnings.ShouldHaveSingleItem().ShouldContain("snap length");
    }

    [Fact]
    public void Run_TimestampsThatGoBack_StandStill()
    {
        ReplayInput capture = new CaptureFile(false, "f0").At(5, Syn()).At(3, Syn("203.0.113.8:1")).At(6, Syn("203.0.113.9:1")).Input();

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) = Replay(Network, Rules, capture);

        sent.Select(s => s.Seconds).ShouldBe([5.0, 5.0, 6.0]);
        report.Warnings.ShouldHaveSingleItem().ShouldContain("timestamps of 1 packets");
    }

    [Fact]
    public void Run_CaptureCutOff_ReplaysWhatThereIs()
    {
        byte[] octets = new CaptureFile(false, "f0").At(0, Syn()).At(1, Syn("203.0.113.8:1")).Octets[..^20];

        (ReplayReport report, List<(string Interface, double Seconds, byte[] Frame)> sent) = Replay(Network, Rules, CaptureFile.InputOf(octets, label: "cut.pcapng"));

        sent.Count.ShouldBe(1);
        report.Faults.ShouldHaveSingleItem().ShouldStartWith("cut.pcapng: at octet ");
    }

    [Fact]
    public void Run_WhatCannotBeReplayed_SaysWhy()
    {
        byte[] good = new CaptureFile(false, "f0").At(0, Syn()).Octets;

        Problem(Network, Rules, CaptureFile.InputOf([1, 2, 3, 4, 5], label: "x.pcap")).ShouldBe("x.pcap: at octet 0: neither pcap nor pcapng: the file begins with 01020304");
        Problem(Network, Rules, CaptureFile.InputOf([], label: "x.pcap")).ShouldContain("the file is empty");
        Problem("link set dev f0 frob", Rules, CaptureFile.InputOf(good)).ShouldBe("n.ip:1:17: unknown word 'frob' in 'link set': use address, mtu, up, down or carrier");
        Problem("", Rules, CaptureFile.InputOf(good)).ShouldContain("no interface");
        Problem(Network, "-A -t 10.0.0.1:80 -s nosuch", CaptureFile.InputOf(good)).ShouldStartWith("r.rules:1:1: ");
        Problem(Network, "-A -t 10.0.0.1:80\n-D -t 10.0.0.1:80\nfrob", CaptureFile.InputOf(good)).Split('\n').Length.ShouldBe(2);
        Problem(Network, Rules, new CaptureFile(false, "g7").At(0, Syn()).Input()).ShouldBe(
            "in.pcapng: no interface 'g7' in n.ip: there are f0, f1; add a line 'link set dev g7 address MAC up', or say another one with -i NAME=in.pcapng");
        Problem(Network, Rules, new CaptureFile(true).At(0, Syn()).Input()).ShouldContain("give it with -i NAME=");
        Problem(null, Rules, new CaptureFile(true).At(0, SynAck()).Input()).ShouldContain("no packet to a virtual address (10.0.0.1)");
        Problem(null, Rules, new CaptureFile(false, "a", "b").At(0, Syn()).Input()).ShouldContain("the capture has 2 interfaces");
        Problem(null, Rules, CaptureFile.InputOf(good), CaptureFile.InputOf(good)).ShouldContain("several captures");
        Should.Throw<ReplayException>(() => Replayer.Run(new ReplayRequest
        {
            Inputs = [CaptureFile.InputOf(good)], Rules = Rules, RulesFile = "r", Network = Network, Settings = [("nosuch", "1")],
        })).Message.ShouldContain("nosuch");
        bool isOpened = false;
        Should.Throw<ReplayException>(() => Replayer.Run(new ReplayRequest
        {
            Inputs = [CaptureFile.InputOf(good)], Rules = Rules, RulesFile = "r", Network = Network, IsClassicOutput = true,
            Output = () =>
            {
                isOpened = true;
                return new MemoryStream();
            },
        })).Message.ShouldContain("write pcapng");
        isOpened.ShouldBeFalse("nothing is overwritten by what cannot work");

        static string Problem(string? network, string rules, params ReplayInput[] inputs) =>
            Should.Throw<ReplayException>(() => Replay(network, rules, inputs)).Message;
    }

    [Fact]
    public void Run_Twice_GivesTheSameOctets()
    {
        var capture = new CaptureFile(false, "f0", "f1");
        var random = new Random(4);
        for (int i = 0; i < 3000; i++) capture.At(i * 0.01, Syn($"203.0.113.{random.Next(1, 250)}:{random.Next(1, 65535)}"));
        const string Several = "-A -t 10.0.0.1:80 -s sh\n-a -t 10.0.0.1:80 -r 192.168.1.10:8080 -m -w 3\n-a -t 10.0.0.1:80 -r 192.168.1.10:8081 -m\n";

        byte[][] outputs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            var output = new MemoryStream();
            Replayer.Run(new ReplayRequest { Inputs = [capture.Input()], Rules = Several, RulesFile = "r", Network = Network, Output = () => output });
            return output.ToArray();
        })];

        outputs[0].ShouldBe(outputs[1]);
        CaptureFile.Read(outputs[0]).Count.ShouldBe(3000);
    }

    [Fact]
    public void Write_Report_SaysEverything()
    {
        ReplayInput capture = new CaptureFile(false, "f0", "f1").At(0, Syn()).At(0.25, SynAck(), 1).At(0.5, Syn()[..30]).Input();
        (ReplayReport report, _) = Replay(Network, Rules, capture);
        var text = new StringWriter();
        ReplayReportWriter.Write(report, text);
        var json = new MemoryStream();
        ReplayReportJson.Write(report, json);

        string[] lines = text.ToString().Split('\n');
        lines[0].ShouldBe("3 packets in 0.500000 s, 2026-11-20 19:00:00.000000 to 2026-11-20 19:00:00.500000");
        lines.ShouldContain("  f0: 2 received, 1 sent");
        lines.ShouldContain("           2  forwarded");
        lines.ShouldContain(l => l.StartsWith("TCP  10.0.0.1:80 ", StringComparison.Ordinal));
        lines.ShouldContain(l => l.StartsWith("  -> 192.168.1.10:8080 ", StringComparison.Ordinal));
        lines.ShouldContain("Connections at the end: 1");
        lines.ShouldContain(l => l.StartsWith("TCP 00:59  SYN_RECV", StringComparison.Ordinal));
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(json.ToArray()));
        JsonElement root = document.RootElement;
        root.GetProperty("forwarded").GetInt64().ShouldBe(2);
        root.GetProperty("services")[0].GetProperty("destinations")[0].GetProperty("statistics").GetProperty("outboundBytes").GetInt64().ShouldBe(40);
        root.GetProperty("connections")[0].GetProperty("client").GetString().ShouldBe("203.0.113.7:40000");
        root.GetProperty("drops").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public void Output_ByTshark_HasNoBadChecksumOrLength()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/tshark"), "needs tshark");
        var capture = new CaptureFile(false, "f0", "f1");
        for (int i = 0; i < 20; i++) capture.At(i, PacketBuilder.Tcp($"203.0.113.{i}:40000", "10.0.0.1:80", TcpFlags.Syn).Macs(Router, Front).Payload(i).Build());
        var output = new MemoryStream();
        Replayer.Run(new ReplayRequest { Inputs = [capture.Input()], Rules = Rules, RulesFile = "r", Network = Network, Output = () => output });
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, output.ToArray());
            var start = new ProcessStartInfo(
                "/usr/bin/tshark",
                ["-r", file, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields",
                 "-e", "frame.interface_name", "-e", "ip.dst", "-e", "ip.checksum.status", "-e", "tcp.checksum.status", "-e", "_ws.malformed"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process tshark = Process.Start(start)!;
            string[] rows = tshark.StandardOutput.ReadToEnd().Trim().Split('\n');
            tshark.WaitForExit();
            rows.Length.ShouldBe(20);
            rows.ShouldAllBe(r => r.TrimEnd() == "f1\t192.168.1.10\t1\t1");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
