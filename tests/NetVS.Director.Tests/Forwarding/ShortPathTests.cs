using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Whatever comes, announced or not, the short way does what the long way does.</summary>
public sealed class ShortPathTests
{
    private const string MoreNetwork = """
        addr add 10.1.0.2/24 dev b0
        addr add 2001:db8:b::2/64 dev b0
        link add link b0 name b0.200 type vlan id 200
        link set dev b0.200 up
        addr add 10.2.0.1/24 dev b0.200
        neigh replace 10.2.0.10 lladdr 02:00:00:00:02:10 dev b0.200
        """;

    private const TcpFlags SynAck = TcpFlags.Syn | TcpFlags.Ack, PshAck = TcpFlags.Psh | TcpFlags.Ack, FinAck = TcpFlags.Fin | TcpFlags.Ack;

    // What most segments are, and then everything else.
    private static readonly TcpFlags[] s_flags =
        [TcpFlags.Ack, TcpFlags.Ack, TcpFlags.Ack, PshAck, PshAck, PshAck, TcpFlags.Syn, SynAck, FinAck, TcpFlags.Rst, TcpFlags.Fin, TcpFlags.None, TcpFlags.Syn | TcpFlags.Fin, TcpFlags.Ack | TcpFlags.Ece];

    private static readonly (IpProtocol Protocol, string End, ForwardingMethod Method, ServiceFlags Flags, string[] Reals)[] s_services =
    [
        (IpProtocol.Tcp, "192.0.2.1:80", ForwardingMethod.Nat, 0, ["10.1.0.10:8080", "10.1.0.11:80", "10.1.0.99:80", "198.51.100.1:80", "172.16.0.1:80", "10.2.0.10:80"]),
        (IpProtocol.Tcp, "192.0.2.1:81", ForwardingMethod.DirectRouting, 0, ["10.1.0.10:81", "10.1.0.11:81"]),
        (IpProtocol.Tcp, "192.0.2.1:82", ForwardingMethod.Tunnel, 0, ["10.1.0.10:82"]),
        (IpProtocol.Tcp, "192.0.2.1:83", ForwardingMethod.FullNat, 0, ["10.1.0.10:83"]),
        (IpProtocol.Tcp, "192.0.2.1:21", ForwardingMethod.Nat, 0, ["10.1.0.10:21"]),
        (IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, 0, ["10.1.0.10:5353", "10.1.0.11:53"]),
        (IpProtocol.Udp, "192.0.2.1:54", ForwardingMethod.Nat, ServiceFlags.OnePacket, ["10.1.0.10:54", "10.1.0.11:54"]),
        (IpProtocol.Udp, "192.0.2.1:55", ForwardingMethod.Nat, ServiceFlags.Persistent, ["10.1.0.10:54", "10.1.0.11:54"]),
        (IpProtocol.Udp, "192.0.2.1:56", ForwardingMethod.DirectRouting, 0, ["10.1.0.10:54", "10.1.0.11:54"]),
        (IpProtocol.Tcp, "[2001:db8::80]:80", ForwardingMethod.Nat, 0, ["[2001:db8:b::10]:8080", "[2001:db8:b::11]:80"]),
        (IpProtocol.Tcp, "[2001:db8::80]:81", ForwardingMethod.DirectRouting, 0, ["[2001:db8:b::10]:81"]),
        (IpProtocol.Udp, "[2001:db8::80]:53", ForwardingMethod.Nat, 0, ["[2001:db8:b::10]:5353"]),
        (IpProtocol.Tcp, "[2001:db8::80]:83", ForwardingMethod.FullNat, 0, ["[2001:db8:b::10]:83"]),
    ];

    // Alone on its address, which is a virtual one only while there is the service.
    private static readonly (IpProtocol Protocol, string End, ForwardingMethod Method, ServiceFlags Flags, string[] Reals) s_visitor =
        (IpProtocol.Tcp, "192.0.2.9:80", ForwardingMethod.Nat, 0, ["10.1.0.10:8009"]);

    private static readonly (string Name, string Value, string Back)[] s_settings =
    [
        ("secure_tcp", "3", "0"), ("icmp_seq_window", "64", "0"), ("expire_nodest_conn", "1", "0"), ("conn_reuse_mode", "0", "1"), ("nat_icmp_send", "1", "0"),
    ];

    private static readonly ConnectionFlags[] s_flagsOfOthers = [ConnectionFlags.Learned, ConnectionFlags.NoOutput, ConnectionFlags.Probed];

