using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>
/// One client address, 5,000 connections a second for a minute, through few source ports: every SYN that hits a closing connection replaces it in its own
/// packet. None is dropped, delayed or left to the stack, each is scheduled, and the table holds one connection a port.
/// </summary>
/// <remarks>The minute is the test's own clock's; FULLNAT and DR have five seconds of it.</remarks>
public sealed class ReuseTests
{
    private const int Ports = 250, FirstPort = 20_000, PerSecond = 5000;
    private const int IpAt = Packet.Headroom + 14, PortAt = Packet.Headroom + 34;

    private readonly byte[] _buffer = new byte[Packet.Headroom + 2048];
    private readonly Dictionary<TcpFlags, byte[]> _requests = new TcpFlags[] { TcpFlags.Syn, TcpFlags.Ack, TcpFlags.Fin | TcpFlags.Ack, TcpFlags.Rst }
        .ToDictionary(f => f, f => PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", f).Macs(Router, F0).Build());

    [Theory]
    [InlineData(ForwardingMethod.Nat, "203.0.113.7:1", 60)]
    [InlineData(ForwardingMethod.FullNat, "10.1.0.2:1", 5)]
    [InlineData(ForwardingMethod.DirectRouting, null, 5)]
    public void FiveThousandConnectionsASecond_ThroughFewPorts_AreMadeAtOnce(ForwardingMethod method, string? seenBy, int seconds)
    {
        int total = PerSecond * seconds;
        using DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0").Service("192.0.2.1:80", method, "10.1.0.10:80", "10.1.0.11:80");
        if (method == ForwardingMethod.FullNat) rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "192.0.2.1:80"), IpAddress.Parse("10.1.0.2")).ShouldBe(RuleResult.Ok);
        int device = rig.InterfaceOf("f0"), back = rig.InterfaceOf("b0");
        int[] chosen = new int[2];
        for (int n = 0; n < total; n++)
        {
            rig.Now += TimeSpan.FromSeconds(1.0 / PerSecond);
            if (n % 64 == 0) rig.Worker.AdvanceTimers(rig.Now);
            int port = FirstPort + (n % Ports);
            int server = Open(rig, device, port, method, out int peer);
            chosen[server]++;
            if (seenBy is null)
            {
                // DR's director sees the client alone, whose reset ends it.
                Send(rig, device, _requests[TcpFlags.Ack], port);
                Send(rig, device, _requests[TcpFlags.Rst], port);
                continue;
            }

            Send(rig, back, Reply(seenBy, server, TcpFlags.Syn | TcpFlags.Ack), peer, isReply: true);
            Send(rig, device, _requests[TcpFlags.Ack], port);
            Send(rig, device, _requests[TcpFlags.Fin | TcpFlags.Ack], port);
            Send(rig, back, Reply(seenBy, server, TcpFlags.Fin | TcpFlags.Ack), peer, isReply: true);
            Send(rig, device, _requests[TcpFlags.Ack], port);
        }

        chosen.ShouldBe([total / 2, total / 2], "each was scheduled anew");
        rig.Worker.CountEvents(ForwardingEvent.ConnectionReused).ShouldBe(total - Ports);
        rig.Worker.ConnectionCount.ShouldBe(Ports);
        DropReasons.All.Sum(rig.Drops).ShouldBe(0);
    }

    private readonly Dictionary<(int Server, TcpFlags Flags), byte[]> _replies = [];

    private byte[] Reply(string seenBy, int server, TcpFlags flags)
    {
        if (_replies.TryGetValue((server, flags), out byte[]? frame)) return frame;
        return _replies[(server, flags)] = PacketBuilder.Tcp($"10.1.0.{10 + server}:80", seenBy, flags).Macs(RealMac(10 + server), B0).Build();
    }

    // Which server the SYN was sent to, and by which port the client is known there.
    private int Open(DirectorRig rig, int device, int port, ForwardingMethod method, out int peer)
    {
        Packet packet = Send(rig, device, _requests[TcpFlags.Syn], port);
        peer = WireView.At<U16Be>(_buffer, packet.Offset + 34).Host;
        return method == ForwardingMethod.DirectRouting ? _buffer[packet.Offset + 5] - 0x10 : _buffer[packet.Offset + IpAt - Packet.Headroom + 19] - 10;
    }

    // Checksums are left alone: nobody looks at them before the real server.
    private Packet Send(DirectorRig rig, int device, byte[] frame, int port, bool isReply = false)
    {
        frame.CopyTo(_buffer, Packet.Headroom);
        WireView.At<U16Be>(_buffer, isReply ? PortAt + 2 : PortAt).Host = (ushort)port;
        var packet = new Packet { Buffer = _buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = device };
        Verdict verdict = rig.Worker.Process(ref packet, rig.Now);
        if (verdict != Verdict.Transmit) verdict.ShouldBe(Verdict.Transmit, $"port {port}: {packet.Reason}");
        return packet;
    }
}
