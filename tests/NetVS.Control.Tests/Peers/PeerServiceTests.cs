using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using NetVS.Control.Peers;
using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Sync;
using NetVS.Sync.Peers;
using NetVS.Testing.Randomness;
using NetVS.Testing.Time;

namespace NetVS.Control.Tests.Peers;

/// <summary>Whole channels over the loopback: who is taken, what is told, and that what breaks is repaired.</summary>
public sealed class PeerServiceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-peers-").FullName;
    private readonly PeerKey _key, _stranger;
    private readonly DirectorEngine _first = Engine(workers: 1), _second = Engine(workers: 3);
    private readonly List<IDisposable> _services = [];

    public PeerServiceTests()
    {
        foreach (string name in (string[])["key", "stranger"]) PeerKey.Create(Path.Combine(_folder, name));
        (_key, _stranger) = (PeerKey.Load(Path.Combine(_folder, "key")), PeerKey.Load(Path.Combine(_folder, "stranger")));
    }

    public void Dispose()
    {
        foreach (IDisposable service in _services) service.Dispose();
        _key.Dispose();
        _stranger.Dispose();
        foreach (DirectorWorker worker in _first.Workers.Concat(_second.Workers)) worker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static DirectorEngine Engine(int workers) =>
        new(new DirectorOptions { Random = new Zero(), Workers = workers, MaxConnectionsV4 = 20_000, MaxConnectionsV6 = 64 }, new NetworkState());

    private static PeerRecord Record(int number) => new()
    {
        Entry = new SyncRecord
        {
            Protocol = IpProtocol.Tcp, State = 1, Timeout = 900, Client = IpAddress.Parse("203.0.113.7"), ClientPort = (ushort)number, Virtual = IpAddress.Parse("192.0.2.1"),
            VirtualPort = 80, Real = IpAddress.Parse("10.1.0.10"), RealPort = 80,
        },
    };

    private PeerService Start(DirectorEngine engine, PeerKey key, int listen = 0, params int[] peers)
    {
        var service = new PeerService(engine, new Serialised(engine), new PeerOptions
        {
            Key = key, KeyFile = Path.Combine(_folder, engine == _first ? "first" : "second"), Listen = listen == 0 ? null : new IPEndPoint(IPAddress.Loopback, listen), Peers = [.. peers.Select(p => new IPEndPoint(IPAddress.Loopback, p))],
        });
        _services.Add(service);
        service.Begin();
        return service;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void WaitFor(Func<bool> condition, string what) => Patience.WaitFor(condition, what, 60);

    private static long Known(DirectorEngine engine) => engine.Workers.Sum(w => (long)w.ConnectionCount);

    [Fact]
    public async Task FullTransfer_ThenABreak_ThenAnotherOne()
    {
        _first.Workers[0].TakeTold([.. Enumerable.Range(1, 10_000).Select(Record)], MonotonicTime.FromSeconds(1000));
        Known(_first).ShouldBe(10_000);
        int port = FreePort();
        PeerService telling = Start(_first, _key, port), hearing = Start(_second, _key, 0, port);
        (await hearing.WaitForFirstAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).ShouldBeTrue();
        Known(_second).ShouldBe(10_000, "all are with their workers when the wait is over");
        PeerStatus status = hearing.ReadStatus().ShouldHaveSingleItem();
        (status.IsHeard, status.State, status.Transferred, status.Expected, status.Transfers).ShouldBe((true, PeerState.Following, 10_000, 10_000, 1));
        status.LastTransfer.ShouldNotBeNull();
        WaitFor(() => telling.ReadStatus() is [{ State: PeerState.Following, Transferred: 10_000 }], "the teller knows it too");

        telling.Dispose();
        WaitFor(() => hearing.ReadStatus()[0] is { State: PeerState.Connecting, LastError.Length: > 0 }, "the break is seen");
        _first.Workers[0].TakeTold([Record(20_000)], MonotonicTime.FromSeconds(1000));
        Start(_first, _key, port);
        WaitFor(() => hearing.ReadStatus()[0] is { State: PeerState.Following, Transfers: 2 }, "everything is told anew");
        Known(_second).ShouldBe(10_001);
        _second.Sync.Tally.Read(SyncCount.AlreadyKnown).ShouldBe(10_000);
    }

    [Fact]
    public void Stranger_IsTold_Nothing_NorHeard()
    {
        _first.Workers[0].TakeTold([Record(1)], MonotonicTime.FromSeconds(1000));
        int port = FreePort();
        PeerService telling = Start(_first, _key, port), stranger = Start(_second, _stranger, 0, port);
        WaitFor(() => telling.LastRefusal.Length > 0 && stranger.ReadStatus()[0].LastError.Length > 0, "both say why");
        telling.LastRefusal.ShouldContain("does not hold the same key");
        stranger.ReadStatus()[0].LastError.ShouldContain("does not hold the same key");
        Known(_second).ShouldBe(0);
        telling.ReadStatus().ShouldBeEmpty();
        _first.Sync.Tally.Read(SyncCount.ToldToPeers).ShouldBe(0);
    }

    [Fact]
    public async Task Dialler_WithoutACertificate_IsRefused()
    {
        int port = FreePort();
        PeerService telling = Start(_first, _key, port);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(new NetworkStream(socket));
        var options = new SslClientAuthenticationOptions { TargetHost = "x", EnabledSslProtocols = SslProtocols.Tls13, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null };
        await stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        WaitFor(() => telling.LastRefusal.Contains("same key", StringComparison.Ordinal), "it is refused");
        byte[] octets = new byte[1];
        int read = 0;
        try
        {
            read = await stream.ReadAsync(octets, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Closed with an alert, or just closed.
        }

        read.ShouldBe(0);
    }

    [Fact]
    public void Key_ThatIsReplaced_ClosesWhatTheFormerOneOpened()
    {
        foreach (string name in (string[])["first", "second"]) File.Copy(Path.Combine(_folder, "key"), Path.Combine(_folder, name));
        int port = FreePort();
        PeerService telling = Start(_first, _key, port), hearing = Start(_second, _key, 0, port);
        WaitFor(() => hearing.ReadStatus()[0] is { State: PeerState.Following, Transfers: 1 }, "it follows");
        telling.ReadNewKey().ShouldBeNull("the file holds the key that is in force");

        File.Copy(Path.Combine(_folder, "stranger"), Path.Combine(_folder, "first"), overwrite: true);
        telling.Use(telling.ReadNewKey()!);
        WaitFor(() => hearing.ReadStatus()[0].LastError.Contains("same key", StringComparison.Ordinal), "the other one does not hold it yet");
        telling.ReadStatus().ShouldBeEmpty();

        File.Copy(Path.Combine(_folder, "stranger"), Path.Combine(_folder, "second"), overwrite: true);
        hearing.Use(hearing.ReadNewKey()!);
        WaitFor(() => hearing.ReadStatus()[0] is { State: PeerState.Following, Transfers: 2 }, "it follows again");
        File.WriteAllText(Path.Combine(_folder, "second"), "no key");
        Should.Throw<PeerKeyException>(hearing.ReadNewKey);
    }

    [Fact]
    public void Director_ThatDialsItself_SaysSo()
    {
        int port = FreePort();
        PeerService service = Start(_first, _key, port, port);
        WaitFor(() => service.ReadStatus()[0].LastError.Contains("this director itself", StringComparison.Ordinal) || service.LastRefusal.Contains("this director itself", StringComparison.Ordinal), "it knows itself");
    }

    [Fact]
    public void PortThatIsTaken_IsAnError()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        Should.Throw<PeerKeyException>(() => Start(_first, _key, port)).Message.ShouldContain("--sync-listen");
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void HostileStream_DoesNoHarmToTheDirector()
    {
        var receiver = new PeerReceiver(_second, new Serialised(_second), new PeerProgress(true, "x"));
        byte[] frame = new byte[PeerWire.LongestWritten];
        Seeds.Run(3000, (random, _) =>
        {
            int length = PeerFrameWriter.WriteRecord(frame, Record(random.Next(1, 60_000)) with { Announcement = (PeerAnnouncement)random.Next(3) }, [], []);
            for (int flips = random.Next(6); flips > 0; flips--) frame[random.Next(4, length)] = (byte)random.Next(256);
            if (random.Next(20) == 0) frame[0] = (byte)random.Next(256);
            receiver.Take(frame.AsSpan(0, length)).ShouldBe(0);
            receiver.DeliverAsync(default).GetAwaiter().GetResult();
        });

        Known(_second).ShouldBeGreaterThan(100);
        SyncCounts.All.Where(c => c >= SyncCount.MessageTooShort).Sum(_second.Sync.Tally.Read).ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Backlog_ThatOverflows_IsGivenUpWhole_UntilItBeginsAnew()
    {
        using var backlog = new PeerBacklog();
        var batch = new PeerBatch(1024);
        for (int i = 0; i < 1024; i++) batch.Tell(Record(i + 1), [], []);
        byte[] into = PeerBacklog.CreateBuffer();
        backlog.Append(batch);
        backlog.TryTake(into, out int records, out _).ShouldBeFalse("it has not begun");
        backlog.Restart();
        backlog.Append(batch);
        backlog.TryTake(into, out records, out int length).ShouldBeTrue();
        (records, length).ShouldBe((1024, batch.Octets.Length));
        for (int i = 0; i < 100; i++) backlog.Append(batch);
        backlog.TryTake(into, out records, out length).ShouldBeFalse();
        (records, length).ShouldBe((0, 0));
        backlog.Restart();
        backlog.TryTake(into, out _, out _).ShouldBeTrue();
        backlog.Spoil();
        backlog.TryTake(into, out _, out _).ShouldBeFalse();
    }

    // Workers one at a time, as if on threads of their own.
    private sealed class Serialised(DirectorEngine engine) : ISyncDelivery
    {
        private readonly Lock _lock = new();

        public MonotonicTime Now => MonotonicTime.FromSeconds(1000);

        public bool TryPost(int worker, Action<DirectorWorker, MonotonicTime> action)
        {
            lock (_lock) action(engine.Workers[worker], Now);
            return true;
        }
    }

    private sealed class Zero : IRandomSource
    {
        public uint NextBelow(uint bound) => 0;
    }
}
