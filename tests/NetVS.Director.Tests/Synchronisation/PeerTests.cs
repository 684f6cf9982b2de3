using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Synchronisation;
using NetVS.Director.Tests.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Sync;
using NetVS.Sync.Peers;
using NetVS.Testing.Flows;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Synchronisation;

/// <summary>What peers are told in full and as it changes, what they make of it, and who knows best.</summary>
public sealed class PeerTests
{
    private const string Web = "192.0.2.1:80", Peer = "203.0.113.7:4000", Server = "10.1.0.10:8080", Other = "10.1.0.11:8080";

    /// <summary>What one director tells, as octets, the way it travels.</summary>
    private sealed class Wire : IPeerSink
    {
        public List<byte[]> Frames { get; } = [];

        public void Tell(in PeerRecord record, ReadOnlySpan<byte> engineName, ReadOnlySpan<byte> engineData)
        {
            byte[] octets = new byte[PeerWire.LongestWritten];
            Frames.Add(octets[..PeerFrameWriter.WriteRecord(octets, in record, engineName, engineData)]);
        }

        public List<PeerRecord> Records() => [.. Frames.Select(f =>
        {
            PeerFrameReader.TryReadRecord(f.AsSpan(PeerWire.Header), new SyncTally(), out PeerRecord record, out _).ShouldBeTrue();
            return record;
        })];
    }

