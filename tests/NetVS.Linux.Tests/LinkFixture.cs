using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NetVS.Director.Services;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Native;
using NetVS.Linux.PacketSocket;
using NetVS.Linux.Xdp;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Testing.Namespaces;

namespace NetVS.Linux.Tests;

/// <summary>Two hosts on a wire: peer p0 (192.0.2.9) and director f0 (192.0.2.1), whose UDP and TCP port 80 are diverted.</summary>
internal sealed class LinkFixture : IDisposable
{
    public const string PeerAddress = "192.0.2.9", DirectorAddress = "192.0.2.1";

    public static readonly MacAddress PeerMac = new(0x0200_0000_0009), DirectorMac = new(0x0200_0000_0001);

    private readonly List<IDisposable> _parts = [];

    public LinkFixture()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        Director = NetworkNamespace.Create("dir");
        Peer = NetworkNamespace.Create("peer");
        NetworkNamespace.Execute(
            "ip", "-n", Director.Name, "link", "add", "f0", "address", DirectorMac.ToString(),
            "type", "veth", "peer", "name", "p0", "address", PeerMac.ToString(), "netns", Peer.Name);
        Director.Ip("link set f0 up");
        Peer.Ip("link set p0 up");
        Director.Ip($"addr add {DirectorAddress}/24 dev f0");
        Peer.Ip($"addr add {PeerAddress}/24 dev p0");
        Peer.Ip($"neigh add {DirectorAddress} lladdr {DirectorMac} dev p0");
        F0 = IndexOf(Director, "f0");
        P0 = IndexOf(Peer, "p0");
        Program = DivertProgram.Load();
        Program.AddInterface(F0, DirectorMac, 0);
        Program.SetOwnAddresses([IpAddress.Parse(DirectorAddress)]);
        Program.Apply(new DivertRules(
            new HashSet<DivertEndpoint>
            {
                new(IpProtocol.Tcp, IpAddress.Parse(DirectorAddress), 80), new(IpProtocol.Udp, IpAddress.Parse(DirectorAddress), 80),
            },
            new HashSet<DivertEndpoint>(), new HashSet<DivertEndpoint>(), new HashSet<IpAddress>()));
    }

    public NetworkNamespace Director { get; }

    public NetworkNamespace Peer { get; }

    public DivertProgram Program { get; }

    public int F0 { get; }

    public int P0 { get; }

    public static int IndexOf(NetworkNamespace where, string name) =>
        int.Parse(where.Ip($"-o link show dev {name}").Split(':')[0]);

    /// <summary>The director's end through AF_XDP.</summary>
    public XdpLink OpenXdp(XdpUmem umem, XdpMode mode = XdpMode.Native, bool isVirtual = true, int queue = 0) => Director.Run(() =>
    {
        if (queue == 0) _parts.Add(BpfLink.AttachXdp(Program.Xdp, F0, mode, "f0"));
        var link = new XdpLink(XdpSocket.Open(umem, F0, "f0", queue), F0, isVirtual);
        Program.SetSocket(queue, link.Descriptor);
        link.Receive(new ReceivedFrames(), 1);
        _parts.Add(link);
        return link;
    });

    /// <summary>The director's end through AF_PACKET, kept from the stack by tc.</summary>
    public PacketSocketLink OpenPacket(bool allowTcx = true) => Director.Run(() =>
    {
        var link = new PacketSocketLink(F0, "f0", 1500, Program.Filter);
        _parts.Add(link);
        _parts.Add(TcAttachment.Attach(Program.Ingress, F0, "f0", TcDirection.Ingress, allowTcx));
        return link;
    });

    /// <summary>The peer's end, for sending frames made by hand.</summary>
    public TransmitOnlyLink OpenSender() => Peer.Run(() =>
    {
        var link = new TransmitOnlyLink(P0, "p0");
        _parts.Add(link);
        return link;
    });

    /// <summary>The peer's end, for seeing every frame of the director's UDP port 80 (as source or destination of the peer).</summary>
    public PacketSocketLink OpenObserver() => Peer.Run(() =>
    {
        var link = new PacketSocketLink(P0, "p0", 1500, null);
        _parts.Add(link);
        return link;
    });

    public static void Send(ILink link, byte[] octets, PacketOffload offload = default)
    {
        var frame = new LinkFrame { Buffer = octets, Length = octets.Length, Offload = offload };
        link.Transmit(ref frame);
    }

    /// <summary>Receives until there are as many frames as wanted; only a failing test waits for long.</summary>
    public static ReceivedFrames Receive(ILink link, int count, Predicate<byte[]>? which = null, ReceivedFrames? into = null, double seconds = 5)
    {
        ReceivedFrames frames = into ?? new ReceivedFrames();
        using var poller = new Poller();
        poller.SetLinks([link]);
        long deadline = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        while (frames.All.Count(f => which is null || which(f.Octets)) < count && Stopwatch.GetTimestamp() < deadline)
        {
            if (link.Receive(frames, 64) == 0) poller.Wait(TimeSpan.FromMilliseconds(20));
            link.Flush();
            link.Release();
        }

        return frames;
    }

    /// <summary>A UDP socket of a host's own stack.</summary>
    public Socket OpenUdp(NetworkNamespace where, string address, int port) => where.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        socket.ReceiveTimeout = 3000;
        _parts.Add(socket);
        return socket;
    });

    public void Keep(IDisposable part) => _parts.Add(part);

    public void Dispose()
    {
        for (int i = _parts.Count - 1; i >= 0; i--) _parts[i].Dispose();
        Program.Dispose();
        Director.Dispose();
        Peer.Dispose();
    }
}
