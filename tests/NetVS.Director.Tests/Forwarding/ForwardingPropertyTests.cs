using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Seeded random traffic: what goes in comes out right, and what comes back is the client's own.</summary>
public sealed class ForwardingPropertyTests
{
    private static readonly ForwardingMethod[] s_methods = [ForwardingMethod.Nat, ForwardingMethod.FullNat];

    [Fact]
    public void OutboundOfInbound_RestoresTheClientsTuple() => Seeds.Run(100, (random, _) =>
    {
        bool isV6 = random.Next(2) == 0;
        ForwardingMethod method = s_methods[random.Next(2)];
        IpProtocol protocol = random.Next(2) == 0 ? IpProtocol.Tcp : IpProtocol.Udp;
        string vip = isV6 ? $"[{Vip6}]:80" : $"{Vip}:80";
        using DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0\naddr add 2001:db8:b::2/64 dev b0")
            .Service(protocol, vip, method, isV6 ? "[2001:db8:b::10]:8080" : "10.1.0.10:8080");
        if (method == ForwardingMethod.FullNat) rig.Engine.AddLocalAddress(Key(protocol, vip), IpAddress.Parse(isV6 ? "2001:db8:b::2" : "10.1.0.2"));

        for (int flow = 0; flow < 10; flow++)
        {
            IpAddress client = isV6
                ? new Ipv6Address(0x2001_0DB8_000F_0000, (ulong)random.NextInt64())
                : new Ipv4Address(0xCB00_7100u + (uint)random.Next(1, 255));
            var clientEnd = new IpEndpoint(client, (ushort)random.Next(1024, 65536));
            Walk(rig, random, protocol, clientEnd, Endpoints.Parse(vip));
        }
    });

