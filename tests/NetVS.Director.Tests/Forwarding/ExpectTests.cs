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
        HandleOf(rig, PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Ack).Vlan(7).Build()).ShouldBe(1);
        HandleOf(rig, syn6.Build()).ShouldBe(1);
        HandleOf(rig, PacketBuilder.Tcp("[2001:db8:b::10]:8080", "[2001:db8:f::7]:40000", TcpFlags.Ack).Build()).ShouldBe(1);
        HandleOf(rig, PacketBuilder.Tcp("203.0.113.7:40001", "192.0.2.1:80", TcpFlags.Ack).Build()).ShouldBe(0);
    }

    [Fact]
    public void Expect_WhatIsNoPlainSegment_IsIgnored()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080");
        rig.Worker.ExpectIndex([]).ShouldBe(0ul);
        rig.Worker.ExpectIndex(PacketBuilder.Icmp("203.0.113.7", "192.0.2.1", 8, 0).Payload(40).Build()).ShouldBe(0ul);
        rig.Worker.ExpectIndex(PacketBuilder.Arp(1, DirectorRig.Router, default, default, default)).ShouldBe(0ul);
        rig.Worker.ExpectIndex(
            PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack).IpOptions(1, 1, 1, 1).Build()).ShouldBe(0ul);
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
                ulong token = rig.Worker.ExpectIndex(frame.AsSpan(0, length));
                if (token != 0) rig.Worker.ExpectConnection(token);
            }
        }
    }

    private static int HandleOf(DirectorRig rig, byte[] frame)
    {
        ulong token = rig.Worker.ExpectIndex(frame);
        token.ShouldNotBe(0ul);
        return rig.Worker.ExpectConnection(token);
    }
}
