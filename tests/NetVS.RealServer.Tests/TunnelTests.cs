using System.Net;
using System.Net.Sockets;
using NetVS.Linux.Host;
using NetVS.Packets;

namespace NetVS.RealServer.Tests;

/// <summary>A prepared real server on a wire: encapsulated connections reach a TCP server, and nobody is answered for the VIP.</summary>
public sealed class TunnelTests : IDisposable
{
    private const string Client = "203.0.113.7", Vip = "10.8.0.1", Dip = "192.0.2.1", Rip = "192.0.2.9";
    private const string Client6 = "2001:db8:c::7", Vip6 = "2001:db8:8::1", Dip6 = "2001:db8:1::1", Rip6 = "2001:db8:1::9";

    private readonly TestNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(Client, Vip, Dip, Rip, 4, "")]
    [InlineData(Client6, Vip6, Dip6, Rip6, 41, "")]
    [InlineData(Client6, Vip6, Dip, Rip, 41, "")]
    [InlineData(Client, Vip, Dip6, Rip6, 4, "")]
    [InlineData(Client, Vip, Dip, Rip, 47, "00000800")]
    [InlineData(Client6, Vip6, Dip, Rip, 47, "000086DD")]
    [InlineData(Client, Vip, Dip6, Rip6, 17, "00040000")]
    [InlineData(Client6, Vip6, Dip6, Rip6, 17, "00290000")]
    public void EncapsulatedConnection_ReachesAServerOnTheVip(string client, string vip, string dip, string rip, byte protocol, string shim)
    {
        byte[] Wrap(byte[] packet)
        {
            int length = 12 + packet.Length;
            byte[] udp = protocol == 17 ? [0xC0, 1, 0x17, 0xC0, (byte)(length >> 8), (byte)(length & 0xFF), 0, 0] : [];
            return Frames.Ip(dip, rip, protocol, [.. udp, .. Convert.FromHexString(shim), .. packet]);
        }


        AddSecondWayOut(client);
        SetUp(RealServerMethod.Tunnel, vip);
        using Socket listener = NetworkNamespace.Run(_network.InsidePath, () => Listen(vip, 8080));
        var echo = new Thread(() =>
        {
            using Socket accepted = listener.Accept();
            byte[] buffer = new byte[100];
            accepted.Send(buffer.AsSpan(0, accepted.Receive(buffer)));
        }) { IsBackground = true };
        echo.Start();
        using var wire = new Wire(_network);
        using var back = new Wire(_network, "w1");
        var connection = new HandMadeConnection(wire, client, vip, 40000, 8080) { Wrap = Wrap, Back = back };
        connection.TryConnect().ShouldBeTrue("SYN+ACK");
        connection.Exchange("through the tunnel"u8.ToArray()).ShouldBe("through the tunnel"u8.ToArray());
        echo.Join(TimeSpan.FromSeconds(3)).ShouldBeTrue();
    }

    [Fact]
    public void WithoutSetup_NothingComesThrough()
    {
        _network.Ip($"addr add {Vip}/32 dev lo");
        using Socket listener = NetworkNamespace.Run(_network.InsidePath, () => Listen(Vip, 8080));
        using var wire = new Wire(_network);
        new HandMadeConnection(wire, Client, Vip, 40000, 8080) { Wrap = p => Frames.Ip(Dip, Rip, 4, p) }.TryConnect().ShouldBeFalse();
    }

    [Theory]
    [InlineData(RealServerMethod.DirectRouting)]
    [InlineData(RealServerMethod.Tunnel)]
    public void Arp_ForTheVip_IsNotAnswered_AndForTheOwnAddressIs(RealServerMethod method)
    {
        using var wire = new Wire(_network);
        _network.Ip($"addr add {Vip}/32 dev lo");
        IsArpAnswered(wire, Vip).ShouldBeTrue("without setup Linux answers for addresses of other interfaces");
        _network.Ip($"addr del {Vip}/32 dev lo");
        SetUp(method, Vip);
        IsArpAnswered(wire, Vip, 500).ShouldBeFalse();
        IsArpAnswered(wire, Rip).ShouldBeTrue();
    }

    [Theory]
    [InlineData(RealServerMethod.DirectRouting)]
    [InlineData(RealServerMethod.Tunnel)]
    public void NeighbourSolicitation_ForTheVip_IsNotAnswered_AndForTheOwnAddressIs(RealServerMethod method)
    {
        // The last 24 bits are those of the own address: one solicited-node group, which the interface has joined.
        const string VipOfSameGroup = "2001:db8:8::9";
        using var wire = new Wire(_network);
        SetUp(method, VipOfSameGroup);
        foreach (bool isUnicast in (bool[])[false, true])
        {
            IsSolicitationAnswered(wire, VipOfSameGroup, isUnicast, 500).ShouldBeFalse();
            IsSolicitationAnswered(wire, Rip6, isUnicast).ShouldBeTrue();
        }
    }

    /// <summary>Answers to the client leave by another interface: strict reverse path filtering drops what comes in by e0.</summary>
    private void AddSecondWayOut(string client)
    {
        TestNetwork.Run("nsenter", $"--net={_network.InsidePath} sysctl -qw net.ipv4.conf.all.rp_filter=1");
        _network.Ip($"link add e1 type veth peer name w1 netns {_network.Outside}");
        TestNetwork.Run("ip", $"-n {_network.Outside} link set w1 up");
        _network.Ip("link set e1 up");
        string gateway = client.Contains(':') ? "2001:db8:2::1" : "198.51.100.1";
        _network.Ip($"neigh add {gateway} lladdr 02:00:00:00:00:02 dev e1 nud permanent");
        _network.Ip($"route add {client} via {gateway} dev e1 onlink");
    }

    private static Socket Listen(string address, int port)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(endpoint);
        socket.Listen();
        return socket;
    }

    private static bool IsArpAnswered(Wire wire, string address, int milliseconds = 3000)
    {
        byte[] target = IPAddress.Parse(address).GetAddressBytes();
        wire.Send(
        [
            .. Enumerable.Repeat((byte)0xFF, 6), .. Frames.MacThere, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
            .. Frames.MacThere, .. IPAddress.Parse(Dip).GetAddressBytes(), .. new byte[6], .. target, .. new byte[18],
        ]);
        return wire.Receive(
            f => f.Length >= 42 && f[12] == 8 && f[13] == 6 && f[21] == 2 && f.AsSpan(28, 4).SequenceEqual(target), milliseconds) is not null;
    }

    private static bool IsSolicitationAnswered(Wire wire, string address, bool isUnicast, int milliseconds = 3000)
    {
        byte[] target = IPAddress.Parse(address).GetAddressBytes();
        byte[] to = isUnicast ? target : [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, .. target[13..]];
        byte[] message = [135, 0, 0, 0, 0, 0, 0, 0, .. target, 1, 1, .. Frames.MacThere];
        byte[] pseudo = [.. IPAddress.Parse(Dip6).GetAddressBytes(), .. to, 0, 0, 0, (byte)message.Length, 0, 0, 0, 58];
        ushort sum = Frames.Checksum([.. pseudo, .. message]);
        (message[2], message[3]) = ((byte)(sum >> 8), (byte)(sum & 0xFF));
        byte[] packet = Frames.Ipv6(Dip6, new IPAddress(to).ToString(), 58, message);
        packet[7] = 255;
        wire.Send(Frames.Ethernet(packet, isUnicast ? null : [0x33, 0x33, .. to[12..]]));
        return wire.Receive(
            f => f.Length >= 78 && f[20] == 58 && f[54] == 136 && f.AsSpan(62, 16).SequenceEqual(target), milliseconds) is not null;
    }

    private void SetUp(RealServerMethod method, string vip) => NetworkNamespace.Run(
        _network.InsidePath,
        () => new RealServerHost(_ => { }, _network.Folder).SetUp([new(method, IpAddress.Parse(vip), [])], [], isDryRun: false));
}
