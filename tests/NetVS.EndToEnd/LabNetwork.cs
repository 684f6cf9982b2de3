using System.Net;
using System.Net.Sockets;
using System.Text;
using NetVS.Testing.Namespaces;

namespace NetVS.EndToEnd;

/// <summary>
/// client 203.0.113.7 -- 203.0.113.1 director 192.168.1.1 -- bridge -- servers .10 and .11: two-armed, the VIP is 203.0.113.1 for NAT and
/// FULLNAT; for DR the VIP 203.0.113.80 is also on the servers' loopback. Both families.
/// </summary>
internal sealed class LabNetwork : IDisposable
{
    public const string Vip = "203.0.113.80", VipV6 = "2001:db8:1::80";

    private readonly List<IDisposable> _parts = [];
    private readonly CancellationTokenSource _stop = new();

    public LabNetwork()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        Client = NetworkNamespace.Create("client");
        Director = NetworkNamespace.Create("dir");
        Switch = NetworkNamespace.Create("switch");
        Servers = [NetworkNamespace.Create("rs1"), NetworkNamespace.Create("rs2")];
        NetworkNamespace.Connect(Client, "c0", Director, "f0");
        Client.Ip("addr add 203.0.113.7/24 dev c0");
        Client.Ip("addr add 2001:db8:1::7/64 dev c0 nodad");
        Director.Ip("addr add 203.0.113.1/24 dev f0");
        Director.Ip("addr add 2001:db8:1::1/64 dev f0 nodad");
        Director.Ip($"addr add {Vip}/32 dev f0");
        Director.Ip($"addr add {VipV6}/128 dev f0 nodad");
        Switch.Ip("link add br0 type bridge");
        Switch.Ip("link set br0 up");
        NetworkNamespace.Connect(Switch, "d0", Director, "b0");
        Switch.Ip("link set d0 master br0");
        Director.Ip("addr add 192.168.1.1/24 dev b0");
        Director.Ip("addr add 192.168.1.2/24 dev b0");
        Director.Ip("addr add fd00::1/64 dev b0 nodad");
        Director.Ip("addr add fd00::2/64 dev b0 nodad");
        Director.SetSysctl("net.ipv4.ip_forward", "1");
        Director.SetSysctl("net.ipv6.conf.all.forwarding", "1");
        for (int i = 0; i < 2; i++)
        {
            NetworkNamespace.Connect(Switch, $"s{i}", Servers[i], "e0");
            Switch.Ip($"link set s{i} master br0");
            Servers[i].Ip($"addr add 192.168.1.{10 + i}/24 dev e0");
            Servers[i].Ip($"addr add fd00::{10 + i}/64 dev e0 nodad");
            Servers[i].Ip("route add default via 192.168.1.1");
            Servers[i].Ip("-6 route add default via fd00::1");
            Servers[i].Ip($"addr add {Vip}/32 dev lo");
            Servers[i].Ip($"addr add {VipV6}/128 dev lo nodad");
            Servers[i].SetSysctl("net.ipv4.conf.all.arp_ignore", "1");
            Servers[i].SetSysctl("net.ipv4.conf.all.arp_announce", "2");
        }
    }

    public NetworkNamespace Client { get; }

    public NetworkNamespace Director { get; }

    public NetworkNamespace Switch { get; }

    public NetworkNamespace[] Servers { get; }

    /// <summary>
    /// A server that answers one line: "get N" with "NAME CLIENT\n" and N octets; "put N" by taking N octets and answering "NAME SUM\n".
    /// </summary>
    public void Serve(NetworkNamespace where, string name, int port)
    {
        TcpListener listener = where.Run(() =>
        {
            var made = new TcpListener(IPAddress.IPv6Any, port);
            made.Server.DualMode = true;
            made.Start(512);
            return made;
        });
        _parts.Add(listener);
        _ = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    TcpClient accepted = await listener.AcceptTcpClientAsync(_stop.Token);
                    _ = Answer(accepted, name);
                }
                catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        });
    }

    /// <summary>Downloads from the service; returns the first line and how many octets came, which are checked.</summary>
    public (string Line, long Octets) Get(string address, int port, long octets = 0) => Get(Client, address, port, octets);

    /// <summary>The same from another host than the client.</summary>
    public static (string Line, long Octets) Get(NetworkNamespace from, string address, int port, long octets = 0) => Ask(from, address, port, $"get {octets}\n", static stream =>
    {
        string line = ReadLine(stream);
        byte[] buffer = new byte[65536];
        long total = 0;
        for (int read; (read = stream.Read(buffer)) > 0; total += read)
            for (int i = 0; i < read; i++)
                if (buffer[i] != Octet(total + i)) throw new InvalidDataException($"octet {total + i} of the download is wrong");
        return (line, total);
    });

    /// <summary>Uploads to the service; returns what it answers: its name and how many octets it got right.</summary>
    public string Put(string address, int port, long octets) => Put(Client, address, port, octets);

    /// <summary>The same from another host than the client.</summary>
    public static string Put(NetworkNamespace from, string address, int port, long octets) => Ask(from, address, port, $"put {octets}\n", stream =>
    {
        byte[] buffer = new byte[65536];
        for (long sent = 0; sent < octets;)
        {
            int length = (int)Math.Min(buffer.Length, octets - sent);
            for (int i = 0; i < length; i++) buffer[i] = Octet(sent + i);
            stream.Write(buffer, 0, length);
            sent += length;
        }

        return ReadLine(stream);
    });

    /// <summary>
    /// Gives the servers a way to the client of their own: a director whose address the VIP is takes replies from the VIP that
    /// pass by its stack for forged ones (martian source).
    /// </summary>
    public void ReplyPastTheDirector()
    {
        NetworkNamespace.Connect(Switch, "k0", Client, "c1");
        Switch.Ip("link set k0 master br0");
        Client.Ip("addr add 192.168.1.100/24 dev c1");
        Client.Ip("addr add fd00::100/64 dev c1 nodad");
        foreach (NetworkNamespace server in Servers)
        {
            server.Ip("route replace default via 192.168.1.100");
            server.Ip("-6 route replace default via fd00::100");
        }
    }

    public void UseTwoQueues()
    {
        Client.Execute("ethtool", "-L c0 rx 2 tx 2");
        Switch.Execute("ethtool", "-L d0 rx 2 tx 2");
        Director.Execute("ethtool", "-L f0 rx 2 tx 2");
        Director.Execute("ethtool", "-L b0 rx 2 tx 2");
    }

    /// <summary>Lets frames pass that XDP redirects: veth takes them only where its peer receives by NAPI, and not unsegmented ones.</summary>
    public void TakeRedirectedFrames()
    {
        Client.Execute("ethtool", "-K c0 gro on tx off");
        Switch.Execute("ethtool", "-K d0 gro on");
        foreach (NetworkNamespace server in Servers) server.Execute("ethtool", "-K e0 tx off");
        TurnSegmentationOffloadOff();
    }

    public void TurnSegmentationOffloadOff()
    {
        Client.Execute("ethtool", "-K c0 tso off gso off");
        foreach (NetworkNamespace server in Servers) server.Execute("ethtool", "-K e0 tso off gso off");
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (IDisposable part in _parts) part.Dispose();
        foreach (NetworkNamespace server in Servers) server.Dispose();
        Switch.Dispose();
        Client.Dispose();
        Director.Dispose();
    }

    private static T Ask<T>(NetworkNamespace from, string address, int port, string request, Func<NetworkStream, T> use) => from.Run(() =>
    {
        using var socket = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 10000, ReceiveTimeout = 10000 };
        socket.Connect(new IPEndPoint(IPAddress.Parse(address), port));
        using var stream = new NetworkStream(socket);
        stream.Write(Encoding.ASCII.GetBytes(request));
        return use(stream);
    });

    private async Task Answer(TcpClient accepted, string name)
    {
        using TcpClient client = accepted;
        try
        {
            NetworkStream stream = client.GetStream();
            string[] words = (await ReadLineAsync(stream)).Split(' ');
            long count = long.Parse(words[1]);
            byte[] buffer = new byte[65536];
            IPAddress from = ((IPEndPoint)client.Client.RemoteEndPoint!).Address;
            if (from.IsIPv4MappedToIPv6) from = from.MapToIPv4();
            if (words[0] == "get")
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{name} {from}\n"), _stop.Token);
                for (long sent = 0; sent < count;)
                {
                    int length = (int)Math.Min(buffer.Length, count - sent);
                    for (int i = 0; i < length; i++) buffer[i] = Octet(sent + i);
                    await stream.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
                    sent += length;
                }

                return;
            }

            long right = 0;
            for (long got = 0; got < count;)
            {
                int read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count - got)), _stop.Token);
                if (read == 0) break;
                for (int i = 0; i < read; i++)
                    if (buffer[i] == Octet(got + i)) right++;
                got += read;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{name} {right}\n"), _stop.Token);
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or SocketException or IndexOutOfRangeException or FormatException)
        {
            // The client went away.
        }
    }

    // A period that is no multiple of any segment size: moved or doubled segments show.
    private static byte Octet(long position) => (byte)(position % 251);

    private static string ReadLine(NetworkStream stream)
    {
        var line = new StringBuilder();
        for (int c; (c = stream.ReadByte()) is not (-1 or '\n');) line.Append((char)c);
        return line.ToString();
    }

    private static async Task<string> ReadLineAsync(NetworkStream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one) == 1 && one[0] != '\n') line.Append((char)one[0]);
        return line.ToString();
    }
}
