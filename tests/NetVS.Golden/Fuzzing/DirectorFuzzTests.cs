using NetVS.Director.Forwarding;
using NetVS.Golden.Running;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Golden.Fuzzing;

/// <summary>Mutated frames into a director with every method: always a verdict, never a throw; what it sends is right.</summary>
public sealed class DirectorFuzzTests
{
    private static readonly string[] s_rules =
    [
        "-A -t 10.0.0.1:80 -s rr", "-a -t 10.0.0.1:80 -r 192.168.1.10:8080 -m",
        "-A -t 10.0.0.1:81 -s rr", "-a -t 10.0.0.1:81 -r 192.168.1.10:81 -g",
        "-A -t 10.0.0.1:82 -s rr", "-a -t 10.0.0.1:82 -r 172.16.5.2:82 -i",
        "-A -t 10.0.0.1:83 -s rr", "-P -t 10.0.0.1:83 -z 192.168.1.1", "-a -t 10.0.0.1:83 -r 172.16.5.2:8080 -b",
        "-A -u 10.0.0.1:53 -s rr", "-a -u 10.0.0.1:53 -r 192.168.1.10:5353 -m",
        "-A -t [2001:db8::1]:80 -s rr", "-a -t [2001:db8::1]:80 -r [2001:db8:1::10]:8080 -m",
        "-A -t [2001:db8::1]:82 -s rr", "-a -t [2001:db8::1]:82 -r [2001:db8:5::2]:82 -i",
        "-A -t [2001:db8::1]:83 -s rr", "-P -t [2001:db8::1]:83 -z 2001:db8:1::1", "-a -t [2001:db8::1]:83 -r [2001:db8:5::2]:83 -b",
        "-A -u [2001:db8::1]:53 -s rr", "-a -u [2001:db8::1]:53 -r [2001:db8:1::10]:5353 -m",
        "-A -t 10.0.0.1:21 -s rr", "-a -t 10.0.0.1:21 -r 192.168.1.10:21 -m",
        "-A -t [2001:db8::1]:21 -s rr", "-a -t [2001:db8::1]:21 -r [2001:db8:1::10]:21 -m",
        "-A -u 10.0.0.1:5060 -s rr -p 100 --pe sip", "-a -u 10.0.0.1:5060 -r 192.168.1.10:5060 -m",
        "-A --sctp-service 10.0.0.1:3868 -s rr", "-a --sctp-service 10.0.0.1:3868 -r 192.168.1.10:13868 -m",
        "-A -u 10.0.0.1:500 -s rr", "-a -u 10.0.0.1:500 -r 192.168.1.10:500 -m",
        "-A -t 10.0.0.1:84 -s rr", "-a -t 10.0.0.1:84 -r 172.16.5.4:84 -i --tun-type gre --tun-csum",
        "-A -t 10.0.0.1:85 -s rr", "-a -t 10.0.0.1:85 -r 172.16.5.5:85 -i --tun-type gue --tun-port 6080",
    ];

