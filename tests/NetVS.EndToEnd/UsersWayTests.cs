using System.Net;
using System.Net.Sockets;
using System.Text;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>
/// Checks that go the users' way. The first server answers under the virtual address alone, the second under its own alone: a check of the servers' own
/// addresses would have it the other way round.
/// </summary>
public sealed class UsersWayTests : IDisposable
{
    private const string OwnV4 = "192.168.1.", OwnV6 = "fd00::";
    private readonly LabNetwork _lab = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _parts = [];
    private readonly string _file = Path.GetTempFileName();
    private readonly DirectorProcess _director;

    public UsersWayTests() => _director = new DirectorProcess(_lab.Director);

    public void Dispose()
    {
        _stop.Cancel();
        _director.Dispose();
        foreach (IDisposable part in _parts) part.Dispose();
        _lab.Dispose();
        File.Delete(_file);
    }

    [Theory]
    [InlineData(false, "DR", "tc", 100)]
    [InlineData(true, "DR", "xdp-generic", 100)]
    [InlineData(false, "TUN", "xdp-generic", 100)]
    [InlineData(true, "TUN", "tc", 100)]
    [InlineData(false, "TUN type gre", "tc", 100)]
    [InlineData(true, "TUN type gre", "tc", 100)]
    [InlineData(false, "TUN type gue port 6080", "tc", 100)]
    [InlineData(true, "TUN type gue port 6080", "tc", 100)]
    public void Pages_AreFetchedUnderTheVirtualAddress(bool isV6, string method, string hook, int kilobytes)
    {
        string page = new('x', kilobytes << 10);
        bool isTunnel = method.StartsWith("TUN", StringComparison.Ordinal);
        if (isTunnel) Setup("setup", isV6);
        ServePages(_lab.Servers[0], Vip(isV6), page, Host(10));
        ServePages(_lab.Servers[1], Own(isV6, 11), page, Host(11));
        string Host(int number) => $"Host: {(isV6 ? $"[{Own(true, number)}]" : Own(false, number))}:8080\r\n";
#pragma warning disable CA5351 // what keepalived's digest is
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.ASCII.GetBytes(page)));
#pragma warning restore CA5351
        Start(isV6, method, $"HTTP_GET {{\n netvs_users_way\n connect_timeout 1\n retry 0\n delay_loop 1\n url {{\n path /\n digest {digest}\n }}\n }}", hook);
        Patience.WaitFor(() => Has(isV6, 10) && !Has(isV6, 11), $"who has the virtual address is in, and who has not is out\n{_director.Log}", 20);
        _director.Netvs("status").ShouldContain($"({Vip(isV6)} by {(isTunnel ? "" : "DR")}");

        // What users would miss is missed.
        if (isTunnel) Setup("undo", isV6);
        else _lab.Servers[0].Ip($"addr del {Vip(isV6)}/{(isV6 ? 128 : 32)} dev lo");
        Patience.WaitFor(() => !Has(isV6, 10), $"the server that users do not reach any more is out\n{_director.Log}", 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pages_AreFetchedInHttp2(bool isV6)
    {
        string folder = Directory.CreateTempSubdirectory("nvst-http2-").FullName, log = Path.Combine(folder, "access");
        try
        {
            string configuration = Path.Combine(folder, "nginx.conf");
            File.WriteAllText(configuration, $$"""
                daemon off;
                master_process off;
                pid {{folder}}/pid;
                error_log {{folder}}/error;
                events {}
                http {
                    log_format seen "$server_protocol $server_addr $status";
                    access_log {{log}} seen;
                    server { listen {{(isV6 ? $"[{Vip(true)}]" : Vip(false))}}:8080 http2; return 200; }
                }
                """);
            _lab.Servers[0].Begin("nginx", "-c", configuration);
            Start(isV6, "DR", "HTTP_GET {\n netvs_users_way\n http_protocol 2\n connect_timeout 1\n retry 0\n delay_loop 1\n url {\n path /\n status_code 200\n }\n }", "tc");
            Patience.WaitFor(() => Has(isV6, 10) && !Has(isV6, 11), $"who has the virtual address is in, and who has not is out\n{_director.Log}", 20);
            Patience.WaitFor(() => File.ReadAllLines(log).Contains($"HTTP/2.0 {Vip(isV6)} 200"), "it was asked in HTTP/2, under the virtual address", 20);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Datagrams_RefusedByTheServer_AreHeardOf(bool isV6)
    {
        using Socket answering = _lab.Servers[0].Run(() =>
        {
            var socket = new Socket(isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(Vip(isV6)), 8080));
            return socket;
        });
        _ = EchoAsync(answering);
        Start(isV6, "DR", "UDP_CHECK {\n netvs_users_way\n connect_timeout 1\n retry 0\n delay_loop 1\n require_reply\n }", "tc", "UDP");
        Patience.WaitFor(() => Has(isV6, 10) && !Has(isV6, 11), $"who answers is in\n{_director.Log}", 20);
        _director.Log.ShouldContain("connection refused");
        _director.Log.ShouldNotContain("no answer in time");
    }

    [Fact]
    public void WhenTheCheckGoes_NothingIsLeftOnTheInterfaces()
    {
        ServePages(_lab.Servers[0], Vip(false), "x", "");
        const string Check = "TCP_CHECK {\n netvs_users_way\n connect_timeout 1\n retry 0\n delay_loop 1\n }";
        Start(false, "DR", Check, "tc");
        Patience.WaitFor(() => Has(false, 10) && !Has(false, 11), $"the check works\n{_director.Log}", 20);
        Reaches().ShouldBeTrue();
        File.WriteAllText(_file, Configuration(false, "DR", "", "TCP"));
        _director.Netvs("reload");
        Reaches().ShouldBeFalse();
        Has(false, 11).ShouldBeTrue("a server without checks is in");
        File.WriteAllText(_file, Configuration(false, "DR", Check, "TCP"));
        _director.Netvs("reload");
        Patience.WaitFor(() => Has(false, 10) && !Has(false, 11), $"the check works again\n{_director.Log}", 20);
        Reaches().ShouldBeTrue();
        _director.Stop();
        Reaches().ShouldBeFalse();
    }

    // Whether a socket with the first path's mark comes to the virtual address: nobody listens on the server's own.
    private bool Reaches() => _lab.Director.Run(() =>
    {
        const int SOL_SOCKET = 1, SO_MARK = 36;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetRawSocketOption(SOL_SOCKET, SO_MARK, BitConverter.GetBytes(0x4e560000));
        try
        {
            socket.Connect(Own(false, 10), 8080);
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    });

    private static string Vip(bool isV6) => isV6 ? LabNetwork.VipV6 : LabNetwork.Vip;

    private static string Own(bool isV6, int number) => (isV6 ? OwnV6 : OwnV4) + number;

    private static string Configuration(bool isV6, string method, string check, string protocol) => $$"""
        virtual_server {{Vip(isV6)}} 8080 {
            protocol {{protocol}}
            lvs_sched rr
            lvs_method {{method}}
            real_server {{Own(isV6, 10)}} 8080 {
                alpha
                {{check}}
            }
            real_server {{Own(isV6, 11)}} 8080 {
                {{check}}
            }
        }
        """;

    private void Start(bool isV6, string method, string check, string hook, string protocol = "TCP")
    {
        File.WriteAllText(_file, Configuration(isV6, method, check, protocol));
        _director.Start("-f", _file, "--interface", "f0,b0", "--hook", hook);
    }

    private bool Has(bool isV6, int number) => _director.Ipvsadm("-Ln").Contains(isV6 ? $"[{Own(true, number)}]:8080" : $"{Own(false, number)}:8080", StringComparison.Ordinal);

    private void Setup(string verb, bool isV6)
    {
        foreach (NetworkNamespace server in _lab.Servers)
            server.Execute(DirectorProcess.Program, $"realserver {verb} --method tun --vip {Vip(isV6)}{(verb == "setup" ? " --from any" : "")}");
    }

    private async Task EchoAsync(Socket socket)
    {
        byte[] buffer = new byte[2048];
        var anybody = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            SocketReceiveFromResult got = await socket.ReceiveFromAsync(buffer, anybody, _stop.Token);
            await socket.SendToAsync(buffer.AsMemory(0, got.ReceivedBytes), got.RemoteEndPoint, _stop.Token);
        }
    }

    private void ServePages(NetworkNamespace where, string address, string page, string host)
    {
        TcpListener listener = where.Run(() =>
        {
            var made = new TcpListener(IPAddress.Parse(address), 8080);
            made.Start();
            return made;
        });
        _parts.Add(listener);
        _ = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    using TcpClient client = await listener.AcceptTcpClientAsync(_stop.Token);
                    NetworkStream stream = client.GetStream();
                    byte[] request = new byte[1024];
                    int length = await stream.ReadAsync(request, _stop.Token);
                    if (length == 0) continue;
                    string status = Encoding.ASCII.GetString(request, 0, length).Contains(host, StringComparison.Ordinal) ? "200 OK" : "400 another host";
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.0 {status}\r\n\r\n{page}"), _stop.Token);
                }
                catch (IOException)
                {
                    // The check went away.
                }
            }
        });
    }
}