    [Fact]
    public void MutatedFrames_AlwaysGetAVerdict() => Seeds.Run(60, (random, _) =>
    {
        using DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0")
            .Service("192.0.2.1:80", ForwardingMethod.FullNat, "10.1.0.10:80")
            .Service("192.0.2.1:81", ForwardingMethod.Tunnel, "10.1.0.10:81")
            .Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, "10.1.0.10:53")
            .Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:80");
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "192.0.2.1:80"), IpAddress.Parse("10.1.0.2"));
        rig.VerifiesFrames = false;
        for (int i = 0; i < 200; i++)
        {
            byte[] frame = Any(random);
            for (int change = random.Next(4); change > 0; change--) frame[random.Next(frame.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) frame = frame[..random.Next(frame.Length + 1)];
            var offload = default(PacketOffload);
            if (random.Next(4) == 0)
            {
                offload = new PacketOffload
                {
                    NeedsChecksum = random.Next(2) == 0,
                    ChecksumStart = (ushort)random.Next(random.Next(2) == 0 ? 60 : 65536),
                    ChecksumOffset = (ushort)random.Next(random.Next(2) == 0 ? 20 : 65536),
                    Gso = (GsoKind)random.Next(6),
                    GsoSize = (ushort)random.Next(3000),
                };
            }

            rig.Process(frame, rig.InterfaceOf(random.Next(2) == 0 ? "f0" : "b0"), offload);
            rig.Now += TimeSpan.FromMilliseconds(random.Next(1000));
            if (random.Next(10) == 0) rig.Worker.AdvanceTimers(rig.Now);
        }
    });

    private static void Walk(DirectorRig rig, Random random, IpProtocol protocol, IpEndpoint client, IpEndpoint virtualEnd)
    {
        for (int i = 0; i < 6; i++)
        {
            TcpFlags flags = i == 0 ? TcpFlags.Syn : TcpFlags.Psh;
            Sent request = rig.FromClient(Shaped(random, protocol, client, virtualEnd, flags, i));
            request.Verdict.ShouldBe(Verdict.Transmit, request.Reason.ToString());
            PacketShape.TryParse(request.Frame, out PacketShape shape).ShouldBeTrue();
            (IpEndpoint source, IpEndpoint real) = EndsOf(request.Frame, in shape);
            real.Port.ShouldBe((ushort)8080);

            Sent reply = rig.FromReal(Shaped(random, protocol, real, source, flags, 1));
            reply.Verdict.ShouldBe(Verdict.Transmit, reply.Reason.ToString());
            PacketShape.TryParse(reply.Frame, out PacketShape back).ShouldBeTrue();
            EndsOf(reply.Frame, in back).ShouldBe((virtualEnd, client));
        }
    }

    private static PacketBuilder Shaped(Random random, IpProtocol protocol, IpEndpoint from, IpEndpoint to, TcpFlags flags, int acks)
    {
        PacketBuilder packet = protocol == IpProtocol.Tcp
            ? PacketBuilder.Tcp(from, to, flags).Seq((uint)random.NextInt64(1L << 32))
            : PacketBuilder.Udp(from, to);
        if (protocol == IpProtocol.Tcp && acks > 0) packet.Ack((uint)random.NextInt64(1L << 32));
        if (protocol == IpProtocol.Tcp && random.Next(2) == 0) packet.Mss((ushort)random.Next(1, 65536)).Nop().Nop().Timestamps(1, 2);
        if (random.Next(3) == 0) packet.PartialChecksum();
        else if (protocol == IpProtocol.Udp && from.Address.Family == IpFamily.V4 && random.Next(3) == 0) packet.NoChecksum();
        return packet.Payload(random.Next(1000)).Ttl((byte)random.Next(2, 256)).Tos((byte)random.Next(256)).Id((ushort)random.Next(65536));
    }

    private static (IpEndpoint Source, IpEndpoint Destination) EndsOf(byte[] frame, in PacketShape shape)
    {
        ref readonly UdpHeader ports = ref WireView.ReadAt<UdpHeader>(frame, shape.L4Offset);
        if (shape.Family == IpFamily.V4)
        {
            ref readonly Ipv4Header v4 = ref WireView.ReadAt<Ipv4Header>(frame, shape.IpOffset);
            return (new IpEndpoint(v4.SourceAddress.Host, ports.SourcePort.Host), new IpEndpoint(v4.DestinationAddress.Host, ports.DestinationPort.Host));
        }

        ref readonly Ipv6Header v6 = ref WireView.ReadAt<Ipv6Header>(frame, shape.IpOffset);
        return (new IpEndpoint(v6.SourceAddress.Host, ports.SourcePort.Host), new IpEndpoint(v6.DestinationAddress.Host, ports.DestinationPort.Host));
    }

    private static byte[] Any(Random random)
    {
        int port = random.Next(1, 20);
        PacketBuilder inner = PacketBuilder.Tcp("192.0.2.1:80", $"203.0.113.7:{port}", TcpFlags.Ack).Payload(30);
        PacketBuilder packet = random.Next(9) switch
        {
            0 => PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", (TcpFlags)random.Next(256)).Mss(1460).Timestamps(1, 2).Payload(random.Next(1500)),
            1 => PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:81", TcpFlags.Syn).Payload(random.Next(3000)).DontFragment(random.Next(2) == 0),
            2 => PacketBuilder.Udp($"203.0.113.7:{port}", "192.0.2.1:53").Payload(random.Next(1500)),
            3 => PacketBuilder.Tcp($"[2001:db8:f::7]:{port}", "[2001:db8::80]:80", TcpFlags.Syn).HopByHop().Payload(random.Next(1500)),
            4 => PacketBuilder.IcmpError("198.18.0.1", Vip, 3, (byte)random.Next(16), inner.BuildIp(), (uint)random.Next(2000)),
            5 => PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 4, PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4)
                .Encapsulate(PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:81", TcpFlags.Ack)).BuildIp(), (uint)random.Next(2000)),
            6 => PacketBuilder.Ip(Client, Vip, 17).Fragment(random.Next(100) * 8, random.Next(2) == 0, 5).DontFragment(false).Payload(random.Next(1500)),
            7 => PacketBuilder.Tcp("10.1.0.10:80", $"10.1.0.2:{5000 + port}", TcpFlags.Ack).Sack((1, 2)).Payload(random.Next(100)),
            _ => PacketBuilder.Udp("10.1.0.10:53", $"203.0.113.7:{port}").Payload(random.Next(100)),
        };
        return packet.Macs(Router, random.Next(2) == 0 ? F0 : B0).Build();
    }
}