    // Both directions of each service, errors about them, fragments and odd things; "%" is the client's port.
    private static readonly string[] s_seeds =
    [
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 80 S seq 1 mss 1460 sackok ts 1 0 nop wscale 7",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 80 P. seq 2 ack 1 len 100",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 opts 94040000 tcp % > 81 S seq 1",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tos 3 tcp % > 82 S seq 1",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 82 . ack 1 len 1460",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 83 S seq 1 mss 1460 nop nop ts 1 0",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 83 . seq 2 ack 10 toa 1.2.3.4:5",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 tcp 8080 > % S. seq 9 ack 2 mss 1460",
        "eth1 ipv4 172.16.5.2 > 192.168.1.1 tcp 8080 > 5000 S. seq 9 ack 2 mss 1460 nop nop sack 1-2",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 udp % > 53 nosum len 30",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 udp 5353 > % len 30",
        "eth0 cut 576/0 ipv4 203.0.113.7 > 10.0.0.1 id 7 udp % > 53 len 1400",
        "eth0 cut 576/1 ipv4 203.0.113.7 > 10.0.0.1 id 7 udp % > 53 len 1400",
        "eth0 ipv4 192.0.2.1 > 10.0.0.1 icmp 3/4 rest 1400 quote ipv4 10.0.0.1 > 203.0.113.7 tcp 80 > % . ack 1 len 8",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 icmp 3/3 quote ipv4 203.0.113.7 > 192.168.1.10 udp % > 5353 len 30",
        "eth1 ipv4 172.16.5.254 > 192.168.1.1 icmp 3/4 rest 1300 quote ipv4 192.168.1.1 > 172.16.5.2 df ipv4 203.0.113.7 > 10.0.0.1 tcp % > 82 . ack 1",
        "eth0 ipv6 2001:db8:f::7 > 2001:db8::1 tcp % > 80 S seq 1 mss 1440",
        "eth0 ipv6 2001:db8:f::7 > 2001:db8::1 hbh dstopt udp % > 53 len 30",
        "eth0 ipv6 2001:db8:f::7 > 2001:db8::1 tcp % > 82 S seq 1",
        "eth0 ipv6 2001:db8:f::7 > 2001:db8::1 tcp % > 83 S seq 1 mss 1440",
        "eth1 ipv6 2001:db8:1::10 > 2001:db8:f::7 tcp 8080 > % S. seq 9 ack 2",
        "eth0 cut 1280/0 ipv6 2001:db8:f::7 > 2001:db8::1 fragid 9 udp % > 53 len 1400",
        "eth0 cut 1280/1 ipv6 2001:db8:f::7 > 2001:db8::1 fragid 9 udp % > 53 len 1400",
        "eth0 ipv6 2001:db8:a::1 > 2001:db8::1 icmp 2/0 rest 1300 quote ipv6 2001:db8::1 > 2001:db8:f::7 tcp 80 > % . ack 1 len 8",
        "eth0 vlan 100 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 80 S seq 1",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 icmp 8/0 rest 1 len 56",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 sctp % > 80 init len 16",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 80 P. seq 2 ack 1 len 4000 gso 1448",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 82 P. seq 2 ack 1 len 4000 gso 1448",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 83 P. seq 2 ack 10 len 4000 gso 1448",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 21 S seq 1000",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 tcp 21 > % S. seq 5000 ack 1001",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 21 P. seq 1001 ack 5001 line PASV",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 21 P. seq 1001 ack 5001 line PORT_203,0,113,7,156,65",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 21 P. seq 1001 ack 5001 line EPSV",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 tcp 21 > % P. seq 5001 ack 1007 line 227_Entering_Passive_Mode_(192,168,1,10,156,65).",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 tcp 21 > % P. seq 5001 ack 1007 line 229_Extended_(|1|192.168.1.10|40001|)",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp % > 40001 S seq 1",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 tcp 20 > 40001 S seq 1",
        "eth0 ipv6 2001:db8:f::7 > 2001:db8::1 tcp % > 21 S seq 1000",
        "eth0 ipv6 2001:db8:f::7 > 2001:db8::1 tcp % > 21 P. seq 1001 ack 5001 line EPRT_|2|2001:db8:f::7|40001|",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 udp % > 5060 data 494e56495445207369703a61205349502f322e300d0a5669613a20780d0a43616c6c2d49443a206f6e6540686f73740d0a0d0a",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 sctp % > 3868 init",
        "eth1 ipv4 192.168.1.10 > 203.0.113.7 sctp 13868 > % init-ack tag 7",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 udp 500 > 500 len 20",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 proto 50 len 40",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 84 S seq 1",
        "eth0 ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 85 P. seq 2 ack 1 len 1000",
        "eth1 ipv4 172.16.5.254 > 192.168.1.1 icmp 3/4 rest 1400 quote ipv4 192.168.1.1 > 172.16.5.5 df udp 40001 > 6080 nosum gue ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 85 . ack 1",
        "eth1 ipv4 172.16.5.254 > 192.168.1.1 icmp 3/4 rest 1300 quote ipv4 192.168.1.1 > 172.16.5.4 df gre ipv4 203.0.113.7 > 10.0.0.1 df tcp % > 84 . ack 1",
    ];

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Process_OfMutatedFrames_AlwaysGivesAVerdict() => Seeds.Run(12, (random, _) =>
    {
        using DirectorStage stage = Stage();
        for (int i = 0; i < 2500; i++)
        {
            (byte[] frame, int device, PacketOffload offload) = Frame(stage, random);
            bool isMutated = random.Next(4) != 0;
            if (isMutated) Mutate(ref frame, random);

            // What a link says about a frame is the kernel's word, but nonsense must not be worse than a broken frame sent.
            bool isNonsense = isMutated && random.Next(8) == 0;
            if (isNonsense) offload = RandomOffload(random);
            Feed(stage, frame, device, offload, isNonsense ? Trust.Nothing : isMutated ? Trust.IpHeader : Trust.Everything);
            if (random.Next(50) == 0) stage.AdvanceTo(stage.Elapsed + TimeSpan.FromSeconds(random.Next(70)));
        }

        // Everything it believed about connections can be given back.
        stage.AdvanceTo(stage.Elapsed + TimeSpan.FromSeconds(1000));
        stage.ListConnections().ShouldBeEmpty();
        stage.Engine.ListServices().SelectMany(s => s.Destinations).ShouldAllBe(d => d.ActiveConnections == 0 && d.InactiveConnections == 0);
    });