    private static readonly string[] s_network =
    [
        "neigh replace 10.1.0.10 lladdr 02:00:00:00:00:77 dev b0", "neigh replace 10.1.0.10 lladdr 02:00:00:00:00:10 dev b0",
        "neigh del 10.1.0.11 dev b0", "neigh replace 10.1.0.11 lladdr 02:00:00:00:00:11 dev b0",
        "link set dev b0 mtu 1400", "link set dev b0 mtu 1500",
        "link set dev b0 down", "link set dev b0 up",
        "link set dev f0 address 02:00:00:00:00:f1", "link set dev f0 address 02:00:00:00:00:f0",
        "route replace blackhole 10.1.0.11/32", "route del 10.1.0.11/32",
    ];

    private sealed record Shot(byte[] Frame, string Device, PacketOffload Offload);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnyTraffic_GivesTheSameByEitherWay(bool hasFlows)
    {
        int packets = 0, shortOnes = 0;
        Seeds.Run(30, (random, _) =>
        {
            using var pair = new PathPair(MoreNetwork, hasFlows);
            packets += Play(random, pair);
            shortOnes += pair.ShortCount;
        });

        // One seed alone says little about it, and only Debug builds count.
        if (packets > 10_000 && PathPair.CountsShort) shortOnes.ShouldBeGreaterThan(packets / (hasFlows ? 300 : 20));
    }

#if DEBUG
    [Fact]
    public void AnEstablishedConnection_TakesTheShortWay()
    {
        using DirectorRig rig = new DirectorRig()
            .Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080")
            .Service("[2001:db8::80]:81", ForwardingMethod.DirectRouting, "[2001:db8:b::10]:81");
        PacketBuilder Request(TcpFlags flags) => PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", flags).Payload(10);
        PacketBuilder Reply(TcpFlags flags) => PacketBuilder.Tcp("10.1.0.10:8080", "203.0.113.7:40000", flags).Payload(10);
        PacketBuilder Request6(TcpFlags flags) => PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:81", flags).Payload(10);
        rig.FromClient(Request(TcpFlags.Syn));
        rig.FromReal(Reply(SynAck));
        rig.FromClient(Request(TcpFlags.Ack));
        rig.FromReal(Reply(TcpFlags.Ack));
        rig.FromClient(Request6(TcpFlags.Syn));
        rig.FromClient(Request6(TcpFlags.Ack));
        int before = rig.Worker.V4.ShortCount, before6 = rig.Worker.V6.ShortCount;

        rig.FromClient(Request(PshAck));
        rig.FromReal(Reply(PshAck));
        rig.FromClient(Request6(TcpFlags.Ack));

        (rig.Worker.V4.ShortCount - before, rig.Worker.V6.ShortCount - before6).ShouldBe((2, 1));
        rig.FromClient(Request(FinAck));
        (rig.Worker.V4.ShortCount - before).ShouldBe(2, "a segment that moves the state goes the long way");
    }
#endif

    [Theory]
    [InlineData("203.0.113.7:40000", "192.0.2.1:80", false)]
    [InlineData("203.0.113.7:40000", "192.0.2.1:53", true)]
    [InlineData("[2001:db8:f::7]:40000", "[2001:db8::80]:80", false)]
    [InlineData("[2001:db8:f::7]:40000", "[2001:db8::80]:53", true)]
    public void AFrameThatIsNotAsItWasAnnounced_IsReadAnew(string client, string virtualEnd, bool isUdp)
    {
        using var pair = new PathPair(MoreNetwork, hasFlows: false);
        foreach (var service in s_services) pair.Both(rig => Add(rig, service));
        pair.Process(Build(TcpFlags.Syn), "f0", default);
        pair.Process(Build(TcpFlags.Ack), "f0", default);
        byte[] frame = Build(TcpFlags.Ack);
        for (int i = 0; i < frame.Length; i++)
        {
            foreach (byte change in new byte[] { 1, 0x80 })
            {
                byte[] other = [.. frame];
                other[i] ^= change;
                pair.Announce(frame);
                pair.Process(other, "f0", default);
            }
        }

        pair.Announce(frame);
        pair.Process(frame, "f0", default);
        pair.Announce([.. frame, 0]);
        pair.Process(frame, "f0", default);
        pair.CompareStates();

        byte[] Build(TcpFlags flags) =>
            (isUdp ? PacketBuilder.Udp(client, virtualEnd) : PacketBuilder.Tcp(client, virtualEnd, flags)).Macs(Router, F0).Build();
    }

    [Fact]
    public void AnEstablishedConnection_ChangesNoStateWithAnAcknowledgment()
    {
        foreach (bool secure in new[] { false, true })
        {
            foreach (PacketDirection direction in Enum.GetValues<PacketDirection>())
            {
                for (int flags = 0; flags < 256; flags++)
                {
                    for (var state = TcpState.None; (int)state < TcpStateMachine.StateCount; state++)
                    {
                        if (TcpStateMachine.IsSteady(state, (byte)flags)) TcpStateMachine.Next(secure, direction, TcpStateMachine.EventOf((byte)flags), state).ShouldBe(state);
                    }
                }
            }
        }

        TcpStateMachine.IsSteady(TcpState.Established, (byte)PshAck).ShouldBeTrue();
    }

