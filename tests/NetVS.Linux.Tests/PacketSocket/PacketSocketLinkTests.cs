using System.Net;
using System.Net.Sockets;
using NetVS.Linux.PacketSocket;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.PacketSocket;

/// <summary>AF_PACKET between two ends of a veth pair.</summary>
public sealed class PacketSocketLinkTests : IDisposable
{
    private readonly LinkFixture _wire = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Receive_OfDivertedFrames_IsWhatWasSent_AndTheStackSeesNone(bool allowTcx)
    {
        PacketSocketLink link = _wire.OpenPacket(allowTcx);
        Socket diverted = _wire.OpenUdp(_wire.Director, LinkFixture.DirectorAddress, 80);
        Socket others = _wire.OpenUdp(_wire.Director, LinkFixture.DirectorAddress, 81);
        TransmitOnlyLink sender = _wire.OpenSender();
        byte[] frame = Udp(80, 700).Build();
        byte[] tagged = Udp(80, 20).Vlan(100, 3).Build();
        LinkFixture.Send(sender, frame);
        LinkFixture.Send(sender, tagged);
        LinkFixture.Send(sender, Udp(81, 5).Build());
        sender.Flush();
        ReceivedFrames received = LinkFixture.Receive(link, 2);
        received.All.Count.ShouldBe(2);
        received.All[0].Octets.ShouldBe(frame);
        received.All[1].Octets.ShouldBe(tagged, "the tag the kernel took out is back");
        byte[] buffer = new byte[2000];
        others.Receive(buffer).ShouldBe(5);
        diverted.Available.ShouldBe(0, "tc keeps from the stack what the socket took");
    }

    [Fact]
    public void Receive_OfAnUnsegmentedFrame_IsWholeAndSaysSo()
    {
        PacketSocketLink link = _wire.OpenPacket();
        TransmitOnlyLink sender = _wire.OpenSender();
        PacketBuilder big = PacketBuilder.Tcp("192.0.2.9:5000", "192.0.2.1:80", TcpFlags.Ack).Payload(60000)
            .Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac).PartialChecksum().Gso(GsoKind.TcpV4, 1448);
        byte[] small = Udp(80, 10).Build();
        LinkFixture.Send(sender, small);
        LinkFixture.Send(sender, big.Build(), big.Offload());
        LinkFixture.Send(sender, small);
        sender.Flush();
        ReceivedFrames received = LinkFixture.Receive(link, 3);
        received.All.Count.ShouldBe(3);
        received.All[0].Octets.ShouldBe(small);
        received.All[1].Octets.ShouldBe(big.Build(), "longer than a slot: fetched from the socket's queue, in order");
        received.All[1].Offload.Gso.ShouldBe(GsoKind.TcpV4);
        received.All[1].Offload.GsoSize.ShouldBe((ushort)1448);
        received.All[1].Offload.NeedsChecksum.ShouldBeTrue();
        received.All[1].Offload.ChecksumStart.ShouldBe((ushort)34);
        received.All[1].Offload.ChecksumOffset.ShouldBe((ushort)16);
        received.All[2].Octets.ShouldBe(small);
        link.Counters[LinkCounter.ReceiveTruncated].ShouldBe(0);
    }

    [Fact]
    public void Receive_OfATaggedUnsegmentedFrame_MovesItsOffsets()
    {
        PacketSocketLink link = _wire.OpenPacket();
        TransmitOnlyLink sender = _wire.OpenSender();
        PacketBuilder big = PacketBuilder.Tcp("192.0.2.9:5000", "192.0.2.1:80", TcpFlags.Ack).Payload(9000).Vlan(7)
            .Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac).PartialChecksum().Gso(GsoKind.TcpV4, 1448);
        LinkFixture.Send(sender, big.Build(), big.Offload());
        sender.Flush();
        ReceivedFrames received = LinkFixture.Receive(link, 1);
        received.All.Count.ShouldBeGreaterThanOrEqualTo(1);
        received.All[0].Octets.ShouldBe(big.Build());
        received.All[0].Offload.ChecksumStart.ShouldBe((ushort)38);
    }

    [Fact]
    public void Receive_FromALocalStack_SaysThatTheChecksumIsUnfinished()
    {
        PacketSocketLink link = _wire.OpenPacket();
        Socket socket = _wire.OpenUdp(_wire.Peer, LinkFixture.PeerAddress, 5000);
        socket.SendTo(new byte[333], new IPEndPoint(IPAddress.Parse(LinkFixture.DirectorAddress), 80));
        (byte[] octets, PacketOffload offload, _) = LinkFixture.Receive(link, 1).All.Single();
        offload.NeedsChecksum.ShouldBeTrue();
        ChecksumCompletion.TryComplete(octets, ref offload).ShouldBeTrue();
        PacketChecker.Verify(octets);
    }

    [Fact]
    public void Transmit_OfManyFrames_AllArrive()
    {
        PacketSocketLink link = _wire.OpenPacket();
        PacketSocketLink observer = _wire.OpenObserver();
        byte[] frame = PacketBuilder.Udp("192.0.2.1:80", "192.0.2.9:5000").Payload(60).Macs(LinkFixture.DirectorMac, LinkFixture.PeerMac).Build();
        for (int i = 0; i < 1000; i++) LinkFixture.Send(link, frame);
        link.Flush();
        link.Counters[LinkCounter.TransmittedFrames].ShouldBe(1000);
        link.Counters[LinkCounter.TransmitCalls].ShouldBeLessThan(40);
        LinkFixture.Receive(observer, 1000, f => f.AsSpan().SequenceEqual(frame)).All.Count(f => f.Octets.AsSpan().SequenceEqual(frame)).ShouldBe(1000);
    }

    [Fact]
    public void Transmit_OfATooLongFrame_IsCountedAndTheNextIsSent()
    {
        PacketSocketLink link = _wire.OpenPacket();
        LinkFixture.Send(link, Udp(80, 3000).Build());
        LinkFixture.Send(link, Udp(80, 10).Build());
        link.Flush();
        link.Counters[LinkCounter.TransmitTooLong].ShouldBe(1);
        link.Counters[LinkCounter.TransmittedFrames].ShouldBe(1);
    }

    [Fact]
    public void Transmit_OnADownInterface_IsCounted()
    {
        PacketSocketLink link = _wire.OpenPacket();
        _wire.Director.Ip("link set f0 down");
        LinkFixture.Send(link, Udp(80, 10).Build());
        link.Flush();
        link.Counters[LinkCounter.TransmitLinkDown].ShouldBe(1);
    }

    [Fact]
    public void Receive_AroundTheRing_LosesNothing()
    {
        PacketSocketLink link = _wire.OpenPacket();
        TransmitOnlyLink sender = _wire.OpenSender();
        int received = 0;
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < 200; i++) LinkFixture.Send(sender, Udp(80, 10).Id((ushort)((round * 200) + i)).Build());
            sender.Flush();
            received += LinkFixture.Receive(link, 200).All.Count;
        }

        received.ShouldBe(10000);
    }

    public void Dispose() => _wire.Dispose();

    private static PacketBuilder Udp(int port, int payload) =>
        PacketBuilder.Udp("192.0.2.9:5000", $"192.0.2.1:{port}").Payload(payload).Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac);
}