    [Fact]
    public void Process_OfEveryTruncation_AlwaysGivesAVerdict()
    {
        using DirectorStage stage = Stage();
        foreach (string seed in s_seeds)
        {
            (byte[] frame, int device, PacketOffload offload) = Build(stage, seed, 40000);
            for (int length = 0; length <= Math.Min(frame.Length, 200); length++) Feed(stage, frame[..length], device, offload, Trust.IpHeader);
        }
    }

    private static DirectorStage Stage()
    {
        var stage = new DirectorStage(File.ReadAllText(Path.Combine(GoldenTests.Folder(), "standard.network")));
        foreach (string rule in s_rules) stage.ExecuteRule(rule);
        return stage;
    }

    private static (byte[] Frame, int Device, PacketOffload Offload) Frame(DirectorStage stage, Random random) =>
        Build(stage, s_seeds[random.Next(s_seeds.Length)], 40000 + random.Next(8));

    private static (byte[] Frame, int Device, PacketOffload Offload) Build(DirectorStage stage, string seed, int port)
    {
        string[] words = seed.Replace("%", port.ToString(), StringComparison.Ordinal).Split(' ', 2);
        int device = stage.Batch.FindInterface(words[0]);
        PacketLine line = PacketLine.Parse(words[1]);
        return (line.Build(new MacAddress(0x0200_0000_0001), stage.Network.FindInterface(device)!.Mac), device, line.Offload);
    }

    private static void Mutate(ref byte[] frame, Random random)
    {
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(4) == 0 ? random.Next(frame.Length) : random.Next(12, Math.Min(frame.Length, 90));
            frame[at] = random.Next(3) switch
            {
                0 => (byte)(frame[at] ^ (1 << random.Next(8))),
                1 => (byte)random.Next(256),
                _ => (byte)(random.Next(2) * 255),
            };
        }

        if (random.Next(4) == 0) frame = frame[..random.Next(frame.Length + 1)];

        // A mutated IPv4 header mostly dies of its checksum: half of them get a right one again.
        if (random.Next(2) == 0 || frame.Length < 34 || frame[12] != 8 || frame[13] != 0) return;
        int header = (frame[14] & 15) * 4;
        if (header < 20 || frame.Length < 14 + header) return;
        frame[24] = frame[25] = 0;
        int sum = SlowChecksum.Sum(frame.AsSpan(14, header)) ^ 0xFFFF;
        (frame[24], frame[25]) = ((byte)(sum >> 8), (byte)(sum & 255));
    }

    private static PacketOffload RandomOffload(Random random) => new()
    {
        NeedsChecksum = random.Next(2) == 0,
        Gso = (GsoKind)((int[])[0, 1, 4, 5, 77])[random.Next(5)],
        GsoSize = (ushort)random.Next(3000),
        HeaderLength = (ushort)random.Next(200),
        ChecksumStart = (ushort)random.Next(100),
        ChecksumOffset = (ushort)random.Next(40),
    };

    private static void Feed(DirectorStage stage, byte[] frame, int device, PacketOffload offload, Trust trust)
    {
        string Case() => $"{PacketDescriber.Describe(frame)}\n{Convert.ToHexStringLower(frame)}\n" +
            $"offload {offload.NeedsChecksum} {offload.ChecksumStart}+{offload.ChecksumOffset} {offload.Gso} {offload.GsoSize}";
        try
        {
            IReadOnlyList<Outcome> outcomes = stage.Process(frame, device, offload, out DropReason reason);
            if (outcomes.Count == 0) reason.ShouldNotBe(DropReason.None);
            foreach (Outcome outcome in outcomes.Where(o => o.Keyword != "stack")) CheckSent(outcome, trust);
        }
        catch (Exception e)
        {
            throw new PacketFaultException($"{e.GetType().Name}: {e.Message}\n{Case()}\n{e.StackTrace}");
        }
    }

    // Lengths and the IP header are the director's to get right whatever came in; the rest only if it was right.
    private static void CheckSent(Outcome outcome, Trust trust)
    {
        if (trust == Trust.Nothing) return;
        IReadOnlyList<string> faults = PacketChecker.FindFaults(outcome.Frame, outcome.Offload);
        if (trust == Trust.IpHeader) faults = [.. faults.Where(f => f == "bad IPv4 header checksum")];
        faults.ShouldBeEmpty(PacketDescriber.Describe(outcome.Frame));
        PacketShape.TryParse(outcome.Frame, out PacketShape shape).ShouldBeTrue($"sent: {shape.Error} {PacketDescriber.Describe(outcome.Frame)}");
        shape.FrameLength.ShouldBe(outcome.Frame.Length);
    }

    /// <summary>What of a frame was right when it came in, so that it must be right when it goes out.</summary>
    private enum Trust
    {
        Nothing,
        IpHeader,
        Everything,
    }
}
