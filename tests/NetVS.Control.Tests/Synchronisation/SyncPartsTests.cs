using System.Net.Sockets;
using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Sync;
using NetVS.Testing.Randomness;

namespace NetVS.Control.Tests.Synchronisation;

/// <summary>The daemons' work without sockets and threads: queues, batches, what was left out of a rule.</summary>
public sealed class SyncPartsTests
{
    private static readonly IpAddress s_vip = IpAddress.Parse("192.0.2.1");
    private readonly NetworkState _network = new();
    private readonly DirectorEngine _engine;

    public SyncPartsTests()
    {
        IpBatch batch = IpBatch.Parse("link set dev f0 address 02:00:00:00:00:f0\nlink set dev f0 mtu 9000\naddr add 192.0.2.1/24 dev f0\n");
        batch.Diagnostics.ShouldBeEmpty();
        batch.Publish(_network);
        _engine = new DirectorEngine(new DirectorOptions { Random = new Zero(), Workers = 3, MaxConnectionsV4 = 3000, MaxConnectionsV6 = 64 }, _network);
    }

    private static SyncRecord Record(int port) => new()
    {
        Protocol = IpProtocol.Tcp, State = 1, Timeout = 900, Client = IpAddress.Parse("203.0.113.7"), ClientPort = (ushort)port,
        Virtual = s_vip, VirtualPort = 80, Real = IpAddress.Parse("10.1.0.10"), RealPort = 80,
    };

