using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using NetVS.Director.Offload;
using NetVS.Linux.Bpf;
using NetVS.Linux.PacketSocket;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>Real stacks on both sides of tc: unfinished checksums and unsegmented frames go through, and nothing is wrong at the end.</summary>
public sealed class FlowTrafficTests : IDisposable
{
    private const int ClientPort = 4100;

    private readonly FlowWire _wire = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transfer_ByNat_IsTheSameAtTheEnd_AndTravelsUnsegmented(bool isV4)
    {
        const int Length = 100 << 20;
        _wire.Listen();
        (string client, string vip, string real) = Ends(isV4, ClientPort);
        Both(IpProtocol.Tcp, client, vip, real);
        (byte[] sent, byte[] received) = Transfer(isV4, ClientPort, Length);
        received.ShouldBe(sent);
        (ulong _, ulong _, ulong packets, ulong octets) = _wire.Flows.Counted();
        octets.ShouldBeGreaterThan((ulong)Length);
        (octets / packets).ShouldBeGreaterThan(3000UL, "whole bursts, not segments");
        IReadOnlyDictionary<string, long> counters = _wire.Flows.Program.ReadCounters();
        counters["flow_forwarded"].ShouldBe((long)packets);
        counters["flow_failed"].ShouldBe(0);
        counters.Where(c => c.Key.StartsWith("flow_up", StringComparison.Ordinal)).Sum(c => c.Value).ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Datagrams_WithUnfinishedChecksums_Arrive(bool isV4)
    {
        _wire.Listen();
        (string client, string vip, string real) = Ends(isV4, ClientPort);
        Both(IpProtocol.Udp, client, vip, real);
        using Socket server = _wire.Server.Run(() => Udp(isV4 ? FlowWire.RealAddress : FlowWire.RealV6, 80));
        using Socket sender = _wire.Client.Run(() => Udp(isV4 ? FlowWire.ClientAddress : FlowWire.ClientV6, ClientPort));
        sender.Connect(IPAddress.Parse(isV4 ? FlowWire.VirtualAddress : FlowWire.VirtualV6), 80);
        byte[] buffer = new byte[2000];
        for (int length = 1; length < 1400; length += 7)
        {
            byte[] datagram = RandomNumberGenerator.GetBytes(length);
            sender.Send(datagram);
            EndPoint from = new IPEndPoint(isV4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
            int received = server.ReceiveFrom(buffer, ref from);
            buffer.AsSpan(0, received).SequenceEqual(datagram).ShouldBeTrue();
            server.SendTo(datagram, from);
            sender.Receive(buffer).ShouldBe(length);
            buffer.AsSpan(0, length).SequenceEqual(datagram).ShouldBeTrue();
        }

        _wire.Flows.Program.ReadCounters()["flow_forwarded"].ShouldBe(400);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void VlanTags_InTc_AreTakenOffPutOnAndReplaced(bool isTagged, bool hopIsTagged)
    {
        _wire.Listen();
        TransmitOnlyLink sender = _wire.Client.Run(() => _wire.Keep(new TransmitOnlyLink(LinkFixture.IndexOf(_wire.Client, "c0"), "c0")));
        PacketSocketLink receiver = _wire.Server.Run(() => _wire.Keep(new PacketSocketLink(LinkFixture.IndexOf(_wire.Server, "s0"), "s0", 1500, null)));
        if (hopIsTagged) _wire.SetVlan(FlowWire.HopToServer, 200);
        foreach (bool isV4 in (bool[])[true, false])
        {
            (string client, string vip, string real) = Ends(isV4, ClientPort);
            Both(IpProtocol.Udp, client, vip, real);
            PacketBuilder packet = PacketBuilder.Udp(client, vip).Payload(100).Macs("02:00:00:00:00:09", "02:00:00:00:00:01");
            PacketBuilder expected = PacketBuilder.Udp(client, real).Payload(100).Ttl(63).Macs("02:00:00:00:00:02", "02:00:00:00:00:0a");
            if (isTagged) packet.Vlan(100, 3);
            if (hopIsTagged) expected.Vlan(200);
            byte[] wanted = expected.Build();
            LinkFixture.Send(sender, packet.Build());
            sender.Flush();
            ReceivedFrames frames = LinkFixture.Receive(receiver, 1, octets => octets.AsSpan().SequenceEqual(wanted));
            frames.All.Any(f => f.Octets.AsSpan().SequenceEqual(wanted)).ShouldBeTrue();
        }

        _wire.Flows.Program.ReadCounters()["flow_forwarded"].ShouldBe(2);
    }

    [Theory]
    [InlineData(XdpMode.Native)]
    [InlineData(XdpMode.Generic)]
    public void Frames_InXdp_AreRedirected(XdpMode mode)
    {
        _wire.ListenXdp(mode);
        TransmitOnlyLink sender = _wire.Client.Run(() => _wire.Keep(new TransmitOnlyLink(LinkFixture.IndexOf(_wire.Client, "c0"), "c0")));
        foreach (bool isV4 in (bool[])[true, false])
        {
            (string client, string vip, string real) = Ends(isV4, ClientPort);
            _wire.Flows.Install(IpProtocol.Udp, client, vip, FlowAction.Rewrite, client, real, FlowWire.HopToServer);
            using Socket server = _wire.Server.Run(() => Udp(isV4 ? FlowWire.RealAddress : FlowWire.RealV6, 80));
            byte[] buffer = new byte[2000];
            for (int length = 1; length < 1400; length += 70)
            {
                byte[] datagram = RandomNumberGenerator.GetBytes(length);
                LinkFixture.Send(sender, PacketBuilder.Udp(client, vip).Payload(datagram).Macs("02:00:00:00:00:09", "02:00:00:00:00:01").Build());
                sender.Flush();
                server.Receive(buffer).ShouldBe(length, "the stack has verified the checksum");
                buffer.AsSpan(0, length).SequenceEqual(datagram).ShouldBeTrue();
            }
        }

        _wire.Flows.Program.ReadCounters()["flow_forwarded"].ShouldBe(40);
    }

    [Theory]
    [InlineData(true, "Tunnel")]
    [InlineData(false, "Tunnel")]
    [InlineData(true, "Gre")]
    [InlineData(false, "Gre")]
    [InlineData(true, "Gue")]
    [InlineData(false, "Gue")]
    public void Datagrams_WithUnfinishedChecksums_GoThroughATunnel(bool isV4, string kind)
    {
        FlowAction action = Enum.Parse<FlowAction>(kind) | FlowAction.OuterDontFragment;
        _wire.Listen();
        (string client, string vip, string real) = Ends(isV4, ClientPort);
        (string outerSource, string outerTarget) = isV4 ? ("10.2.0.1:0", "10.2.0.9:0") : ("[fd02::1]:0", "[fd02::9]:0");
        _wire.Flows.Install(IpProtocol.Udp, client, vip, action, outerSource, outerTarget, FlowWire.HopToServer);
        string virtualAddress = isV4 ? FlowWire.VirtualAddress : FlowWire.VirtualV6;
        _wire.Server.Ip($"addr add {virtualAddress}/{(isV4 ? 32 : 128)} dev lo");
        Decapsulate(IpAddress.Parse(virtualAddress), IpAddress.Parse(isV4 ? FlowWire.RealAddress : FlowWire.RealV6));
        using Socket server = _wire.Server.Run(() => Udp(virtualAddress, 80));
        using Socket sender = _wire.Client.Run(() => Udp(isV4 ? FlowWire.ClientAddress : FlowWire.ClientV6, ClientPort));
        sender.Connect(IPAddress.Parse(virtualAddress), 80);
        byte[] buffer = new byte[2000];
        for (int length = 1; length < 1400; length += 7)
        {
            byte[] datagram = RandomNumberGenerator.GetBytes(length);
            sender.Send(datagram);
            server.Receive(buffer).ShouldBe(length);
            buffer.AsSpan(0, length).SequenceEqual(datagram).ShouldBeTrue();
        }

        _wire.Flows.Program.ReadCounters()["flow_forwarded"].ShouldBe(200);
    }

    public void Dispose() => _wire?.Dispose();

    private static (string Client, string Vip, string Real) Ends(bool isV4, int clientPort) => isV4
        ? ($"{FlowWire.ClientAddress}:{clientPort}", $"{FlowWire.VirtualAddress}:80", $"{FlowWire.RealAddress}:80")
        : ($"[{FlowWire.ClientV6}]:{clientPort}", $"[{FlowWire.VirtualV6}]:80", $"[{FlowWire.RealV6}]:80");

    // Both count as replies: a SYN of a request would go to a director, and there is none here.
    private void Both(IpProtocol protocol, string client, string vip, string real)
    {
        _wire.Flows.Install(protocol, client, vip, FlowAction.Rewrite | FlowAction.Reply, client, real, FlowWire.HopToServer);
        _wire.Flows.Install(protocol, real, client, FlowAction.Rewrite | FlowAction.Reply, vip, client, FlowWire.HopToClient);
    }

    private void Decapsulate(IpAddress virtualAddress, IpAddress own)
    {
        using BpfObject decap = BpfObject.OpenEmbedded("decap");
        decap.Load();
        using (BpfMap ports = decap.Map("gue_ports")) ports.Update((byte[])[0x17, 0xC0, 0, 0], (byte[])[1, 0, 0, 0]);
        foreach ((string map, IpAddress address) in ((string, IpAddress)[])[("vips", virtualAddress), ("locals", own)])
        {
            byte[] key = new byte[16];
            if (address.Family == IpFamily.V4)
            {
                key[10] = key[11] = 0xFF;
                address.Write(key.AsSpan(12));
            }
            else
            {
                address.Write(key);
            }

            using BpfMap values = decap.Map(map);
            values.Update(key, [1, 0, 0, 0]);
        }

        using BpfProgram program = decap.Program("decap");
        _wire.Server.Run(() =>
        {
            var hook = new TcHook(LinkFixture.IndexOf(_wire.Server, "s0"), "s0", TcDirection.Ingress);
            hook.CreateQdisc();
            hook.Attach(program, 1, 1);
        });
    }

    private (byte[] Sent, byte[] Received) Transfer(bool isV4, int clientPort, int length)
    {
        string client = isV4 ? FlowWire.ClientAddress : FlowWire.ClientV6, vip = isV4 ? FlowWire.VirtualAddress : FlowWire.VirtualV6;
        Socket listener = _wire.Keep(_wire.Server.Run(() =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 80));
            socket.Listen();
            return socket;
        }));
        Socket sender = _wire.Keep(_wire.Client.Run(() =>
        {
            var address = IPAddress.Parse(client);
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, clientPort));
            return socket;
        }));
        byte[] received = [];
        var reader = new Thread(() =>
        {
            using Socket accepted = listener.Accept();
            accepted.ReceiveTimeout = 20_000;
            byte[] buffer = new byte[1 << 18];
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            int count;
            while ((count = accepted.Receive(buffer)) > 0) hash.AppendData(buffer.AsSpan(0, count));
            received = hash.GetHashAndReset();
        });
        reader.Start();
        using (Task connecting = sender.ConnectAsync(IPAddress.Parse(vip), 80))
            connecting.Wait(TimeSpan.FromSeconds(10)).ShouldBeTrue("the handshake goes through the flows");
        byte[] octets = RandomNumberGenerator.GetBytes(1 << 20);
        using IncrementalHash sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int done = 0; done < length; done += octets.Length)
        {
            sender.Send(octets);
            sent.AppendData(octets);
            octets[done >> 20] ^= 0x55;
        }

        sender.Shutdown(SocketShutdown.Send);
        reader.Join();
        return (sent.GetHashAndReset(), received);
    }

    private static Socket Udp(string address, int port)
    {
        var local = IPAddress.Parse(address);
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 3000 };
        socket.Bind(new IPEndPoint(local, port));
        return socket;
    }
}
