using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>No path allocates: established, new, refused, cut, fragmented, translated.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 2000;

    [Theory]
    [InlineData(ForwardingMethod.Nat)]
    [InlineData(ForwardingMethod.DirectRouting)]
    [InlineData(ForwardingMethod.Tunnel)]
    [InlineData(ForwardingMethod.FullNat)]
    public void EstablishedAndNewConnections_AllocateNothing(ForwardingMethod method)
    {
        using DirectorRig rig = Rig(method);
        byte[] ack = PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack).Macs(Router, F0).Build();
        byte[] syn = PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn).Mss(1460).Macs(Router, F0).Build();

        ShouldAllocateNothing(rig, ack);
        ShouldAllocateNothing(rig, syn, isNewEachTime: true);
        DropReasons.All.Sum(rig.Drops).ShouldBe(0, "every connection was really new");
    }

    [Theory]
    [InlineData(TunnelType.Gre, TunnelChecksum.Checksum, "10.1.0.10")]
    [InlineData(TunnelType.Gue, TunnelChecksum.RemoteChecksum, "10.1.0.10")]
    [InlineData(TunnelType.Gue, TunnelChecksum.Checksum, "2001:db8:b::10")]
    public void TunnelsOfEachType_AllocateNothing(TunnelType type, TunnelChecksum checksum, string real)
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat).Service("192.0.2.1:81", ForwardingMethod.Nat);
        rig.Engine.AddDestination(Key(IpProtocol.Tcp, "192.0.2.1:81"), new DestinationRule
        {
            Real = new IpEndpoint(IpAddress.Parse(real), 81), Method = ForwardingMethod.Tunnel, TunnelType = type, TunnelChecksum = checksum,
            TunnelPort = type == TunnelType.Gue ? (ushort)6080 : (ushort)0,
        }).ShouldBe(RuleResult.Ok);
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:81", TcpFlags.Syn));

        PacketBuilder ack = PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:81", TcpFlags.Ack).PartialChecksum().Macs(Router, F0);
        ShouldAllocateNothing(rig, ack.Build(), ack.Offload());
        ShouldAllocateNothing(rig, PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:81", TcpFlags.Ack).Payload(1500).Macs(Router, F0).Build());
        DropReasons.All.Sum(rig.Drops).ShouldBe(0);
    }

    [Fact]
    public void PersistentAndOnePacketServices_AllocateNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat).Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, "10.1.0.10:53");
        rig.Engine.EditService(new VirtualServiceRule
        {
            Key = Key(IpProtocol.Tcp, "192.0.2.1:80"), Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.Persistent, PersistenceTimeout = 300,
        }).ShouldBe(RuleResult.Ok);
        rig.Engine.EditService(new VirtualServiceRule
        {
            Key = Key(IpProtocol.Udp, "192.0.2.1:53"), Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.OnePacket,
        }).ShouldBe(RuleResult.Ok);

        ShouldAllocateNothing(
            rig, PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn).Mss(1460).Macs(Router, F0).Build(), isNewEachTime: true);
        ShouldAllocateNothing(rig, PacketBuilder.Udp("203.0.113.7:1", "192.0.2.1:53").Payload(20).Macs(Router, F0).Build());
        DropReasons.All.Sum(rig.Drops).ShouldBe(0);
        rig.Engine.TemplatesV4.Count.ShouldBe(1);
    }

    [Fact]
    public void Ipv6_AllocatesNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat).Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:8080");
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _);

        ShouldAllocateNothing(rig, PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Ack).Macs(Router, F0).Build());
    }

    [Fact]
    public void Refusals_AllocateNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat).Service("192.0.2.1:81", ForwardingMethod.Nat);
        rig.Engine.Settings.TrySet("icmp_ratelimit", "1000000", out _);
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _);

        ShouldAllocateNothing(rig, PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:81", TcpFlags.Syn).Macs(Router, F0).Build());
        ShouldAllocateNothing(rig, PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack).Ttl(1).Macs(Router, F0).Build());
        ShouldAllocateNothing(rig, PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack).Macs(Router, F0).Build()[..40]);
        ShouldAllocateNothing(rig, PacketBuilder.Udp("203.0.113.7:1", "192.0.2.1:9").Macs(Router, F0).Build());
    }

    [Fact]
    public void PiecesFragmentsAndErrors_AllocateNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel).Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.Nat, "10.1.0.10:53");
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn));
        PacketBuilder big = PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.None).Ack(1).Payload(4000).DontFragment()
            .PartialChecksum().Gso(GsoKind.TcpV4, 1400).Macs(Router, F0);

        ShouldAllocateNothing(rig, big.Build(), big.Offload());
        ShouldAllocateNothing(rig, PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.None).Ack(1).Payload(1450).DontFragment(false).Macs(Router, F0).Build());
        ShouldAllocateNothing(rig, PacketBuilder.Udp("203.0.113.7:1", "192.0.2.1:53").Payload(3000).DontFragment(false).Macs(Router, F0).BuildFragments(1500)[0]);
        byte[] quote = PacketBuilder.Tcp("192.0.2.1:80", "203.0.113.7:1", TcpFlags.Ack).BuildIp();
        ShouldAllocateNothing(rig, PacketBuilder.IcmpError("198.18.0.1", Vip, 3, 4, quote, 1400).Macs(Router, F0).Build());
        byte[] tunnelled = PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4)
            .Encapsulate(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack).DontFragment()).BuildIp();
        ShouldAllocateNothing(rig, PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 4, tunnelled, 1300).Macs(Router, F0).Build());
    }

    [Fact]
    public void Expiry_AllocatesNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.FullNat);
        void Fill()
        {
            byte[] syn = PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0).Build();
            Drive(rig, syn, default, 200, isNewEachTime: true);
        }

        Fill();
        rig.Worker.AdvanceTimers(rig.Now += TimeSpan.FromMinutes(2));
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            Fill();
            rig.Now += TimeSpan.FromSeconds(90);
            long before = GC.GetAllocatedBytesForCurrentThread();
            rig.Worker.AdvanceTimers(rig.Now);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
        rig.Worker.ConnectionCount.ShouldBe(0);
    }

    private static DirectorRig Rig(ForwardingMethod method)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0", 65536).Service("192.0.2.1:80", method, "10.1.0.10:80");
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "192.0.2.1:80"), IpAddress.Parse("10.1.0.2"));
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn));
        rig.Worker.Sink = new Discard();
        return rig;
    }

    private static void ShouldAllocateNothing(DirectorRig rig, byte[] frame, PacketOffload offload = default, bool isNewEachTime = false)
    {
        // What is made once (a pool of ports, buffers for pieces) is made in the warm-up.
        Allocations.Measure(Rounds, () => Drive(rig, frame, offload, 1, isNewEachTime)).ShouldBe(0);
    }

    private static int s_port;
    private static readonly byte[] s_buffer = new byte[Packet.Headroom + 70000];

    // A new connection each time: the client's port is counted up, and the TCP checksum, which nobody looks at, is left alone.
    private static void Drive(DirectorRig rig, byte[] frame, PacketOffload offload, int rounds, bool isNewEachTime)
    {
        int device = rig.InterfaceOf("f0");
        lock (s_buffer)
        {
            for (int i = 0; i < rounds; i++)
            {
                frame.CopyTo(s_buffer, Packet.Headroom);
                if (isNewEachTime) WireView.At<U16Be>(s_buffer, Packet.Headroom + 34).Host = (ushort)(2000 + s_port++ % 60000);
                var packet = new Packet
                {
                    Buffer = s_buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = device, Offload = offload,
                };
                rig.Worker.Process(ref packet, rig.Now += TimeSpan.FromTicks(10));
            }
        }
    }

    private sealed class Discard : IFrameSink
    {
        public void Emit(ref Packet packet, Verdict verdict)
        {
        }
    }
}
