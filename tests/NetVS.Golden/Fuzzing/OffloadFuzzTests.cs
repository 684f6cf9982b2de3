using System.Buffers.Binary;
using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Golden.Running;
using NetVS.Packets;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Golden.Fuzzing;

/// <summary>
/// Two directors, one with the fast path's twin in front, get the same traffic, rules, routes and settings in random order: what they send, count,
/// refuse and list is the same.
/// </summary>
public sealed class OffloadFuzzTests(KernelTwin kernel) : IClassFixture<KernelTwin>
{
    private static readonly string[] s_rules =
    [
        "-A -t 10.0.0.1:80 -s rr", "-a -t 10.0.0.1:80 -r 192.168.1.10:8080 -m", "-a -t 10.0.0.1:80 -r 192.168.1.11:8080 -m",
        "-A -t 10.0.0.1:81 -s rr", "-a -t 10.0.0.1:81 -r 192.168.1.10:81 -g", "-a -t 10.0.0.1:81 -r 192.168.1.11:81 -g",
        "-A -t 10.0.0.1:82 -s rr", "-a -t 10.0.0.1:82 -r 172.16.5.2:82 -i",
        "-A -t 10.0.0.1:83 -s rr", "-P -t 10.0.0.1:83 -z 192.168.1.1", "-a -t 10.0.0.1:83 -r 172.16.5.2:8080 -b",
        "-A -u 10.0.0.1:53 -s rr", "-a -u 10.0.0.1:53 -r 192.168.1.10:5353 -m",
        "-A -u 10.0.0.1:54 -s rr", "-a -u 10.0.0.1:54 -r 172.16.5.2:54 -i",
        "-A -t [2001:db8::1]:80 -s rr", "-a -t [2001:db8::1]:80 -r [2001:db8:1::10]:8080 -m",
        "-A -t [2001:db8::1]:82 -s rr", "-a -t [2001:db8::1]:82 -r [2001:db8:5::2]:82 -i",
        "-A -t [2001:db8::1]:83 -s rr", "-P -t [2001:db8::1]:83 -z 2001:db8:1::1", "-a -t [2001:db8::1]:83 -r [2001:db8:5::2]:83 -b",
        "-A -u [2001:db8::1]:53 -s rr", "-a -u [2001:db8::1]:53 -r [2001:db8:1::10]:5353 -m",
    ];

    // Each is undone by its partner, so that a run does not end with everything broken.
    private static readonly (string Do, string Undo)[] s_changes =
    [
        ("rule -d -t 10.0.0.1:80 -r 192.168.1.11:8080", "rule -a -t 10.0.0.1:80 -r 192.168.1.11:8080 -m"),
        ("rule -e -t 10.0.0.1:80 -r 192.168.1.10:8080 -m -w 0", "rule -e -t 10.0.0.1:80 -r 192.168.1.10:8080 -m -w 1"),
        ("rule -d -t 10.0.0.1:83 -r 172.16.5.2:8080", "rule -a -t 10.0.0.1:83 -r 172.16.5.2:8080 -b"),
        ("rule --set 400 60 200", "rule --set 900 120 300"),
        ("set secure_tcp 3", "set secure_tcp 0"),
        ("set pmtu_disc 0", "set pmtu_disc 1"),
        ("set conn_reuse_mode 0", "set conn_reuse_mode 1"),
        ("set expire_nodest_conn 1", "set expire_nodest_conn 0"),
        ("net neigh replace 192.168.1.10 lladdr 02:00:00:00:00:77 dev eth1", "net neigh replace 192.168.1.10 lladdr 02:00:00:00:00:10 dev eth1"),
        ("net neigh del 192.168.1.254 dev eth1", "net neigh replace 192.168.1.254 lladdr 02:00:00:00:01:fe dev eth1"),
        ("net route add 172.16.5.0/24 via 192.168.1.12 dev eth1", "net route del 172.16.5.0/24 via 192.168.1.12 dev eth1"),
        ("net route add 203.0.113.0/24 via 10.0.0.50 dev eth0 mtu 1400", "net route del 203.0.113.0/24 via 10.0.0.50 dev eth0"),
    ];

    private sealed class Peer
    {
        public required int Port;
        public required int Service;
        public required bool IsV6;
        public required bool IsUdp;
        public uint Sequence;
        public uint Acknowledged;
        public uint Real;
        public IpEndpoint ReplyFrom;
        public IpEndpoint ReplyTo;
        public uint Delta;
        public bool IsKnown;
        public bool CanReply;

