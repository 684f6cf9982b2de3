using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Workers.Tests;

public sealed class HeldFramesTests
{
    private readonly HeldFrames _held = new();

    [Fact]
    public void At_GivesBackWhatWasHeld()
    {
        var offload = new PacketOffload { Gso = GsoKind.TcpV6, GsoSize = 1000 };
        var packet = new Packet { Buffer = PacketBuilder.Pattern(100), Length = 100, NextHop = 5, ReceiveInterface = 2, TransmitInterface = 3, Offload = offload };
        _held.Hold(in packet, MonotonicTime.FromSeconds(1)).ShouldBe(0);
        _held.Oldest.ShouldBe(MonotonicTime.FromSeconds(1));
        Packet back = _held.At(0);
        back.Frame.ToArray().ShouldBe(PacketBuilder.Pattern(100));
        back.Offset.ShouldBe(Packet.Headroom);
        (back.NextHop, back.ReceiveInterface, back.TransmitInterface, back.Offload).ShouldBe((5, 2, 3, offload));
        _held.Remove(0);
        _held.Count.ShouldBe(0);
    }

    [Fact]
    public void Hold_BeyondANextHopsShare_LetsItsOldestGo()
    {
        Hold(nextHop: 9, mark: 200);
        for (int i = 0; i < HeldFrames.PerNextHop; i++) Hold(nextHop: 5, mark: i).ShouldBe(0);
        Hold(nextHop: 5, mark: 99).ShouldBe(1);
        _held.Count.ShouldBe(HeldFrames.PerNextHop + 1);
        _held.At(0).Frame[0].ShouldBe((byte)200, "another next hop's stays");
        _held.At(1).Frame[0].ShouldBe((byte)1);
        _held.At(_held.Count - 1).Frame[0].ShouldBe((byte)99);
    }

    [Fact]
    public void Hold_BeyondTheCapacity_LetsTheOldestGo()
    {
        for (int i = 0; i < HeldFrames.Capacity; i++) Hold(nextHop: i, mark: i & 255).ShouldBe(0);
        Hold(nextHop: 5000, mark: 7).ShouldBe(1);
        _held.Count.ShouldBe(HeldFrames.Capacity);
        _held.NextHopOf(0).ShouldBe(1);
    }

    [Fact]
    public void Hold_OfLongFrames_HasItsOwnBound()
    {
        for (int i = 0; i < HeldFrames.LargeCapacity; i++) Hold(nextHop: i, mark: i, length: 60000).ShouldBe(0);
        Hold(nextHop: 100, mark: 100, length: 60000).ShouldBe(1);
        Hold(nextHop: 101, mark: 101).ShouldBe(0, "ordinary ones still have room");
        Hold(nextHop: 102, mark: 102, length: 80000).ShouldBe(1, "too long for any slot");
        _held.Count.ShouldBe(HeldFrames.LargeCapacity + 1);
    }

    [Fact]
    public void HoldAndRemove_InAnyOrder_LoseNoSlot()
    {
        for (int round = 0; round < 1000; round++)
        {
            Hold(nextHop: round % 50, mark: round & 255, length: round % 10 == 0 ? 5000 : 100);
            if (round % 3 == 0 && _held.Count > 2) _held.Remove(round % _held.Count);
        }

        while (_held.Count > 0) _held.Remove(_held.Count / 2);
        for (int i = 0; i < HeldFrames.Capacity; i++) Hold(nextHop: i, mark: 1).ShouldBe(0);
    }

    private int Hold(int nextHop, int mark, int length = 100)
    {
        byte[] octets = new byte[length];
        octets[0] = (byte)mark;
        var packet = new Packet { Buffer = octets, Length = length, NextHop = nextHop };
        return _held.Hold(in packet, MonotonicTime.FromSeconds(1));
    }
}
