using NetVS.Api.Client;
using NetVS.Api.Server;
using NetVS.Control;
using NetVS.Control.Status;
using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Tests.Api;

/// <summary>A daemon without links: the real director, control and API on a socket in a directory of its own.</summary>
internal sealed class TestDaemon : IAsyncDisposable, IConnectionSource, IDaemonFacts, ISyncDelivery
{
    private readonly DirectorEngine _engine;
    private readonly ControlSocket _socket;
    private ApiServer? _server;

    private TestDaemon(string? rulesFile)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("netvs-test-").FullName;
        SocketPath = Path.Combine(Directory, "run", "netvs.sock");
        var network = new NetworkState();
        _engine = new DirectorEngine(
            new DirectorOptions { MaxConnectionsV4 = 64, MaxConnectionsV6 = 64, Random = new ZeroRandom() }, network);
        Control = new DirectorControl(_engine, network, this, this, NoNames.Instance, new DirectorControlOptions
        {
            RulesFile = rulesFile is null ? null : Path.Combine(Directory, rulesFile),
            MaxConnections = 128,
            Sync = new SyncDaemons(_engine, network, this),
            Report = line => Log.Add(line),
        });
        _socket = ControlSocket.Take(SocketPath);
    }

    public string Directory { get; }

    public string SocketPath { get; }

    public DirectorControl Control { get; }

    public List<string> Log { get; } = [];

    public List<List<ConnectionView>> Connections { get; } = [[]];

    public TaskCompletionSource Stopped { get; } = new();

    public int WorkerCount => Connections.Count;

    public MonotonicTime Now => default;

    public bool TryPost(int worker, Action<DirectorWorker, MonotonicTime> action) => false;

    public long ConnectionCount => Connections.Sum(c => c.Count);

    public static async Task<TestDaemon> StartAsync(string? rulesFile = null)
    {
        var daemon = new TestDaemon(rulesFile);
        daemon._server = await ApiServer.StartAsync(daemon._socket, daemon.Control, daemon.Stop);
        return daemon;
    }

    private string? Stop(bool keepForwarding)
    {
        if (keepForwarding) return "there is no fast path here";
        Stopped.TrySetResult();
        return null;
    }

    public Task<ConnectionPage> ReadAsync(int worker, long cursor, int limit)
    {
        List<ConnectionView> all = Connections[worker];
        List<ConnectionView> some = [.. all.Skip((int)cursor).Take(limit)];
        long next = cursor + some.Count;
        return Task.FromResult(new ConnectionPage(some, next < all.Count ? next : -1));
    }

    public IReadOnlyList<InterfaceStatus> ReadInterfaces() =>
        [new("eth0", 2, true, "af_xdp", "xdp native", "copy", 1, "auto", new Dictionary<string, long> { ["received"] = 7 })];

    public IReadOnlyDictionary<string, long> ReadDivertCounters() => new Dictionary<string, long> { ["passed"] = 3 };

    public HttpClient CreateHttp()
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
                await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(SocketPath), cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri("http://netvs/") };
    }

    public async Task<(int Status, string Output, string Error)> Ipvsadm(string line, string input = "")
    {
        using var client = new ApiClient(SocketPath);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var program = new IpvsadmProgram(new ApiTarget(client), NoNames.Instance, new StringReader(input), output, error);
        int status = await program.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return (status, output.ToString(), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _socket.Dispose();
        foreach (DirectorWorker worker in _engine.Workers) ((object)worker as IDisposable)?.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private sealed class ZeroRandom : IRandomSource
    {
        public uint NextBelow(uint bound) => 0;
    }
}