        public string Client => IsV6 ? $"[2001:db8:f::7]:{Port}" : $"203.0.113.7:{Port}";

        public string Virtual => IsV6 ? $"[2001:db8::1]:{Service}" : $"10.0.0.1:{Service}";

        public bool HasReplies => Service is 80 or 83 or 53;
    }

    [Theory]
    [Trait("Kind", "Fuzz")]
    [InlineData(1024)]
    [InlineData(4)]
    public void AnyTraffic_WithTheFastPathInFront_GivesTheSame(int buckets)
    {
        // One of the seeds runs through the program itself, too: that takes ten seconds.
        KernelTwin? program = buckets == KernelTwin.Buckets && Environment.IsPrivilegedProcess ? kernel : null;
        Seeds.Run(6, (random, seed) =>
        {
            Play(random, seed, buckets, program);
            program = null;
        });
    }

    private static void Play(Random random, int seed, int buckets, KernelTwin? program)
    {
        string network = File.ReadAllText(Path.Combine(GoldenTests.Folder(), "standard.network"));
        using var plain = new DirectorStage(network);
        using var fast = new DirectorStage(network, isOffloaded: true, buckets, program);
        DirectorStage[] both = [plain, fast];
        foreach (string rule in s_rules) Both(both, s => s.ExecuteRule(rule));
        List<Peer> peers = [];
        var undo = new Dictionary<int, string>();
        var log = new List<string>();
        try
        {
            for (int step = 0; step < 1500; step++)
            {
                int kind = random.Next(100);
                if (kind < 88)
                {
                    Peer peer = peers.Count < 40 || random.Next(20) == 0 ? AddPeer(peers, random) : peers[random.Next(peers.Count)];
                    bool isReply = peer.CanReply && random.Next(2) == 0;
                    PacketBuilder packet = isReply ? Reply(peer, random) : Request(peer, random);
                    log.Add($"{plain.Elapsed.TotalSeconds:F2} {(isReply ? "reply" : "request")} {PacketDescriber.Describe(packet.Build())}");
                    Exchange(plain, fast, peer, packet, isReply);
                }
                else if (kind < 94)
                {
                    int change = random.Next(s_changes.Length);
                    string line = undo.Remove(change, out string? back) ? back : s_changes[change].Do;
                    if (back is null) undo.Add(change, s_changes[change].Undo);
                    log.Add($"{plain.Elapsed.TotalSeconds:F2} {line}");
                    Change(both, line);
                }
                else
                {
                    TimeSpan pause = TimeSpan.FromSeconds(random.Next(10) == 0 ? random.Next(1, 200) : random.Next(1, 8) * 0.25);
                    log.Add($"{plain.Elapsed.TotalSeconds:F2} wait {pause.TotalSeconds}");
                    Pass(both, pause);
                    CompareTables(plain, fast);
                }
            }

            CompareTables(plain, fast);
            Pass(both, TimeSpan.FromSeconds(4));
            Statistics(fast).ShouldBe(Statistics(plain));
            Assert.True(fast.Forwarded > (buckets < 16 ? 20 : 100), $"the twin forwarded {fast.Forwarded} frames only");
            TestContext.Current.SendDiagnosticMessage($"{seed}: {fast.Forwarded} frames forwarded by the twin");

            // What it took it gives back.
            Pass(both, TimeSpan.FromSeconds(1200));
            fast.ListConnections().ShouldBeEmpty();
            (fast.Engine.Offload!.Status.LinesV4, fast.Engine.Offload.Status.LinesV6).ShouldBe((0, 0));
        }
        catch (Exception e)
        {
            throw new PacketFaultException($"{e.GetType().Name} {e.Message}\n{string.Join("\n", log.TakeLast(40))}\n{e.StackTrace}");
        }
    }

    private static Peer AddPeer(List<Peer> peers, Random random)
    {
        int[] services = [80, 80, 81, 82, 83, 53, 54];
        int service = services[random.Next(services.Length)];
        bool isV6 = service is not (81 or 54) && random.Next(3) == 0;
        var peer = new Peer { Port = 30000 + peers.Count, Service = service, IsV6 = isV6, IsUdp = service is 53 or 54, Sequence = (uint)random.Next(1, 1 << 30) };
        peers.Add(peer);
        return peer;
    }