    private static int Play(Random random, PathPair pair)
    {
        int packets = 0;
        foreach (var service in s_services) pair.Both(rig => Add(rig, service));
        for (int step = 0; step < 400; step++)
        {
            IReadOnlyList<ConnectionView> connections = pair.ListConnections();
            List<Shot> shots = [.. Enumerable.Range(0, random.Next(1, 14)).Select(_ => Any(random, connections))];
            foreach (Shot shot in shots)
                if (random.Next(8) != 0) pair.Announce(random.Next(30) == 0 ? default : shot.Frame);
            if (random.Next(3) == 0) pair.Announce(default);
            foreach (Shot shot in shots)
            {
                if (random.Next(40) == 0)
                {
                    Change(random, pair);
                    pair.Both(rig => rig.Settle());
                }

                if (random.Next(10) != 0) pair.Process(shot.Frame, shot.Device, shot.Offload);
                packets++;
            }

            if (step % 10 == 0) pair.CompareStates();
        }

        pair.CompareStates();
        return packets;
    }

    private static void Add(DirectorRig rig, (IpProtocol Protocol, string End, ForwardingMethod Method, ServiceFlags Flags, string[] Reals) service)
    {
        ServiceKey key = Key(service.Protocol, service.End);
        var rule = new VirtualServiceRule
        {
            Key = key, Scheduler = "rr", NetmaskPrefix = key.Family == IpFamily.V6 ? 128u : 32u, Flags = service.Flags,
            PersistenceTimeout = (service.Flags & ServiceFlags.Persistent) != 0 ? 300u : 0,
        };
        rig.Engine.AddService(rule).ShouldBe(RuleResult.Ok);
        foreach (string real in service.Reals)
            rig.Engine.AddDestination(key, new DestinationRule { Real = Endpoints.Parse(real), Method = service.Method }).ShouldBe(RuleResult.Ok);
        if (service.Method == ForwardingMethod.FullNat) rig.Engine.AddLocalAddress(key, IpAddress.Parse(key.Family == IpFamily.V6 ? "2001:db8:b::2" : "10.1.0.2")).ShouldBe(RuleResult.Ok);
    }

    private static void Change(Random random, PathPair pair)
    {
        var service = s_services[random.Next(s_services.Length)];
        ServiceKey key = Key(service.Protocol, service.End);
        IpEndpoint real = Endpoints.Parse(service.Reals[random.Next(service.Reals.Length)]);
        (string name, string value, string back) = s_settings[random.Next(s_settings.Length)];
        bool on = random.Next(3) == 0;
        string line = s_network[random.Next(s_network.Length)];
        int handle = random.Next(1, 20);
        ConnectionFlags flag = s_flagsOfOthers[random.Next(s_flagsOfOthers.Length)];
        TimeSpan pause = TimeSpan.FromSeconds(random.Next(10) == 0 ? random.Next(1, 400) : random.Next(1, 20) * 0.3);
        switch (random.Next(12))
        {
            case 10 or 11:
                pair.Both(rig =>
                {
                    if (rig.Engine.DeleteService(Key(s_visitor.Protocol, s_visitor.End)) != RuleResult.Ok) Add(rig, s_visitor);
                });
                break;
            case 9:
                // What other directors and probes leave on a connection.
                pair.Both(rig =>
                {
                    ConnectionTable<Ipv4Address> table = rig.Worker.V4.Connections;
                    if (handle <= table.HighestHandle && table.IsLive(handle)) table[handle].Flags |= flag;
                });
                break;
            case 0:
                pair.Both(rig => rig.Engine.DeleteDestination(key, real));
                break;
            case 1:
                pair.Both(rig => rig.Engine.AddDestination(key, new DestinationRule { Real = real, Method = service.Method }));
                break;
            case 2 when random.Next(4) == 0:
                pair.Both(rig => rig.Engine.DeleteService(key));
                break;
            case 3:
                pair.Both(rig =>
                {
                    if (rig.Engine.FindService(key) is null) Add(rig, service);
                });
                break;
            case 4:
                pair.Both(rig => rig.Engine.Settings.TrySet(name, on ? value : back, out _).ShouldBeTrue());
                break;
            case 5:
                pair.Both(rig =>
                {
                    rig.Engine.Sync.IsBackup = on;
                    rig.Engine.Settings.TrySet("backup_only", on ? "1" : "0", out _).ShouldBeTrue();
                });
                break;
            case 6 when on:
                pair.Both(rig =>
                {
                    if (rig.Engine.Sync.Peers is null) rig.Engine.Sync.StartPeers();
                    else rig.Engine.Sync.StopPeers();
                });
                break;
            case 6:
                pair.Both(rig =>
                {
                    rig.Batch.Execute(line);
                    rig.Batch.Publish(rig.Network);
                });
                break;
            case 7:
                pair.Both(rig => rig.Engine.SetTimeouts(new DirectorTimeouts(on ? 30 : 900, on ? 5 : 120, on ? 20 : 300)));
                break;
            default:
                pair.Both(rig =>
                {
                    rig.Now += pause;
                    for (int i = 0; i < 1000 && rig.Worker.AdvanceTimers(rig.Now) <= rig.Now; i++) { }
                });
                break;
        }
    }