    private static byte[] Message(int version, int from, int count)
    {
        var writer = new SyncMessageWriter(65507);
        writer.Begin(version);
        for (int port = from; port < from + count; port++) writer.TryAppend(Record(port), default).ShouldBeTrue();
        return writer.Finish(4).ToArray();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Receiver_HandsEachRecordToTheWorkerThatOwnsIt(int version)
    {
        var delivery = new Inline(_engine);
        var receiver = new BackupReceiver(_engine, delivery, 4);
        receiver.Take(Message(version, 1000, 250));
        _engine.Workers.Sum(w => w.ConnectionCount).ShouldBe(250);
        _engine.Workers.ShouldAllBe(w => w.ConnectionCount > 40);
        _engine.Sync.Tally.Read(SyncCount.MadeUnbound).ShouldBe(250);
        receiver.Take(Message(version, 1000, 250));
        _engine.Workers.Sum(w => w.ConnectionCount).ShouldBe(250);
        _engine.Sync.Tally.Read(SyncCount.ConnectionsUpdated).ShouldBe(250);
        new BackupReceiver(_engine, delivery, 5).Take(Message(version, 1, 1));
        _engine.Sync.Tally.Read(SyncCount.OtherSyncId).ShouldBe(1);
    }

    [Fact]
    public void Receiver_WithoutWorkers_CountsWhatIsLost()
    {
        new BackupReceiver(_engine, new Nobody(), 0).Take(Message(1, 1000, 10));
        _engine.Sync.Tally.Read(SyncCount.RecordsLost).ShouldBe(10);
    }

    [Fact]
    public void MutatedMessages_DoNoHarmToTheDirector()
    {
        var receiver = new BackupReceiver(_engine, new Inline(_engine), 0);
        Seeds.Run(3000, (random, _) =>
        {
            byte[] message = Message(random.Next(2), random.Next(1, 60000), random.Next(1, 12));
            for (int i = random.Next(0, 8); i > 0; i--) message[random.Next(4, message.Length)] = (byte)random.Next(256);
            receiver.Take(message);
        });
        _engine.Workers.Sum(w => w.ConnectionCount).ShouldBeInRange(500, 3000);
        long refused = SyncCounts.All.Where(c => c > SyncCount.StaleEnd).Sum(_engine.Sync.Tally.Read);
        refused.ShouldBeGreaterThan(500);
        foreach (DirectorWorker worker in _engine.Workers)
            while (worker.AdvanceTimers(MonotonicTime.FromSeconds(40_000_000)) <= MonotonicTime.FromSeconds(40_000_000)) { }
        _engine.Workers.Sum(w => w.ConnectionCount).ShouldBe(0, "all of them expire");
    }

    [Fact]
    public void Outbox_KeepsTheOrder_AndNoMoreThanItsLimit()
    {
        var sender = new Network { IsBlocked = true };
        var outbox = new SyncOutbox(sender, _engine.Sync.Tally);
        for (byte i = 1; i <= 5; i++) outbox.Send([i], 1, limit: 3);
        outbox.Count.ShouldBe(3);
        _engine.Sync.Tally.Read(SyncCount.QueueFull).ShouldBe(2);
        sender.IsBlocked = false;
        outbox.Send([6], 1, limit: 3);
        sender.Sent.ShouldBe([1, 2, 3, 6]);
        _engine.Sync.Tally.Read(SyncCount.MessagesSent).ShouldBe(4);
        sender.IsBroken = true;
        outbox.Send([7], 1, limit: 3);
        outbox.Count.ShouldBe(0, "what is refused for good does not stand in the way");
        _engine.Sync.Tally.Read(SyncCount.SendFailed).ShouldBe(1);
    }

    // Role, group, asked length; what becomes of it.
    [Theory]
    [InlineData(true, null, 0, 1472)]
    [InlineData(true, "ff02::81", 0, 1452)]
    [InlineData(true, null, 9, 9)]
    [InlineData(true, null, 65507, 65507)]
    [InlineData(true, "ff02::81", 65507, 65487)]
    [InlineData(false, null, 0, 8972)]
    [InlineData(false, "ff02::81", 0, 8952)]
    [InlineData(false, null, 5, 1024)]
    public void Endpoint_FillsInWhatWasLeftOut(bool isMaster, string? group, int asked, int length)
    {
        var rule = new SyncDaemonRule { IsMaster = isMaster, Interface = "f0", MaxLength = (ushort)asked, Group = group is null ? default : IpAddress.Parse(group) };
        SyncDaemonRule complete = SyncEndpoint.Complete(rule, _network, out _).ShouldNotBeNull().Rule;
        complete.MaxLength.ShouldBe((ushort)length);
        complete.Group.ToString().ShouldBe(group ?? "224.0.0.81");
        (complete.Port, complete.Ttl).ShouldBe(((ushort)8848, (byte)1));
    }

    [Theory]
    [InlineData("f1", "224.0.0.81", RuleStatus.ENODEV)]
    [InlineData("f0", "192.0.2.9", RuleStatus.EINVAL)]
    public void Endpoint_ThatCannotBe_IsRefused(string device, string group, RuleStatus status)
    {
        SyncEndpoint.Complete(new SyncDaemonRule { IsMaster = true, Interface = device, Group = IpAddress.Parse(group) }, _network, out RuleResult problem).ShouldBeNull();
        problem.Status.ShouldBe(status);
    }

    private sealed class Inline(DirectorEngine engine) : ISyncDelivery
    {
        public MonotonicTime Now => MonotonicTime.FromSeconds(1000);

        public bool TryPost(int worker, Action<DirectorWorker, MonotonicTime> action)
        {
            action(engine.Workers[worker], Now);
            return true;
        }
    }

    private sealed class Nobody : ISyncDelivery
    {
        public MonotonicTime Now => default;

        public bool TryPost(int worker, Action<DirectorWorker, MonotonicTime> action) => false;
    }

    private sealed class Network : ISyncSender
    {
        public bool IsBlocked { get; set; }

        public bool IsBroken { get; set; }

        public List<byte> Sent { get; } = [];

        public SocketError Send(ReadOnlySpan<byte> message)
        {
            if (IsBlocked) return SocketError.WouldBlock;
            if (IsBroken) return SocketError.NetworkUnreachable;
            Sent.Add(message[0]);
            return SocketError.Success;
        }
    }

    private sealed class Zero : IRandomSource
    {
        public uint NextBelow(uint bound) => 0;
    }
}
