using NetVS.Director.Forwarding;
using NetVS.Director.Offload;
using NetVS.Director.Tests.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Flows;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Offload;

/// <summary>A director with a flow table, its services, and the packets of a connection.</summary>
internal static class OffloadScene
{
    public static readonly ServiceKey Service = Key(IpProtocol.Tcp, "192.0.2.1:80");
    public static readonly IpEndpoint Real = Endpoints.Parse("10.1.0.10:8080");

    public static DirectorRig Rig(ForwardingMethod method = ForwardingMethod.Nat, FlowTestMemory? flows = null, string real = "10.1.0.10:8080")
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0\naddr add 2001:db8:b::2/64 dev b0", flows: flows ?? new FlowTestMemory())
            .Service("192.0.2.1:80", method, real)
            .Service(IpProtocol.Udp, "192.0.2.1:53", method, "10.1.0.10:5353")
            .Service("[2001:db8::80]:80", method, "[2001:db8:b::10]:8080");
        rig.Engine.AddLocalAddress(Service, IpAddress.Parse("10.1.0.2"));
        rig.Engine.AddLocalAddress(Key(IpProtocol.Udp, "192.0.2.1:53"), IpAddress.Parse("10.1.0.2"));
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "[2001:db8::80]:80"), IpAddress.Parse("2001:db8:b::2"));
        return rig;
    }

    public static PacketBuilder Request(TcpFlags flags, int port = 40000) => PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", flags).Seq(2).Ttl(64);

    public static PacketBuilder Reply(TcpFlags flags, int port = 40000) => PacketBuilder.Tcp("10.1.0.10:8080", $"203.0.113.7:{port}", flags).Seq(9).Ttl(64);

    public static PacketBuilder Datagram(int port = 40000) => PacketBuilder.Udp($"203.0.113.7:{port}", "192.0.2.1:53").Payload(10);

    public static OffloadStatus Status(DirectorRig rig) => rig.Engine.Offload!.Status;

    /// <summary>Whether the frame was forwarded without the director.</summary>
    public static bool Bypasses(DirectorRig rig, PacketBuilder packet, bool isReply = false)
    {
        int before = rig.Twin!.Forwarded;
        (isReply ? rig.FromReal(packet) : rig.FromClient(packet)).Verdict.ShouldBe(Verdict.Transmit);
        return rig.Twin.Forwarded > before;
    }

    public static void Open(DirectorRig rig, int port = 40000)
    {
        Bypasses(rig, Request(TcpFlags.Syn, port)).ShouldBeFalse();
        Bypasses(rig, Reply(TcpFlags.Syn | TcpFlags.Ack, port), isReply: true).ShouldBeTrue();
        Bypasses(rig, Request(TcpFlags.Ack, port)).ShouldBeTrue();
        rig.Settle();
    }

    public static void Let(DirectorRig rig, double seconds)
    {
        for (double passed = 0; passed < seconds; passed += 0.25)
        {
            rig.Now += TimeSpan.FromSeconds(0.25);
            rig.Settle();
            rig.Engine.Tick(rig.Now);
        }
    }
}
