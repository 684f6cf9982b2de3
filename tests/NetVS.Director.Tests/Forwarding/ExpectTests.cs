using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>What is asked of the memory ahead is what the packet will need, and asking changes nothing.</summary>
public sealed class ExpectTests
{
    [Fact]
    public void Expect_RequestsAndReplies_LeadToTheirConnection()
    {
        using DirectorRig rig = new DirectorRig()
            .Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080")
            .Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:8080");
        PacketBuilder syn = PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Syn);
        PacketBuilder syn6 = PacketBuilder.Tcp("[2001:db8:f::7]:40000", "[2001:db8::80]:80", TcpFlags.Syn);
        HandleOf(rig, syn.Build()).ShouldBe(0, "there is no connection yet");
        rig.FromClient(syn);
        rig.FromClient(syn6);

        HandleOf(rig, syn.Build()).ShouldBe(1);
        HandleOf(rig, PacketBuilder.Tcp("10.1.0.10:8080", "203.0.113.7:40000", TcpFlags.Ack).Build()).ShouldBe(1);
        HandleOf(rig, syn6.Build()).ShouldBe(1);
        HandleOf(rig, PacketBuilder.Tcp("[2001:db8:b::10]:8080", "[2001:db8:f::7]:40000", TcpFlags.Ack).Build()).ShouldBe(1);
        HandleOf(rig, PacketBuilder.Tcp("203.0.113.7:40001", "192.0.2.1:80", TcpFlags.Ack).Build()).ShouldBe(0);
    }

    [Fact]
    public void Expect_RepliesToALocalAddress_LeadToTheirConnection()
    {
        using DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0").Service("192.0.2.1:80", ForwardingMethod.FullNat, "10.1.0.10:8080");
        rig.Engine.AddLocalAddress(DirectorRig.Key(IpProtocol.Tcp, "192.0.2.1:80"), IpAddress.Parse("10.1.0.2"));
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Syn));
        ushort local = rig.Connections()[0].Local.Port;

        HandleOf(rig, PacketBuilder.Tcp("10.1.0.10:8080", $"10.1.0.2:{local}", TcpFlags.Ack).Build()).ShouldBe(1);
        HandleOf(rig, PacketBuilder.Tcp("10.1.0.10:8080", $"10.1.0.2:{local + 1}", TcpFlags.Ack).Build()).ShouldBe(0);
    }

    [Fact]
    public void Expect_WhatIsNotPlain_IsIgnored()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080");
        PacketBuilder Segment() => PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack);
        PacketBuilder Segment6() => PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Ack);
        byte[] wrongSum = Segment().Build(), longer = Segment().Build(), offset = Segment().Build();
        wrongSum[24] ^= 1;
        longer[17]++;
        offset[46] = 0x40;
        byte[][] others =
        [
            [],
            PacketBuilder.Icmp("203.0.113.7", "192.0.2.1", 8, 0).Payload(40).Build(),
            PacketBuilder.Arp(1, DirectorRig.Router, default, default, default),
            Segment().IpOptions(1, 1, 1, 1).Build(),
            Segment().Vlan(7).Build(),
            Segment().Fragment(0, more: true).Build(),
            Segment6().HopByHop().Build(),
            Segment6().Fragment(0, more: true, 7).Build(),
            wrongSum,
            longer,
            offset,
        ];
        foreach (byte[] frame in others) rig.Worker.Announce(frame);
        (rig.Worker.V4.Announced, rig.Worker.V6.Announced).ShouldBe((0u, 0u));
        rig.Worker.Announce(Segment().Build());
        rig.Worker.Announce(Segment6().Build());
        (rig.Worker.V4.Announced, rig.Worker.V6.Announced).ShouldBe((1u, 1u));
    }

    [Fact]
    public void Expect_AnyOctetsOfAnyLength_ChangesAndAllocatesNothing()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080");
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Syn));
        var random = new Random(5);
        byte[][] frames =
        [
            PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Ack).Build(),
            PacketBuilder.Udp("203.0.113.7:40000", "192.0.2.1:80").Vlan(7).Build(),
            PacketBuilder.Tcp("[2001:db8:f::7]:40000", "[2001:db8::80]:80", TcpFlags.Syn).Build(),
            PacketBuilder.Tcp("[2001:db8:f::7]:40000", "[2001:db8::80]:80", TcpFlags.Syn).Vlan(7).Build(),
            new byte[100],
        ];
        random.NextBytes(frames[^1]);
        Allocations.Measure(10, () => ExpectAll(rig, frames)).ShouldBe(0);
        rig.Worker.ConnectionCount.ShouldBe(1);
    }

    [Fact]
    public void Expect_ManyConnections_OfBothFamilies_ChangesNothing()
    {
        using DirectorRig rig = new DirectorRig(maxConnections: 10_000)
            .Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080")
            .Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:8080");
        for (int port = 1024; port < 1024 + 5000; port++)
        {
            rig.Worker.Expect(PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Ack).Build());
            rig.FromClient(PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn));
            if (port % 10 != 0) continue;
            rig.Worker.Expect(PacketBuilder.Tcp($"[2001:db8:f::7]:{port}", "[2001:db8::80]:80", TcpFlags.Ack).Build());
            rig.FromClient(PacketBuilder.Tcp($"[2001:db8:f::7]:{port}", "[2001:db8::80]:80", TcpFlags.Syn));
        }

        rig.Worker.ConnectionCount.ShouldBe(5500);
    }

    private static void ExpectAll(DirectorRig rig, byte[][] frames)
    {
        foreach (byte[] frame in frames)
        {
            for (int length = 0; length <= frame.Length; length++)
            {
                rig.Worker.Expect(frame.AsSpan(0, length));
                rig.Worker.Announce(frame.AsSpan(0, length));
            }
        }
    }

    private static int HandleOf(DirectorRig rig, byte[] frame)
    {
        uint before = rig.Worker.V4.Announced, before6 = rig.Worker.V6.Announced;
        rig.Worker.Announce(frame);
        rig.Worker.Announce(default);
        (rig.Worker.V4.Announced - before + rig.Worker.V6.Announced - before6).ShouldBe(1u);
        return rig.Worker.V4.Announced != before ? rig.Worker.V4.LastAnnounced.Handle : rig.Worker.V6.LastAnnounced.Handle;
    }
}