    private static PacketBuilder Request(Peer peer, Random random)
    {
        int length = random.Next(12) switch { 0 => 1500, 1 => 1420, < 6 => random.Next(200), _ => 0 };
        byte ttl = random.Next(40) == 0 ? (byte)1 : (byte)64;
        if (peer.IsUdp) return PacketBuilder.Udp(peer.Client, peer.Virtual).Payload(Math.Min(length, 1400)).Ttl(ttl).DontFragment(random.Next(2) == 0);
        TcpFlagsOf(random, isFirst: !peer.IsKnown, out Packets.Headers.TcpFlags flags);
        PacketBuilder packet = PacketBuilder.Tcp(peer.Client, peer.Virtual, flags).Seq(peer.Sequence).Ttl(ttl).DontFragment(random.Next(4) != 0);
        if ((flags & Packets.Headers.TcpFlags.Syn) != 0) return packet.Mss(1460).SackPermitted();

        // A client's acknowledgments only grow.
        if (random.Next(3) != 0) peer.Acknowledged = peer.Real;
        packet.Ack(peer.Acknowledged);
        if (random.Next(6) == 0) packet.Nop().Nop().Timestamps(5, 6);
        else if (random.Next(30) == 0) packet.Nop().Nop().SackPermitted();
        peer.Sequence = unchecked(peer.Sequence + (uint)length);
        return packet.Payload(length);
    }

    private static PacketBuilder Reply(Peer peer, Random random)
    {
        int length = random.Next(12) switch { 0 => 1500, < 6 => random.Next(200), _ => 0 };
        byte ttl = random.Next(40) == 0 ? (byte)1 : (byte)64;
        if (peer.IsUdp) return PacketBuilder.Udp(peer.ReplyFrom, peer.ReplyTo).Payload(Math.Min(length, 1400)).Ttl(ttl).DontFragment(random.Next(2) == 0);
        TcpFlagsOf(random, isFirst: peer.Real == 0, out Packets.Headers.TcpFlags flags);
        PacketBuilder packet = PacketBuilder.Tcp(peer.ReplyFrom, peer.ReplyTo, flags).Ttl(ttl).DontFragment(random.Next(4) != 0)
            .Ack(unchecked(peer.Sequence + peer.Delta));
        if ((flags & Packets.Headers.TcpFlags.Syn) != 0)
        {
            peer.Real = (uint)random.Next(1, 1 << 30);
            packet.Seq(peer.Real).Mss(1460);
            peer.Real = peer.Acknowledged = unchecked(peer.Real + 1);
            return packet;
        }

        packet.Seq(peer.Real);
        if (random.Next(6) == 0) packet.Nop().Nop().Timestamps(5, 6);
        peer.Real = unchecked(peer.Real + (uint)length);
        return packet.Payload(length);
    }

    private static void TcpFlagsOf(Random random, bool isFirst, out Packets.Headers.TcpFlags flags) => flags = isFirst
        ? Packets.Headers.TcpFlags.Syn
        : random.Next(30) switch
        {
            0 => Packets.Headers.TcpFlags.Syn,
            1 => Packets.Headers.TcpFlags.Rst,
            2 or 3 => Packets.Headers.TcpFlags.Fin | Packets.Headers.TcpFlags.Ack,
            4 => Packets.Headers.TcpFlags.Psh | Packets.Headers.TcpFlags.Ack,
            _ => Packets.Headers.TcpFlags.Ack,
        };

    private static void Exchange(DirectorStage plain, DirectorStage fast, Peer peer, PacketBuilder packet, bool isReply)
    {
        string device = isReply ? "eth1" : "eth0";
        int index = plain.Batch.FindInterface(device);
        byte[] frame = packet.Macs(new MacAddress(0x0200_0000_0001), plain.Network.FindInterface(index)!.Mac).Build();
        IReadOnlyList<Outcome> expected = plain.Process(frame, index, default, out DropReason expectedReason);
        IReadOnlyList<Outcome> actual = fast.Process(frame, index, default, out DropReason reason);
        reason.ShouldBe(expectedReason, PacketDescriber.Describe(frame));
        string.Join("\n", actual.Select(Describe)).ShouldBe(string.Join("\n", expected.Select(Describe)), PacketDescriber.Describe(frame));
        if (isReply || expected.Count != 1 || expected[0].Keyword is not ("out" or "await")) return;
        Learn(peer, expected[0].Frame, (packet.Build()[14] >> 4) == 6);
    }