    private static Shot Any(Random random, IReadOnlyList<ConnectionView> connections)
    {
        bool isReply = connections.Count > 0 && random.Next(2) == 0;
        (PacketBuilder packet, bool isUdp) = isReply ? Reply(random, connections[random.Next(connections.Count)]) : Request(random);
        packet.Id((ushort)random.Next(65536)).DontFragment(random.Next(3) != 0);
        if (random.Next(15) == 0) packet.Ttl((byte)random.Next(3));
        if (random.Next(20) == 0) packet.Vlan((ushort)random.Next(3));
        if (random.Next(40) == 0) packet.IpOptions(1, 1, 1, 1);
        if (random.Next(40) == 0) packet.Fragment(random.Next(3) * 8, random.Next(2) == 0, 5);
        if (random.Next(40) == 0) packet.BadChecksum();
        if (random.Next(10) == 0) packet.PartialChecksum();
        else if (isUdp && random.Next(4) == 0) packet.NoChecksum();
        if (random.Next(20) == 0) packet.Payload(random.Next(3) * 1300).PartialChecksum().Gso(isUdp ? GsoKind.UdpL4 : GsoKind.TcpV4, (ushort)random.Next(400, 1400));
        if (random.Next(10) == 0) packet.PadEthernet();
        string device = isReply ? "b0" : "f0";
        packet.Macs(Router, random.Next(30) == 0 ? Router : isReply ? B0 : F0);
        byte[] frame = packet.Build();
        if (random.Next(20) == 0) frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
        if (random.Next(50) == 0) frame = frame[..random.Next(frame.Length + 1)];
        return new Shot(frame, random.Next(20) == 0 ? "" : device, packet.Offload());
    }

    private static (PacketBuilder Packet, bool IsUdp) Request(Random random)
    {
        var service = random.Next(5) == 0 ? s_visitor : s_services[random.Next(2) == 0 ? random.Next(s_services.Length) : random.Next(2) == 0 ? 0 : 5];
        IpEndpoint end = Endpoints.Parse(service.End);
        string client = end.Address.Family == IpFamily.V6 ? $"[2001:db8:f::{random.Next(1, 4)}]:{random.Next(1024, 1028)}" : $"203.0.113.{random.Next(1, 4)}:{random.Next(1024, 1028)}";
        return (Packet(random, service.Protocol, Endpoints.Parse(client), end), service.Protocol == IpProtocol.Udp);
    }

    private static (PacketBuilder Packet, bool IsUdp) Reply(Random random, ConnectionView connection)
    {
        IpEndpoint to = connection.Method == ForwardingMethod.FullNat ? connection.Local : connection.Client;
        IpEndpoint from = connection.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat ? connection.Real : connection.Virtual;
        if (random.Next(30) == 0) to = new IpEndpoint(to.Address, 9);
        return (Packet(random, connection.Protocol, from, to), connection.Protocol == IpProtocol.Udp);
    }

    private static PacketBuilder Packet(Random random, IpProtocol protocol, IpEndpoint from, IpEndpoint to)
    {
        int length = random.Next(6) == 0 ? random.Next(1380, 1500) : random.Next(40);
        if (protocol != IpProtocol.Tcp) return PacketBuilder.Udp(from, to).Payload(length);
        TcpFlags flags = random.Next(3) == 0 ? s_flags[random.Next(s_flags.Length)] : s_flags[random.Next(6)];
        PacketBuilder packet = PacketBuilder.Tcp(from, to, flags).Seq((uint)random.Next(1000)).AckNumber((uint)random.Next(1000));
        if (random.Next(3) == 0) packet.Nop().Nop().Timestamps(1, 2);
        return to.Port == 21 ? packet.Payload("PASV\r\n")
            : from.Port == 21 ? packet.Payload("227 Entering Passive Mode (10,1,0,10,200,1).\r\n")
            : packet.Payload(length);
    }
}
