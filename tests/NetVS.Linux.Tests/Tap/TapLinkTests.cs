using System.Net;
using System.Net.Sockets;
using NetVS.Linux.Tap;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Tap;

/// <summary>The way back into the host's own stack.</summary>
public sealed class TapLinkTests : IDisposable
{
    private readonly LinkFixture _wire = new();

    [Fact]
    public void Transmit_OfAFrame_ReachesASocketAsIfReceived()
    {
        using TapDevice tap = _wire.Director.Run(() => TapDevice.Create(1));
        using var link = new TapLink(tap.Queues[0], tap.Index, tap.Mac, tap.Name);
        Socket socket = _wire.OpenUdp(_wire.Director, LinkFixture.DirectorAddress, 80);
        LinkFixture.Send(link, PacketBuilder.Udp("192.0.2.9:5000", "192.0.2.1:80").Payload("hello").Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac).Build());
        byte[] buffer = new byte[100];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        socket.ReceiveFrom(buffer, ref from).ShouldBe(5);
        ((IPEndPoint)from).Address.ToString().ShouldBe("192.0.2.9");
        link.Counters[LinkCounter.TransmittedFrames].ShouldBe(1);
    }

    [Fact]
    public void Transmit_UnderAStrictReversePathFilter_StillArrives()
    {
        _wire.Director.SetSysctl("net.ipv4.conf.all.rp_filter", "1");
        using TapDevice tap = _wire.Director.Run(() => TapDevice.Create(1));
        using var link = new TapLink(tap.Queues[0], tap.Index, tap.Mac, tap.Name);
        Socket socket = _wire.OpenUdp(_wire.Director, LinkFixture.DirectorAddress, 80);
        LinkFixture.Send(link, PacketBuilder.Udp("192.0.2.9:5000", "192.0.2.1:80").Payload("x").Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac).Build());
        socket.Receive(new byte[10]).ShouldBe(1);
    }

    [Fact]
    public void Transmit_OfAnUnfinishedChecksum_IsAccepted()
    {
        using TapDevice tap = _wire.Director.Run(() => TapDevice.Create(2));
        using var link = new TapLink(tap.Queues[1], tap.Index, tap.Mac, tap.Name);
        Socket socket = _wire.OpenUdp(_wire.Director, LinkFixture.DirectorAddress, 80);
        PacketBuilder packet = PacketBuilder.Udp("192.0.2.9:5000", "192.0.2.1:80").Payload("half").Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac).PartialChecksum();
        LinkFixture.Send(link, packet.Build(), packet.Offload());
        socket.Receive(new byte[10]).ShouldBe(4);
    }

    [Fact]
    public void Dispose_RemovesTheDevice()
    {
        TapDevice tap = _wire.Director.Run(() => TapDevice.Create(1));
        tap.Name.ShouldStartWith("nvs");
        _wire.Director.Ip("link show").ShouldContain(tap.Name);
        _wire.Director.Ip($"addr show dev {tap.Name}").ShouldNotContain("inet", customMessage: "it has no address");
        tap.Dispose();
        _wire.Director.Ip("link show").ShouldNotContain(tap.Name);
    }

    public void Dispose() => _wire.Dispose();
}