    // Where the real server's replies must come from and go to, and by how much FULLNAT shifts sequence numbers.
    private static void Learn(Peer peer, byte[] sent, bool isV6)
    {
        peer.IsKnown = true;
        if (!peer.HasReplies || !PacketShape(sent, out Packets.Headers.PacketShape shape) || shape.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp)) return;
        int addresses = shape.IpOffset + (isV6 ? 8 : 12), size = isV6 ? 16 : 4;
        IpAddress source = Address(sent.AsSpan(addresses, size)), target = Address(sent.AsSpan(addresses + size, size));
        peer.ReplyFrom = new IpEndpoint(target, BinaryPrimitives.ReadUInt16BigEndian(sent.AsSpan(shape.L4Offset + 2)));
        peer.ReplyTo = new IpEndpoint(source, BinaryPrimitives.ReadUInt16BigEndian(sent.AsSpan(shape.L4Offset)));
        peer.CanReply = true;
        if (shape.Protocol == IpProtocol.Tcp && (sent[shape.L4Offset + 13] & 2) != 0)
            peer.Delta = unchecked(BinaryPrimitives.ReadUInt32BigEndian(sent.AsSpan(shape.L4Offset + 4)) - peer.Sequence);
    }

    private static bool PacketShape(byte[] frame, out Packets.Headers.PacketShape shape) => Packets.Headers.PacketShape.TryParse(frame, out shape);

    private static IpAddress Address(ReadOnlySpan<byte> octets) => octets.Length == 4 ? Ipv4Address.Read(octets) : Ipv6Address.Read(octets);

    private static void Change(DirectorStage[] both, string line)
    {
        string[] words = line.Split(' ', 2);
        switch (words[0])
        {
            case "rule": Both(both, s => s.ExecuteRule(words[1])); break;
            case "set": Both(both, s => s.Set(words[1].Split(' ')[0], words[1].Split(' ')[1])); break;
            default: Both(both, s => s.ExecuteNetwork([words[1]])); break;
        }
    }

    private static void Both(DirectorStage[] both, Action<DirectorStage> action)
    {
        foreach (DirectorStage stage in both)
        {
            action(stage);
            stage.AdvanceWorker();
        }
    }

    // The flow table's tick makes a connection live up to a quarter of a second longer: no packet is to come just then.
    private static void Pass(DirectorStage[] both, TimeSpan span)
    {
        do
        {
            foreach (DirectorStage stage in both) stage.AdvanceTo(stage.Elapsed + span);
            span = TimeSpan.FromSeconds(0.5);
        }
        while (both.Any(s => s.ListConnections().Any(c => c.ExpiresIn < TimeSpan.FromSeconds(0.75))));
    }

    private static void CompareTables(DirectorStage plain, DirectorStage fast)
    {
        Table(fast).Keys.Order(StringComparer.Ordinal).ShouldBe(Table(plain).Keys.Order(StringComparer.Ordinal));
        Dictionary<string, double> times = Table(fast);
        foreach ((string connection, double left) in Table(plain)) times[connection].ShouldBeInRange(left - 0.001, left + 0.27, connection);
        fast.Settle();
        Servers(fast).ShouldBe(Servers(plain));
    }

    private static Dictionary<string, double> Table(DirectorStage stage) =>
        stage.ListConnections().ToDictionary(
            c => $"{c.Protocol} {c.Client} {c.Virtual} {c.Local} {c.Real} {c.Method} {c.State} {c.IsActive}", c => c.ExpiresIn.TotalSeconds);

    private static string Servers(DirectorStage stage) => string.Join("\n", stage.Engine.ListServices().SelectMany(s => s.Destinations.Select(
        d => $"{s.Rule.Key} {d.Rule.Real} {d.ActiveConnections} {d.InactiveConnections}")).Order(StringComparer.Ordinal));

    private static string Statistics(DirectorStage stage) => stage.Engine.Totals + "\n" + string.Join("\n", stage.Engine.ListServices()
        .SelectMany(s => s.Destinations.Select(d => $"{s.Rule.Key} {s.Statistics} {d.Rule.Real} {d.Statistics}")).Order(StringComparer.Ordinal));

    private static string Describe(Outcome outcome)
    {
        // The identification of a packet of the director's own (a tunnel's, an ICMP error) is anybody's.
        byte[] frame = [.. outcome.Frame];
        if (frame[12] == 8 && frame[13] == 0 && frame[23] is 1 or 4) frame[18] = frame[19] = frame[24] = frame[25] = 0;
        return $"{outcome.Keyword} {outcome.Interface} {Convert.ToHexStringLower(frame)} {outcome.Offload.Gso} {outcome.Offload.NeedsChecksum}";
    }
}
