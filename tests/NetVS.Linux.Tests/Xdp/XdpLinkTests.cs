using System.Net;
using System.Net.Sockets;
using NetVS.Linux.Bpf;
using NetVS.Linux.PacketSocket;
using NetVS.Linux.Xdp;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Xdp;

/// <summary>AF_XDP between two ends of a veth pair.</summary>
public sealed class XdpLinkTests : IDisposable
{
    private const int Chunks = 16384;
    private readonly LinkFixture _wire = new();
    private readonly XdpUmem _umem = new(Chunks, isZeroCopy: false);

    [Theory]
    [InlineData(XdpMode.Native)]
    [InlineData(XdpMode.Generic)]
    internal void Receive_OfDivertedFrames_IsWhatWasSent(XdpMode mode)
    {
        XdpLink link = _wire.OpenXdp(_umem, mode);
        TransmitOnlyLink sender = _wire.OpenSender();
        byte[] plain = Udp(payload: 700).Build();
        byte[] tagged = Udp(payload: 20).Vlan(100).Build();
        LinkFixture.Send(sender, plain);
        LinkFixture.Send(sender, tagged);
        LinkFixture.Send(sender, PacketBuilder.Udp("192.0.2.9:1", "192.0.2.1:81").Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac).Build());
        sender.Flush();
        ReceivedFrames received = LinkFixture.Receive(link, 2);
        received.All.Count.ShouldBe(2, "port 81 is the stack's");
        received.All[0].Octets.ShouldBe(plain);
        received.All[0].Interface.ShouldBe(_wire.F0);
        if (mode == XdpMode.Native) received.All[1].Octets.ShouldBe(tagged);
        link.Counters[LinkCounter.ReceivedFrames].ShouldBe(2);
    }

    [Fact]
    public void Transmit_OfManyFrames_DrainsTheRing()
    {
        XdpLink link = _wire.OpenXdp(_umem);
        PacketSocketLink observer = _wire.OpenObserver();
        byte[] frame = Reply(payload: 60);
        const int Count = 1500;
        for (int i = 0; i < Count; i++) LinkFixture.Send(link, frame);
        link.Flush().ShouldBeTrue();
        link.Counters[LinkCounter.TransmittedFrames].ShouldBe(Count);
        link.Socket.Transmit.InFlight.ShouldBe(0u, "32 descriptors per call, so many calls");
        ReceivedFrames seen = LinkFixture.Receive(observer, Count, IsReply);
        seen.All.Count(f => IsReply(f.Octets)).ShouldBe(Count);
        seen.All.First(f => IsReply(f.Octets)).Octets.ShouldBe(frame);
        EveryChunkComesBack(link);
    }

    [Fact]
    public void Transmit_BeyondTheRing_FlushesByItself()
    {
        XdpLink link = _wire.OpenXdp(_umem);
        byte[] frame = Reply(payload: 10);
        for (int i = 0; i < 3 * XdpSocket.RingSize; i++) LinkFixture.Send(link, frame);
        link.Flush();
        long lost = link.Counters[LinkCounter.TransmitRingFull] + link.Counters[LinkCounter.TransmitNoChunk];
        (link.Counters[LinkCounter.TransmittedFrames] + lost).ShouldBe(3 * XdpSocket.RingSize);
        lost.ShouldBe(0);
    }

    [Fact]
    public void Transmit_WithoutChunks_IsCounted()
    {
        using var few = new XdpUmem(64, isZeroCopy: false);
        XdpLink link = _wire.OpenXdp(few);
        byte[] frame = Reply(payload: 10);
        for (int i = 0; i < 50; i++) LinkFixture.Send(link, frame);
        link.Counters[LinkCounter.TransmittedFrames].ShouldBe(40, "three eighths wait for frames to receive");
        link.Counters[LinkCounter.TransmitNoChunk].ShouldBe(10);
        link.Dispose();
        few.FreeCount.ShouldBe(64, "a closed link gives back what it had queued");
    }

    [Fact]
    public void Transmit_OfAReceivedFrame_TakesItsChunkOver()
    {
        XdpLink link = _wire.OpenXdp(_umem);
        PacketSocketLink observer = _wire.OpenObserver();
        TransmitOnlyLink sender = _wire.OpenSender();
        bool isTaken = false;
        var echo = new ReceivedFrames
        {
            Action = (ref LinkFrame frame) =>
            {
                TurnRound(frame.Octets);
                link.Transmit(ref frame);
                isTaken = frame.IsTaken;
            },
        };
        for (int i = 0; i < 200; i++) LinkFixture.Send(sender, Udp(payload: 100).Build());
        sender.Flush();
        LinkFixture.Receive(link, 200, into: echo);
        isTaken.ShouldBeTrue();
        LinkFixture.Receive(observer, 200, IsReply).All.Count(f => IsReply(f.Octets)).ShouldBe(200);
        EveryChunkComesBack(link);
    }

    [Fact]
    public void Receive_FromALocalStack_SaysThatTheChecksumIsUnfinished()
    {
        XdpLink link = _wire.OpenXdp(_umem);
        Socket socket = _wire.OpenUdp(_wire.Peer, LinkFixture.PeerAddress, 5000);
        socket.SendTo(new byte[333], new IPEndPoint(IPAddress.Parse(LinkFixture.DirectorAddress), 80));
        ReceivedFrames received = LinkFixture.Receive(link, 1);
        received.All.Count.ShouldBe(1);
        (byte[] octets, PacketOffload offload, _) = received.All[0];
        offload.NeedsChecksum.ShouldBeTrue();
        link.Counters[LinkCounter.UnfinishedChecksums].ShouldBe(1);
        ChecksumCompletion.TryComplete(octets, ref offload).ShouldBeTrue();
        PacketChecker.Verify(octets);
    }

    [Fact]
    public void Transmit_OfAnUnfinishedChecksum_CompletesIt()
    {
        XdpLink link = _wire.OpenXdp(_umem);
        PacketSocketLink observer = _wire.OpenObserver();
        PacketBuilder reply = PacketBuilder.Udp("192.0.2.1:80", "192.0.2.9:5000").Payload(99).Macs(LinkFixture.DirectorMac, LinkFixture.PeerMac).PartialChecksum();
        LinkFixture.Send(link, reply.Build(), reply.Offload());
        link.Flush();
        ReceivedFrames seen = LinkFixture.Receive(observer, 1, IsReply);
        PacketChecker.Verify(seen.All.Single(f => IsReply(f.Octets)).Octets);
        link.Counters[LinkCounter.CompletedChecksums].ShouldBe(1);
    }

    [Fact]
    public void Transmit_OfAnUnsegmentedFrame_CutsIt()
    {
        XdpLink link = _wire.OpenXdp(_umem);
        PacketSocketLink observer = _wire.OpenObserver();
        PacketBuilder big = PacketBuilder.Tcp("192.0.2.1:80", "192.0.2.9:5000", TcpFlags.Ack).Payload(20000)
            .Macs(LinkFixture.DirectorMac, LinkFixture.PeerMac).PartialChecksum().Gso(GsoKind.TcpV4, 1448);
        LinkFixture.Send(link, big.Build(), big.Offload());
        link.Flush();
        ReceivedFrames seen = LinkFixture.Receive(observer, 14, IsReply);
        seen.All.Count(f => IsReply(f.Octets)).ShouldBe(14);
        foreach ((byte[] octets, _, _) in seen.All.Where(f => IsReply(f.Octets))) PacketChecker.Verify(octets);
        link.Counters[LinkCounter.SegmentedFrames].ShouldBe(1);
    }

    [Fact]
    public void Open_OfASecondSocketOnAQueue_SaysWhoHasIt()
    {
        _wire.OpenXdp(_umem);
        KernelCallException refused = Should.Throw<KernelCallException>(
            () => _wire.Director.Run(() => XdpSocket.Open(new XdpUmem(64, isZeroCopy: false), _wire.F0, "f0", 0)));
        refused.ErrnoName.ShouldBe("EBUSY");
        refused.Object.ShouldBe("f0 queue 0");
    }

    [Fact]
    public void Open_OfAQueueThatIsNot_IsRefused() =>
        Should.Throw<KernelCallException>(() => _wire.Director.Run(() => XdpSocket.Open(_umem, _wire.F0, "f0", 7))).ErrnoName.ShouldBe("EINVAL");

    [Fact]
    public void ReceiveAndTransmit_AllocateNothing()
    {
        XdpLink link = _wire.OpenXdp(_umem);
        TransmitOnlyLink sender = _wire.OpenSender();
        var echo = new Echo(link);
        byte[] frame = Udp(payload: 64).Build();
        long allocated = 0;
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 64; i++) LinkFixture.Send(sender, frame);
            sender.Flush();
            long before = GC.GetAllocatedBytesForCurrentThread();
            while (link.Receive(echo, 64) > 0)
            {
                link.Flush();
                link.Release();
            }

            // The first rounds compile.
            if (round >= 10) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        echo.Count.ShouldBeGreaterThan(1000);
        allocated.ShouldBe(0);
    }

    public void Dispose()
    {
        _wire.Dispose();
        _umem.Dispose();
    }

    // The kernel completes a frame when its last reader is done with it, which may be a moment after it was seen.
    private void EveryChunkComesBack(XdpLink link)
    {
        using var pause = new ManualResetEventSlim();
        for (int i = 0; i < 500 && _umem.FreeCount + (int)link.Socket.Fill.InFlight < Chunks; i++)
        {
            // The peer's stack answers some of it with ICMP errors, which are ours as well.
            link.Receive(new ReceivedFrames(), 64);
            link.Flush();
            link.Release();
            pause.Wait(2);
        }

        (_umem.FreeCount + (int)link.Socket.Fill.InFlight).ShouldBe(Chunks, "every chunk comes back");
    }

    private static PacketBuilder Udp(int payload) =>
        PacketBuilder.Udp("192.0.2.9:5000", "192.0.2.1:80").Payload(payload).Macs(LinkFixture.PeerMac, LinkFixture.DirectorMac);

    private static byte[] Reply(int payload) =>
        PacketBuilder.Udp("192.0.2.1:80", "192.0.2.9:5000").Payload(payload).Macs(LinkFixture.DirectorMac, LinkFixture.PeerMac).Build();

    private static bool IsReply(byte[] frame) =>
        PacketShape.TryParse(frame, out PacketShape shape) && shape.Protocol is IpProtocol.Udp or IpProtocol.Tcp
        && frame.AsSpan(6, 6).SequenceEqual((byte[])[2, 0, 0, 0, 0, 1]);

    // Source and destination swapped at every layer: no checksum changes.
    private static void TurnRound(Span<byte> frame)
    {
        Swap(frame[..6], frame.Slice(6, 6));
        Swap(frame.Slice(26, 4), frame.Slice(30, 4));
        Swap(frame.Slice(34, 2), frame.Slice(36, 2));
    }

    private static void Swap(Span<byte> a, Span<byte> b)
    {
        Span<byte> kept = stackalloc byte[8];
        a.CopyTo(kept);
        b.CopyTo(a);
        kept[..a.Length].CopyTo(b);
    }

    private sealed class Echo(XdpLink link) : IFrameHandler
    {
        public int Count { get; private set; }

        public void Handle(ref LinkFrame frame)
        {
            Count++;
            TurnRound(frame.Octets);
            link.Transmit(ref frame);
        }
    }
}
