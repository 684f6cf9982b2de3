using NetVS.Director;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Workers.Tests;

/// <summary>The loop between fake links and a real director; a test is the loop's thread.</summary>
public sealed class WorkerLoopTests : IDisposable
{
    private const string ClientMac = "02:00:00:00:00:07", F0Mac = "02:00:00:00:00:01", F1Mac = "02:00:00:00:00:02", RealMac = "02:00:00:00:00:10";

    private readonly NetworkState _network = new();
    private readonly DirectorEngine _engine;
    private readonly WorkerGroup _group;
    private readonly FakeLink _f0, _f1;
    private readonly FakeLink _stack = new(99);
    private readonly List<FakePoller> _pollers = [];
    private MonotonicTime _now = MonotonicTime.FromSeconds(100);

    public WorkerLoopTests()
        : this(1)
    {
    }

    private WorkerLoopTests(int workers)
    {
        IpBatch batch = IpBatch.Parse($"""
            link set dev f0 address {F0Mac}
            addr add 203.0.113.1/24 dev f0
            link set dev f1 address {F1Mac}
            addr add 192.168.1.1/24 dev f1
            neigh replace 203.0.113.7 lladdr {ClientMac} dev f0
            """);
        batch.Diagnostics.ShouldBeEmpty();
        batch.Publish(_network);
        _f0 = new FakeLink(batch.FindInterface("f0"));
        _f1 = new FakeLink(batch.FindInterface("f1"));
        _engine = new DirectorEngine(
            new DirectorOptions { Workers = workers, MaxConnectionsV4 = 1024, MaxConnectionsV6 = 1024, HashKey = 1, Random = new SeededRandom(1) }, _network);
        ServiceKey key = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("203.0.113.1"), 80);
        _engine.AddService(new VirtualServiceRule { Key = key, Scheduler = "rr", NetmaskPrefix = 32 }).Status.ShouldBe(RuleStatus.Ok);
        _engine.AddDestination(key, new DestinationRule { Real = new IpEndpoint(IpAddress.Parse("192.168.1.10"), 8080), Method = ForwardingMethod.Nat })
            .Status.ShouldBe(RuleStatus.Ok);
        _group = new WorkerGroup(_engine, _network, () =>
        {
            var poller = new FakePoller();
            _pollers.Add(poller);
            return poller;
        });
        WorkerLoop first = _group.Loops[0];
        first.Attach(_f0);
        first.Attach(_f1);
        first.AttachStack(_stack);
    }

    private WorkerLoop Loop => _group.Loops[0];

    [Fact]
    public void Links_AnnounceAsFarAheadAsTheDirectorWants() => IFrameHandler.ExpectAhead.ShouldBe(DirectorWorker.ExpectAhead);

    [Fact]
    public void Frame_ForTheService_LeavesByTheOtherLink()
    {
        ResolveReal();
        _f0.Put(Syn());
        Loop.RunOnce(_now).ShouldBeTrue();
        byte[] sent = _f1.Sent.Single().Octets;
        PacketChecker.Verify(sent);
        MacAddress.Read(sent).ToString().ShouldBe(RealMac);
        Loop.RunOnce(_now).ShouldBeFalse("nothing more to do");
    }

    [Fact]
    public void Frame_NotTheDirectors_GoesToTheStack()
    {
        byte[] other = PacketBuilder.Tcp("203.0.113.7:4000", "203.0.113.1:22", TcpFlags.Syn).Macs(ClientMac, F0Mac).Build();
        _f0.Put(other);
        Loop.RunOnce(_now);
        _stack.Queued.Single().Octets.ShouldBe(other);
    }

    [Fact]
    public void Frame_WithoutAStack_IsCounted()
    {
        Loop.Detach(_stack);
        _stack.IsDisposed.ShouldBeTrue();
        _f0.Put(PacketBuilder.Tcp("203.0.113.7:4000", "203.0.113.1:22", TcpFlags.Syn).Macs(ClientMac, F0Mac).Build());
        Loop.RunOnce(_now);
        _engine.CountDrops(DropReason.StackUnavailable).ShouldBe(1);
    }

    [Fact]
    public void Frame_ForALinkThatIsGone_IsCounted()
    {
        ResolveReal();
        Loop.Detach(_f1);
        _f0.Put(Syn());
        Loop.RunOnce(_now);
        _engine.CountDrops(DropReason.NextHopUnreachable).ShouldBe(1);
    }

    [Fact]
    public void Frame_ToAnUnresolvedNextHop_IsHeldUntilItIsResolved()
    {
        _f0.Put(Syn());
        Loop.RunOnce(_now);
        _f1.Sent.ShouldBeEmpty();
        _now += TimeSpan.FromMilliseconds(999);
        Loop.RunOnce(_now);
        _f1.Sent.ShouldBeEmpty();
        ResolveReal();
        Loop.RunOnce(_now);
        byte[] sent = _f1.Sent.Single().Octets;
        PacketChecker.Verify(sent);
        MacAddress.Read(sent).ToString().ShouldBe(RealMac);
    }

    [Fact]
    public void Frame_HeldForASecond_IsGivenUp()
    {
        _f0.Put(Syn());
        Loop.RunOnce(_now);
        Loop.RunOnce(_now + TimeSpan.FromMilliseconds(999));
        _engine.CountDrops(DropReason.NextHopTimeout).ShouldBe(0);
        Loop.RunOnce(_now + TimeSpan.FromSeconds(1));
        _engine.CountDrops(DropReason.NextHopTimeout).ShouldBe(1);
        ResolveReal();
        Loop.RunOnce(_now + TimeSpan.FromSeconds(2));
        _f1.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void Frame_HeldForANextHopThatFails_IsCounted()
    {
        _f0.Put(Syn());
        Loop.RunOnce(_now);
        _network.NextHops.SetNeighbour(_f1.InterfaceIndex, IpAddress.Parse("192.168.1.10"), NextHopState.Failed);
        Loop.RunOnce(_now);
        _engine.CountDrops(DropReason.NextHopUnreachable).ShouldBe(1);
    }

    [Fact]
    public void Frames_BeyondANextHopsShare_AreCounted()
    {
        for (int i = 0; i < HeldFrames.PerNextHop + 3; i++) _f0.Put(Syn((ushort)(5000 + i)));
        Loop.RunOnce(_now);
        _engine.CountDrops(DropReason.NextHopQueueFull).ShouldBe(3);
    }

    [Fact]
    public void ReplyOfALocalServer_ThatIsNotOurs_GoesOutAsItWas()
    {
        // A frame the host itself was sending by f0, turned round to us: the source MAC is f0's, the destination the next hop's.
        byte[] reply = PacketBuilder.Tcp("203.0.113.1:22", "203.0.113.7:4000", TcpFlags.Ack).Macs(F0Mac, ClientMac).Build();
        _stack.Put(reply);
        Loop.RunOnce(_now);
        _f0.Sent.Single().Octets.ShouldBe(reply);
        _stack.Queued.ShouldBeEmpty();
    }

    [Fact]
    public void LeftoversOfARing_AreTriedAgain()
    {
        ResolveReal();
        _f1.IsStuck = true;
        _f0.Put(Syn());
        Loop.RunOnce(_now);
        int flushes = _f1.Flushes;
        Loop.RunOnce(_now);
        _f1.Flushes.ShouldBeGreaterThan(flushes);
        _f1.IsStuck = false;
        Loop.RunOnce(_now);
        _f1.Sent.Count.ShouldBe(1);
        flushes = _f1.Flushes;
        Loop.RunOnce(_now);
        _f1.Flushes.ShouldBe(flushes, "nothing is queued any more");
    }

    [Fact]
    public async Task Post_AndQuery_RunOnTheLoop()
    {
        int index = -1;
        Loop.Post(w => index = w.Index);
        Task<int> answer = Loop.QueryAsync(w => w.ConnectionCount);
        Task<int> failing = Loop.QueryAsync<int>(_ => throw new InvalidOperationException("no"));
        index.ShouldBe(-1);
        Loop.RunOnce(_now);
        index.ShouldBe(0);
        (await answer).ShouldBe(0);
        await Should.ThrowAsync<InvalidOperationException>(() => failing);
    }

    [Fact]
    public async Task Thread_SleepsUntilItIsAsked()
    {
        _group.Start();
        (await Loop.QueryAsync(w => w.Index)).ShouldBe(0);
        var late = new FakeLink(77);
        Loop.Attach(late);
        _pollers[0].Links.ShouldContain(late);
        Loop.Detach(late);
        late.IsDisposed.ShouldBeTrue();
        long passes = Loop.Passes;
        (await _group.QueryAllAsync(w => w.Index)).ShouldBe([0]);
        (Loop.Passes - passes).ShouldBeLessThan(50);
        _group.Stop();
    }

    [Fact]
    public void Pass_OverAHundredFrames_AllocatesNothing()
    {
        ResolveReal();
        var replay = new ReplayLink(_f0.InterfaceIndex, Syn());
        var sink = new DropLink(_f1.InterfaceIndex);
        Loop.Detach(_f0);
        Loop.Detach(_f1);
        Loop.Attach(replay);
        Loop.Attach(sink);
        int passes = 0;
        Allocations.Measure(1000, () =>
        {
            Loop.RunOnce(_now);
            passes++;
        }).ShouldBe(0);
        sink.Count.ShouldBe(passes * 64);
    }

    [Fact]
    public void WithTwoWorkers_AFrameReachesItsOwner()
    {
        using var two = new WorkerLoopTests(2);
        two.ResolveReal();
        var other = new FakeLink(two._f1.InterfaceIndex, canReceive: false);
        two._group.Loops[1].Attach(other);
        for (int i = 0; i < 40; i++) two._f0.Put(two.Syn((ushort)(6000 + i)));
        two.Loop.RunOnce(two._now);
        two._group.Loops[1].RunOnce(two._now);
        two._f1.Sent.Count.ShouldBeInRange(1, 39);
        other.Sent.Count.ShouldBe(40 - two._f1.Sent.Count, "each frame by the one worker that owns it");
        two._engine.Workers[0].ConnectionCount.ShouldBe(two._f1.Sent.Count);
    }

    [Fact]
    public void WithTwoWorkers_AFullRing_IsCounted()
    {
        using var two = new WorkerLoopTests(2);
        two.ResolveReal();
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 64; i++) two._f0.Put(two.Syn((ushort)(6000 + i)));
            two.Loop.RunOnce(two._now);
        }

        two._engine.CountDrops(DropReason.HandOverFull).ShouldBeGreaterThan(0);
    }

    public void Dispose() => _group.Dispose();

    private void ResolveReal() => _network.NextHops.SetNeighbour(
        _f1.InterfaceIndex, IpAddress.Parse("192.168.1.10"), NextHopState.Reachable, MacAddress.TryParse(RealMac, out MacAddress mac) ? mac : default);

    private byte[] Syn(ushort port = 40000) =>
        PacketBuilder.Tcp($"203.0.113.7:{port}", "203.0.113.1:80", TcpFlags.Syn).Mss(1460).Macs(ClientMac, F0Mac).Build();

    /// <summary>Always has 64 frames, all the same, in memory of its own.</summary>
    private sealed class ReplayLink(int interfaceIndex, byte[] octets) : ILink
    {
        private readonly byte[] _room = new byte[2048];

        public int InterfaceIndex => interfaceIndex;

        public bool CanReceive => true;

        public int Descriptor => -1;

        public LinkCounters Counters { get; } = new();

        public int Receive(IFrameHandler handler, int budget)
        {
            for (int i = 0; i < 64; i++)
            {
                octets.CopyTo(_room, LinkFrame.Headroom);
                var frame = new LinkFrame { Buffer = _room, Offset = LinkFrame.Headroom, Length = octets.Length, ReceiveInterface = interfaceIndex };
                handler.Handle(ref frame);
            }

            return 64;
        }

        public void Transmit(ref LinkFrame frame)
        {
        }

        public bool Flush() => true;

        public void Release()
        {
        }

        public void Maintain()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class DropLink(int interfaceIndex) : ILink
    {
        public int Count { get; private set; }

        public int InterfaceIndex => interfaceIndex;

        public bool CanReceive => false;

        public int Descriptor => -1;

        public LinkCounters Counters { get; } = new();

        public int Receive(IFrameHandler handler, int budget) => 0;

        public void Transmit(ref LinkFrame frame) => Count++;

        public bool Flush() => true;

        public void Release()
        {
        }

        public void Maintain()
        {
        }

        public void Dispose()
        {
        }
    }
}
