using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class LocalRealServerTests
{
    private static PacketBuilder Syn(string to) => PacketBuilder.Tcp("203.0.113.7:1", to, TcpFlags.Syn).Macs(Router, F0);

    [Fact]
    public void Nat_RequestGoesToTheStackRewritten_ReplyLeavesRewrittenWithItsTtl()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.1:8080");
        PacketBuilder Reply(string from) => PacketBuilder.Tcp(from, "203.0.113.7:1", TcpFlags.Syn | TcpFlags.Ack).Ttl(64);

        rig.FromClient(Syn("192.0.2.1:80").Ttl(9)).ShouldGoToStack(Syn("10.1.0.1:8080").Ttl(9));
        rig.Process(Reply("10.1.0.1:8080").Macs(F0, Router).Build(), Packet.FromStack)
            .ShouldTransmit(Reply("192.0.2.1:80").Macs(F0, Router)).Interface.ShouldBe(rig.InterfaceOf("f0"));
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("SYN_RECV");
    }

    [Fact]
    public void Nat_ReplyThatLooksReceived_KeepsItsTtlToo()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.1:8080");
        PacketBuilder Reply(string from) => PacketBuilder.Tcp(from, "203.0.113.7:1", TcpFlags.Syn | TcpFlags.Ack).Ttl(64);
        rig.FromClient(Syn("192.0.2.1:80"));

        rig.FromClient(Reply("10.1.0.1:8080")).ShouldTransmit(Reply("192.0.2.1:80").Macs(F0, Router));
    }

    [Theory]
    [InlineData(ForwardingMethod.Local, "10.1.0.1:80")]
    [InlineData(ForwardingMethod.DirectRouting, "10.1.0.1:80")]
    [InlineData(ForwardingMethod.Tunnel, "10.1.0.1:80")]
    public void OtherMethods_RequestGoesToTheStackUnchanged_AndIsCounted(ForwardingMethod method, string real)
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", method, real);

        rig.FromClient(Syn("192.0.2.1:80").Ttl(64)).ShouldGoToStack(Syn("192.0.2.1:80").Ttl(64));
        rig.Engine.Tick(rig.Now);
        rig.Engine.Tick(rig.Now += TimeSpan.FromSeconds(2));
        rig.Engine.FindService(Key(IpProtocol.Tcp, "192.0.2.1:80"))!.Statistics.InboundPackets.ShouldBe(1ul);
    }

    [Fact]
    public void StacksOwnPackets_WithoutAConnection_GoOnToTheirLink()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.1:8080");
        PacketBuilder Answer() => PacketBuilder.Tcp("10.1.0.1:8080", "203.0.113.9:5", TcpFlags.Ack).Ttl(64).Macs(F0, Router);

        rig.Process(Answer().Build(), Packet.FromStack).ShouldTransmit(Answer());
    }
}
