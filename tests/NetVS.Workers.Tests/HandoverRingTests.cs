using NetVS.Links;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Workers.Tests;

public sealed class HandoverRingTests
{
    [Fact]
    public void TryRead_GivesWhatWasWritten_WithRoomAround()
    {
        var ring = new HandoverRing(1 << 16);
        ring.IsEmpty.ShouldBeTrue();
        var offload = new PacketOffload { NeedsChecksum = true, ChecksumStart = 34, ChecksumOffset = 16, Gso = GsoKind.TcpV4, GsoSize = 1448 };
        byte[] octets = PacketBuilder.Pattern(1000);
        ring.TryWrite(octets, 7, in offload).ShouldBeTrue();
        ring.IsEmpty.ShouldBeFalse();
        LinkFrame frame = default;
        ring.TryRead(ref frame).ShouldBeTrue();
        frame.Octets.ToArray().ShouldBe(octets);
        frame.Offset.ShouldBe(LinkFrame.Headroom);
        (frame.Buffer.Length - frame.Offset - frame.Length).ShouldBeGreaterThanOrEqualTo(128);
        frame.ReceiveInterface.ShouldBe(7);
        frame.Offload.ShouldBe(offload);
        frame.IsStable.ShouldBeTrue();
        ring.TryRead(ref frame).ShouldBeFalse();
    }

    [Fact]
    public void TryWrite_WhenFull_IsRefused_UntilReleased()
    {
        var ring = new HandoverRing(4096);
        byte[] octets = new byte[500];
        int taken = 0;
        while (ring.TryWrite(octets, 1, default)) taken++;
        taken.ShouldBe(4096 / 832, "64 for the record, 128 before, 500, 128 behind, rounded up");
        LinkFrame frame = default;
        for (int i = 0; i < taken; i++) ring.TryRead(ref frame).ShouldBeTrue();
        ring.TryWrite(octets, 1, default).ShouldBeFalse("what was read may still be in use");
        ring.Release();
        ring.TryWrite(octets, 1, default).ShouldBeTrue();
    }

    [Fact]
    public void TryWrite_OfMoreThanTheRing_IsRefused() => new HandoverRing(4096).TryWrite(new byte[5000], 1, default).ShouldBeFalse();

    [Fact]
    public async Task Frames_BetweenTwoThreads_KeepOrderAndContent()
    {
        const int Count = 200_000;
        var ring = new HandoverRing(1 << 14);
        Task producer = Task.Run(() =>
        {
            byte[] octets = new byte[900];
            for (int i = 0; i < Count; i++)
            {
                int length = 20 + (i * 7 % 880);
                octets.AsSpan(0, length).Fill(unchecked((byte)i));
                while (!ring.TryWrite(octets.AsSpan(0, length), i, default)) Thread.Yield();
            }
        }, TestContext.Current.CancellationToken);
        int expected = 0;
        while (expected < Count)
        {
            LinkFrame frame = default;
            if (!ring.TryRead(ref frame))
            {
                Thread.Yield();
                continue;
            }

            bool isRight = frame.ReceiveInterface == expected && frame.Length == 20 + (expected * 7 % 880)
                && frame.Octets.IndexOfAnyExcept(unchecked((byte)expected)) < 0;
            isRight.ShouldBeTrue($"frame {expected}");
            expected++;
            if (expected % 5 == 0 || expected == Count) ring.Release();
            else if (ring.IsEmpty) ring.Release();
        }

        await producer;
    }
}
