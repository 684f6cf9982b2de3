using NetVS.Links;
using NetVS.Linux.PacketSocket;
using NetVS.Linux.Xdp;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests;

/// <summary>Every link announces each frame of a batch before its turn, as it is.</summary>
public sealed class AnnouncementTests : IDisposable
{
    private const int Frames = 50;
    private readonly LinkFixture _wire = new();
    private readonly XdpUmem _umem = new(4096, isZeroCopy: false);

    [Fact]
    public void XdpLink_Batch_IsAnnounced() => Check(_wire.OpenXdp(_umem));

    [Fact]
    public void PacketSocketLink_Batch_IsAnnounced() => Check(_wire.OpenPacket());

    public void Dispose()
    {
        _wire.Dispose();
        _umem.Dispose();
    }

    private void Check(ILink link)
    {
        TransmitOnlyLink sender = _wire.OpenSender();
        for (int i = 0; i < Frames; i++)
        {
            LinkFixture.Send(
                sender,
                PacketBuilder.Udp("192.0.2.9:1", "192.0.2.1:80").Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac).Payload(20 + i).Build());
        }

        sender.Flush();
        ReceivedFrames received = LinkFixture.Receive(link, Frames);
        received.All.Count.ShouldBeGreaterThanOrEqualTo(Frames);
        received.Unannounced.ShouldBe(0);
    }
}