    private static DirectorRig Rig(ForwardingMethod method = ForwardingMethod.Nat, int workers = 1, FlowTestMemory? flows = null)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0", workers: workers, flows: flows).Service(Web, method, Server, Other);
        if (method == ForwardingMethod.FullNat) rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, Web), IpAddress.Parse("10.1.0.2")).ShouldBe(RuleResult.Ok);
        rig.Engine.Sync.StartPeers();
        return rig;
    }

    private static Wire Changes(DirectorRig rig)
    {
        var wire = new Wire();
        rig.Engine.Sync.TakeChanges(100_000, rig.Now, wire);
        return wire;
    }

    private static Wire Everything(DirectorRig rig, int slice = 3)
    {
        var wire = new Wire();
        foreach (DirectorWorker worker in rig.Engine.Workers)
            for (long cursor = 0; cursor >= 0;) cursor = worker.CopyTold(cursor, slice, rig.Now, wire);
        for (long cursor = 0; cursor >= 0;) cursor = rig.Engine.Sync.CopyShared(cursor, slice, rig.Now, wire);
        return wire;
    }

    private static void Take(DirectorRig rig, Wire wire)
    {
        foreach (byte[] frame in wire.Frames)
        {
            if (!PeerFrameReader.TryReadRecord(frame.AsSpan(PeerWire.Header), rig.Engine.Sync.Tally, out PeerRecord record, out SyncExtras engine)) continue;
            if (!rig.Engine.Sync.Admits(in record, in engine)) continue;
            if (record.Entry.IsTemplate) rig.Engine.Sync.TakeTemplate(in record, in engine, rig.Now);
            else rig.Engine.Workers[rig.Engine.Sync.OwnerOf(in record)].TakeTold([record], rig.Now);
        }
    }

    private static void Take(DirectorRig rig, params PeerRecord[] records)
    {
        var wire = new Wire();
        foreach (PeerRecord record in records) wire.Tell(in record, [], []);
        Take(rig, wire);
    }

    private static PeerRecord Record(string client = Peer, string real = Server, uint flags = 0, ushort state = 1, uint timeout = 900, uint idle = 0) => new()
    {
        IdleMilliseconds = idle,
        Entry = new SyncRecord
        {
            Protocol = IpProtocol.Tcp, State = state, Flags = flags, Timeout = timeout, Client = Endpoints.Parse(client).Address, ClientPort = Endpoints.Parse(client).Port,
            Virtual = Endpoints.Parse(Web).Address, VirtualPort = 80, Real = Endpoints.Parse(real).Address, RealPort = Endpoints.Parse(real).Port,
        },
    };

    private static void Open(DirectorRig rig, string client = Peer)
    {
        string real = string.Join('.', rig.FromClient(PacketBuilder.Tcp(client, Web, TcpFlags.Syn)).Frame[30..34]) + ":8080";
        rig.FromReal(PacketBuilder.Tcp(real, client, TcpFlags.Syn | TcpFlags.Ack), int.Parse(real.Split('.', ':')[3]));
        rig.FromClient(PacketBuilder.Tcp(client, Web, TcpFlags.Ack));
    }

    private static Sent OpenFullNat(DirectorRig rig)
    {
        Sent syn = rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Syn).Seq(1000));
        (IpEndpoint real, IpEndpoint local) = EndsOf(syn);
        rig.FromReal(PacketBuilder.Tcp(real.ToString(), local.ToString(), TcpFlags.Syn | TcpFlags.Ack).Seq(7000).Ack(SequenceOf(syn) + 1), real.Address.V4.Value == Endpoints.Parse(Server).Address.V4.Value ? 10 : 11);
        return rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(1001).Ack(7001));
    }

    private static (IpEndpoint Real, IpEndpoint Local) EndsOf(Sent sent) => (
        new IpEndpoint(Ipv4Address.Read(sent.Frame.AsSpan(30)), (ushort)((sent.Frame[36] << 8) | sent.Frame[37])),
        new IpEndpoint(Ipv4Address.Read(sent.Frame.AsSpan(26)), (ushort)((sent.Frame[34] << 8) | sent.Frame[35])));

    private static uint SequenceOf(Sent sent) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(sent.Frame.AsSpan(38));

    private static uint AcknowledgmentOf(Sent sent) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(sent.Frame.AsSpan(42));

    private static long Counted(DirectorRig rig, SyncCount what) => rig.Engine.Sync.Tally.Read(what);

    private static string StateOf(DirectorRig rig) => rig.Connections().ShouldHaveSingleItem().State;

    [Fact]
    public void Changes_AreTheFirstEstablishedPacket_EachState_AndAnEndThatMoved()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Syn));
        rig.FromReal(PacketBuilder.Tcp(Server, Peer, TcpFlags.Syn | TcpFlags.Ack));
        Changes(rig).Frames.ShouldBeEmpty("half open");
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Changes(rig).Records().ShouldHaveSingleItem().ShouldBe(Record());
        for (int i = 0; i < 200; i++) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Changes(rig).Frames.ShouldBeEmpty("nothing new, however many packets");
        rig.Now += TimeSpan.FromSeconds(224);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Changes(rig).Frames.ShouldBeEmpty("not a quarter of the timeout");
        rig.Now += TimeSpan.FromSeconds(2);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Changes(rig).Frames.Count.ShouldBe(1);
        rig.FromReal(PacketBuilder.Tcp(Server, Peer, TcpFlags.Rst));
        Changes(rig).Records().ShouldHaveSingleItem().Entry.State.ShouldBe((ushort)6, "CLOSE, though by a reply");
    }

    [Fact]
    public void FastPath_ThatTakesAllPackets_IsAskedForTheEnd()
    {
        using var flows = new FlowTestMemory();
        using DirectorRig rig = Rig(flows: flows);
        Open(rig);
        for (int i = 0; i < 3; i++) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        rig.Engine.Offload!.Status.Installs.ShouldBe(1);
        Changes(rig);
        rig.Now += TimeSpan.FromSeconds(230);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        rig.Now += TimeSpan.FromSeconds(1);
        for (int i = 0; i < 10; i++) rig.Worker.AdvanceTimers(rig.Now);
        Changes(rig).Frames.Count.ShouldBe(1);
        rig.Now += TimeSpan.FromSeconds(60);
        Everything(rig).Records().ShouldHaveSingleItem().IdleMilliseconds.ShouldBeInRange(60_500u, 61_500u, "what the line says is asked first");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void FullTransfer_HasEverything_InSlices(int workers)
    {
        using DirectorRig first = Rig(), second = Rig(workers: workers);
        for (int port = 1000; port < 1100; port++) Open(first, $"203.0.113.7:{port}");
        first.FromClient(PacketBuilder.Tcp("203.0.113.8:1", Web, TcpFlags.Syn));
        Wire wire = Everything(first);
        wire.Frames.Count.ShouldBe(100, "the half-open one is not told");
        Take(second, wire);
        second.Engine.Workers.Sum(w => w.ConnectionCount).ShouldBe(100);
        Changes(second).Frames.ShouldBeEmpty("what is heard is not told on");
        var slice = new Wire();
        first.Worker.CopyTold(0, 7, first.Now, slice).ShouldBeGreaterThan(0);
        slice.Frames.Count.ShouldBe(7);
    }

    [Fact]
    public void WithoutPeers_NothingIsKept()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Sync.StopPeers();
        Open(rig);
        Changes(rig).Frames.ShouldBeEmpty();
        rig.Engine.Sync.StartPeers();
        Changes(rig).Frames.ShouldBeEmpty();
        Everything(rig).Frames.Count.ShouldBe(1);
    }

    [Fact]
    public void MulticastMaster_BesideIt_IsToldToo()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Sync.StartMaster(1);
        Open(rig);
        Changes(rig).Frames.Count.ShouldBe(1);
        rig.Engine.Sync.TryTake(0, rig.Now, out SyncRecord record).ShouldBeTrue();
        record.State.ShouldBe((ushort)1);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Fin | TcpFlags.Ack));
        Changes(rig).Records().ShouldHaveSingleItem().Entry.State.ShouldBe((ushort)7);
        rig.Engine.Sync.TryTake(0, rig.Now, out record).ShouldBeTrue();
        record.State.ShouldBe((ushort)7);
    }

    [Fact]
    public void FullRing_LosesChanges_AndSaysSo()
    {
        using DirectorRig rig = new DirectorRig(maxConnections: 40_000).Service(Web, ForwardingMethod.Nat, Server);
        rig.Engine.Sync.StartPeers();
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _);
        rig.VerifiesFrames = false;
        for (int i = 0; i < 16_384 + 10; i++) rig.FromClient(PacketBuilder.Tcp($"203.0.113.7:{1000 + i}", Web, TcpFlags.Ack));
        rig.Engine.Sync.LostChanges.ShouldBe(10);
        Changes(rig).Frames.Count.ShouldBe(16_384);
        Everything(rig, 256).Frames.Count.ShouldBe(16_394);
    }

    [Fact]
    public void FullNat_GoesOn_WithItsPortAndItsNumbers()
    {
        using DirectorRig first = Rig(ForwardingMethod.FullNat), second = Rig(ForwardingMethod.FullNat);
        (IpEndpoint real, IpEndpoint local) = EndsOf(OpenFullNat(first));
        Take(second, Everything(first));
        ConnectionView made = second.Connections().ShouldHaveSingleItem();
        (made.Method, made.Local, made.State).ShouldBe((ForwardingMethod.FullNat, local, "ESTABLISHED"));
        second.Engine.FindService(Key(IpProtocol.Tcp, Web))!.LocalAddresses.Single().PortsInUse.ShouldBe(1);

        // The first segment still carries the client's address; then data.
        PacketBuilder Request() => PacketBuilder.Tcp(Peer, Web, TcpFlags.Psh | TcpFlags.Ack).Seq(1001).Ack(7001).Payload("GET /\r\n");
        second.FromClient(Request()).Frame.ShouldBe(first.FromClient(Request()).Frame);
        uint shifted = SequenceOf(first.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(1008).Ack(7001)));
        Sent reply = second.FromReal(PacketBuilder.Tcp(real.ToString(), local.ToString(), TcpFlags.Ack).Seq(7001).Ack(shifted), real.Address.ToString() == "10.1.0.10" ? 10 : 11);
        reply.Verdict.ShouldBe(Verdict.Transmit);
        AcknowledgmentOf(reply).ShouldBe(1008u);

        second.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Rst | TcpFlags.Ack).Seq(1008));
        second.Now += TimeSpan.FromSeconds(20);
        second.Worker.AdvanceTimers(second.Now);
        second.Engine.FindService(Key(IpProtocol.Tcp, Web))!.LocalAddresses.Single().PortsInUse.ShouldBe(0, "its port is given back");
    }

    // The word of the real server's first number holds a later one by then: a peer must not insert the client's address by it.
    [Fact]
    public void FullNat_WhoseErrorsAreChecked_IsTold_WithNothingLeftToInsert()
    {
        using DirectorRig first = Rig(ForwardingMethod.FullNat), second = Rig(ForwardingMethod.FullNat);
        first.Engine.Settings.TrySet("icmp_seq_window", "64", out _).ShouldBeTrue();
        OpenFullNat(first);
        for (int i = 0; i < 2; i++) first.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(1001).Ack(8000));
        Take(second, Everything(first));
        second.Connections().ShouldHaveSingleItem().Method.ShouldBe(ForwardingMethod.FullNat);
        second.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Seq(1001).Ack(8001)).Verdict.ShouldBe(Verdict.Transmit);
        second.Worker.CountEvents(ForwardingEvent.ToaInserted).ShouldBe(0);
    }

    [Fact]
    public void FullNat_ThatCannotBe_IsRefusedByItsReason()
    {
        using DirectorRig first = Rig(ForwardingMethod.FullNat), nat = Rig(), twice = Rig(ForwardingMethod.FullNat);
        OpenFullNat(first);
        Wire wire = Everything(first);
        Take(nat, wire);
        Counted(nat, SyncCount.MethodUnknown).ShouldBe(1);

        Take(twice, wire);
        PeerRecord record = wire.Records()[0];
        Take(twice, record with { Entry = record.Entry with { ClientPort = 77 } });
        Counted(twice, SyncCount.LocalPortTaken).ShouldBe(1);
        Take(twice, record with { Local = IpAddress.Parse("10.1.0.77"), Entry = record.Entry with { ClientPort = 78 } });
        Counted(twice, SyncCount.LocalAddressUnknown).ShouldBe(1);
        twice.Engine.Sync.MissesRules.ShouldBeTrue();
        Take(twice, record with { Entry = record.Entry with { ClientPort = 79, RealPort = 9 } });
        Counted(twice, SyncCount.LocalEndWithoutRule).ShouldBe(1);
        twice.Connections().Count.ShouldBe(1);

        int rules = twice.Engine.Sync.RulesVersion;
        twice.Engine.AddLocalAddress(Key(IpProtocol.Tcp, Web), IpAddress.Parse("10.1.0.77"));
        twice.Engine.Sync.RulesVersion.ShouldNotBe(rules);

        using DirectorRig many = Rig(ForwardingMethod.FullNat, workers: 4);
        Take(many, Enumerable.Range(0, 64).Select(i => record with { LocalPort = (ushort)(6000 + i), Entry = record.Entry with { ClientPort = (ushort)(100 + i) } }).ToArray());
        Counted(many, SyncCount.LocalPortElsewhere).ShouldBeInRange(24, 63, "with another number of workers");
        (Counted(many, SyncCount.LocalPortElsewhere) + Counted(many, SyncCount.ConnectionsMade)).ShouldBe(64);
    }

    [Fact]
    public void FullNat_AmongDirectorsOfAsManyWorkers_IsNeverElsewhere()
    {
        using DirectorRig first = Rig(ForwardingMethod.FullNat, workers: 3), second = Rig(ForwardingMethod.FullNat, workers: 3);
        int device = first.InterfaceOf("f0");
        first.Engine.Settings.TrySet("sloppy_tcp", "1", out _);
        for (ushort port = 1000; port < 1060; port++)
        {
            byte[] ack = PacketBuilder.Tcp($"203.0.113.7:{port}", Web, TcpFlags.Ack).Macs(Router, F0).Build();
            first.ProcessOn(first.Worker.FindOwner(new Packet { Buffer = ack, Length = ack.Length, ReceiveInterface = device }), ack, device);
        }

        Take(second, Changes(first));
        second.Engine.Workers.Sum(w => w.ConnectionCount).ShouldBe(60);
    }

    [Fact]
    public void Learned_YieldsToWhoSeesThePackets_OwnOnlyToLaterPackets()
    {
        using DirectorRig rig = Rig();
        Take(rig, Record(state: 4, timeout: 120) with { IsLearned = true });
        StateOf(rig).ShouldBe("FIN_WAIT", "hearsay is better than nothing");
        Take(rig, Record(state: 5, timeout: 120) with { IsLearned = true });
        StateOf(rig).ShouldBe("FIN_WAIT");
        Counted(rig, SyncCount.AlreadyKnown).ShouldBe(1);
        Take(rig, Record(idle: 3000));
        StateOf(rig).ShouldBe("ESTABLISHED", "the other one has seen its packets, this one has not");

        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Changes(rig).Records().ShouldHaveSingleItem().IsLearned.ShouldBeFalse("from its first packet on it is this director's to tell");
        rig.Now += TimeSpan.FromSeconds(10);
        Take(rig, Record(state: 5, timeout: 120, idle: 11_000));
        StateOf(rig).ShouldBe("ESTABLISHED", "the packet here is later");
        Counted(rig, SyncCount.KnownBetter).ShouldBe(1);
        Take(rig, Record(state: 5, timeout: 120, idle: 9_000));
        StateOf(rig).ShouldBe("TIME_WAIT", "the packet there is later");
        Changes(rig).Frames.ShouldBeEmpty();
    }

    [Fact]
    public void TwoDirectors_TellEachOther_AndNothingIsEchoed()
    {
        using DirectorRig first = Rig(), second = Rig();
        Open(first);
        Take(second, Changes(first));
        Take(first, Everything(second));
        Counted(first, SyncCount.AlreadyKnown).ShouldBe(1);
        Changes(first).Frames.ShouldBeEmpty();
        second.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Wire moved = Changes(second);
        moved.Frames.Count.ShouldBe(1);
        second.Now += TimeSpan.FromSeconds(1);
        first.Now += TimeSpan.FromSeconds(1);
        Take(first, moved);
        Counted(first, SyncCount.ConnectionsUpdated).ShouldBe(1, "the address has moved: the other one's packet is the later");
        Changes(first).Frames.ShouldBeEmpty();
        Changes(second).Frames.ShouldBeEmpty();
    }

    [Fact]
    public void Time_RunsOnWhileItIsTold()
    {
        using DirectorRig first = Rig(), second = Rig();
        Open(first);
        first.Now += TimeSpan.FromSeconds(600);
        Take(second, Everything(first));
        second.Connections().Single().ExpiresIn.TotalSeconds.ShouldBeInRange(299, 301);
        Take(second, Record("203.0.113.9:1", idle: 900_000), Record("203.0.113.9:2", timeout: 0));
        Counted(second, SyncCount.RunOut).ShouldBe(2);
        second.Now += TimeSpan.FromSeconds(302);
        second.Worker.AdvanceTimers(second.Now);
        second.Connections().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void End_OfWhatWasOnlyHeard_IsNotReset(bool isLearned, int probes)
    {
        using DirectorRig rig = Rig();
        rig.Engine.EditService(new VirtualServiceRule
        {
            Key = Key(IpProtocol.Tcp, Web), Scheduler = "rr", NetmaskPrefix = 32, Options = new ServiceOptions { Resets = true },
        }).ShouldBe(RuleResult.Ok);
        Take(rig, Record(timeout: 10));
        if (!isLearned) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        rig.Now += TimeSpan.FromSeconds(901);
        rig.Worker.AdvanceTimers(rig.Now);
        rig.Worker.CountEvents(ForwardingEvent.ProbeSent).ShouldBe(probes);
    }

    [Fact]
    public void AnotherServer_OfALaterPacket_Replaces_ButNotByItsEnd()
    {
        using DirectorRig rig = Rig();
        Take(rig, Record());
        Take(rig, Record(real: Other, flags: SyncFlags.Inactive, state: 5));
        Counted(rig, SyncCount.StaleEnd).ShouldBe(1);
        Take(rig, Record(real: Other));
        rig.Connections().Single().Real.ToString().ShouldBe(Other);
        Counted(rig, SyncCount.Replaced).ShouldBe(1);
    }

    [Fact]
    public void FlowOfOurs_StaysWhereOurPacketIsLater_AndIsTakenBackWhereNot()
    {
        using var flows = new FlowTestMemory();
        using DirectorRig rig = Rig(flows: flows);
        Open(rig);
        for (int i = 0; i < 3; i++) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(2);
        Take(rig, Record(idle: 60_000));
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(2);
        rig.Now += TimeSpan.FromSeconds(5);
        Take(rig, Record());
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(0);
    }

    [Fact]
    public void Templates_GoWithTheirEngineKey_AndKeepTheirClient()
    {
        using DirectorRig first = Sip(), second = Sip();
        first.FromClient(Call(1));
        IpEndpoint chosen = EndsOf(first.FromClient(Call(2, 4002))).Real;
        Wire told = Changes(first);
        told.Records().Count(r => r.Entry.IsTemplate).ShouldBeGreaterThanOrEqualTo(2);
        Take(second, Everything(first));
        second.Connections().Where(c => c.EngineName == "sip").Select(c => c.EngineData).ShouldBe(["call1@host", "call2@host"], ignoreOrder: true);
        EndsOf(second.FromClient(Call(2, 4001))).Real.ShouldBe(chosen);
        Counted(second, SyncCount.TemplatesMade).ShouldBe(2);
        Take(second, Everything(first));
        Counted(second, SyncCount.TemplatesMade).ShouldBe(2);
    }

    private static DirectorRig Sip()
    {
        var rig = new DirectorRig();
        ServiceKey key = Key(IpProtocol.Udp, "192.0.2.1:5060");
        rig.Engine.AddService(new VirtualServiceRule
        {
            Key = key, Scheduler = "rr", NetmaskPrefix = 32, Netmask = 0xFFFF_FFFF, Flags = ServiceFlags.Persistent, PersistenceTimeout = 300, PersistenceEngine = "sip",
        }).ShouldBe(RuleResult.Ok);
        foreach (string real in (string[])["10.1.0.10:5060", "10.1.0.11:5060"])
            rig.Engine.AddDestination(key, new DestinationRule { Real = Endpoints.Parse(real), Method = ForwardingMethod.Nat }).ShouldBe(RuleResult.Ok);
        rig.Engine.Sync.StartPeers();
        return rig;
    }

    private static PacketBuilder Call(int number, int port = 4000) =>
        PacketBuilder.Udp($"{Client}:{port}", "192.0.2.1:5060").Payload($"INVITE sip:a SIP/2.0\r\nVia: x\r\nCall-ID: call{number}@host\r\n\r\n");

    [Fact]
    public void AnnouncedDataConnection_IsTold_WithItsControlConnectionsNumbers()
    {
        const string Ftp = "192.0.2.1:21", Control = "203.0.113.7:1000";
        DirectorRig Rig() => new DirectorRig().Service(Ftp, ForwardingMethod.Nat, "10.1.0.10:21");
        using DirectorRig first = Rig(), live = Rig(), late = Rig();
        foreach (DirectorRig rig in new[] { first, live, late }) rig.Engine.Sync.StartPeers();
        first.FromClient(PacketBuilder.Tcp(Control, Ftp, TcpFlags.Syn).Seq(1));
        first.FromReal(PacketBuilder.Tcp("10.1.0.10:21", Control, TcpFlags.Syn | TcpFlags.Ack).Seq(10).Ack(2));
        first.FromClient(PacketBuilder.Tcp(Control, Ftp, TcpFlags.Ack).Seq(2).Ack(11));
        first.FromClient(PacketBuilder.Tcp(Control, Ftp, TcpFlags.Psh | TcpFlags.Ack).Seq(2).Ack(11).Payload("PASV\r\n"));
        const string Answer = "227 Entering Passive Mode (10,1,0,10,156,65).\r\n";
        first.FromReal(PacketBuilder.Tcp("10.1.0.10:21", Control, TcpFlags.Psh | TcpFlags.Ack).Seq(11).Ack(8).Payload(Answer));
        Take(live, Changes(first));
        Take(late, Everything(first));
        foreach (DirectorRig rig in new[] { live, late })
        {
            Counted(rig, SyncCount.AnnouncementsMade).ShouldBe(1);
            rig.Now += TimeSpan.FromSeconds(60);
            Take(rig, Everything(first));
            rig.Connections().Single(c => c.State == "LISTEN").ExpiresIn.TotalSeconds.ShouldBeInRange(59, 61, "not twice, nor kept for ever by being told");
            Sent data = rig.FromClient(PacketBuilder.Tcp("203.0.113.7:9000", "192.0.2.1:40001", TcpFlags.Syn));
            EndsOf(data).Real.ToString().ShouldBe("10.1.0.10:40001");
        }

        PacketBuilder Thanks() => PacketBuilder.Tcp(Control, Ftp, TcpFlags.Ack).Seq(8).Ack(11 + (uint)Answer.Length);
        late.FromClient(Thanks()).Frame.ShouldBe(first.FromClient(Thanks()).Frame, "text was made longer or shorter: the numbers go along");
        using DirectorRig stranger = Rig();
        Take(stranger, new Wire { Frames = { Everything(first).Frames[^1] } });
        Counted(stranger, SyncCount.ControlUnknown).ShouldBe(1);
    }

    [Fact]
    public void Announcing_AllocatesNothing()
    {
        using DirectorRig rig = Rig(ForwardingMethod.FullNat);
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _);
        byte[] ack = PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Macs(Router, F0).Build();
        byte[] buffer = new byte[Packet.Headroom + 2048];
        int device = rig.InterfaceOf("f0");
        var sink = new Nothing();
        rig.Engine.SetTimeouts(new DirectorTimeouts(1, 1, 1)).ShouldBe(RuleResult.Ok);
        Allocations.Measure(2000, () =>
        {
            ack.CopyTo(buffer, Packet.Headroom);
            rig.Now += TimeSpan.FromMilliseconds(500);
            var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = ack.Length, ReceiveInterface = device };
            rig.Worker.Process(ref packet, rig.Now);
            rig.Engine.Sync.TakeChanges(10, rig.Now, sink);
            rig.Worker.CopyTold(0, 10, rig.Now, sink);
        }).ShouldBe(0);
        sink.Told.ShouldBeGreaterThanOrEqualTo(4000, "as a change and in full each time");
    }

    private sealed class Nothing : IPeerSink
    {
        public int Told { get; private set; }

        public void Tell(in PeerRecord record, ReadOnlySpan<byte> engineName, ReadOnlySpan<byte> engineData) => Told++;
    }
}
