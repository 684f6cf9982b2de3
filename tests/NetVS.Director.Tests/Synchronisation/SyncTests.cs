using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Director.Tests.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Sync;
using NetVS.Testing.Flows;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Synchronisation;

/// <summary>What a master tells, what a backup makes of it, and that a connection goes on at the other director.</summary>
public sealed class SyncTests
{
    private const string Web = "192.0.2.1:80", Peer = "203.0.113.7:4000", Server = "10.1.0.10:8080";

    private static DirectorRig Rig(ForwardingMethod method = ForwardingMethod.Nat, int workers = 1, FlowTestMemory? flows = null, bool isMaster = true)
    {
        DirectorRig rig = new DirectorRig(workers: workers, flows: flows).Service(Web, method, Server, "10.1.0.11:8080");
        if (isMaster) rig.Engine.Sync.StartMaster(1);
        return rig;
    }

    private static List<SyncRecord> Told(DirectorRig rig, int thread = 0)
    {
        List<SyncRecord> records = [];
        while (rig.Engine.Sync.TryTake(thread, rig.Now, out SyncRecord record)) records.Add(record);
        return records;
    }

    private static void Take(DirectorRig rig, params IEnumerable<SyncRecord> records)
    {
        foreach (SyncRecord record in records)
        {
            if (!rig.Engine.Sync.Admits(in record, default)) continue;
            if (record.IsTemplate) rig.Engine.Sync.TakeTemplate(in record, rig.Now);
            else rig.Engine.Workers[rig.Engine.Sync.OwnerOf(in record)].TakeSynced([record], rig.Now);
        }
    }

    private static SyncRecord Established(string client = Peer, string real = Server, uint flags = 0, ushort state = 1, uint timeout = 900) => new()
    {
        Protocol = IpProtocol.Tcp, State = state, Flags = flags, Timeout = timeout,
        Client = Endpoints.Parse(client).Address, ClientPort = Endpoints.Parse(client).Port,
        Virtual = Endpoints.Parse(Web).Address, VirtualPort = 80,
        Real = Endpoints.Parse(real).Address, RealPort = Endpoints.Parse(real).Port,
    };

    private static void Open(DirectorRig rig, string client = Peer, int data = 1)
    {
        string real = string.Join('.', rig.FromClient(PacketBuilder.Tcp(client, Web, TcpFlags.Syn)).Frame[30..34]) + ":8080";
        rig.FromReal(PacketBuilder.Tcp(real, client, TcpFlags.Syn | TcpFlags.Ack), int.Parse(real.Split('.', ':')[3]));
        for (int i = 0; i <= data; i++) rig.FromClient(PacketBuilder.Tcp(client, Web, TcpFlags.Ack));
    }

    private static long Counted(DirectorRig rig, SyncCount what) => rig.Engine.Sync.Tally.Read(what);

    private static DestinationView[] Destinations(DirectorRig rig, string service = Web) =>
        [.. rig.Engine.FindService(Key(IpProtocol.Tcp, service))!.Destinations];

    [Fact]
    public void RealServerOfAnotherFamily_WhileADaemonRuns_IsRefused()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel, isMaster: false);
        var mixed = new DestinationRule { Real = Endpoints.Parse("[2001:db8:b::10]:8080"), Method = ForwardingMethod.Tunnel };
        ServiceKey key = Key(IpProtocol.Tcp, Web);
        rig.Engine.Sync.StartMaster(1);
        rig.Engine.AddDestination(key, mixed).Status.ShouldBe(RuleStatus.EINVAL);
        rig.Engine.Sync.StopMaster();
        rig.Engine.Sync.IsBackup = true;
        rig.Engine.AddDestination(key, mixed).Status.ShouldBe(RuleStatus.EINVAL);
        rig.Engine.Sync.IsBackup = false;
        rig.Engine.AddDestination(key, mixed).ShouldBe(RuleResult.Ok);
    }

    [Fact]
    public void Master_TellsOfTheThirdPacketAndOfEachClosingState()
    {
        using DirectorRig rig = Rig();
        Open(rig, data: 0);
        Told(rig).ShouldBeEmpty("two packets");
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Told(rig).ShouldHaveSingleItem().ShouldBe(Established());
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Fin | TcpFlags.Ack));
        Told(rig).ShouldHaveSingleItem().ShouldBe(Established(state: 7, timeout: 60, flags: SyncFlags.Inactive));
        rig.FromReal(PacketBuilder.Tcp(Server, Peer, TcpFlags.Fin | TcpFlags.Ack));
        Told(rig).ShouldBeEmpty("IPVS tells with requests only");
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Told(rig).ShouldHaveSingleItem().ShouldBe(Established(state: 5, timeout: 120, flags: SyncFlags.Inactive));
    }

    [Fact]
    public void WithoutMaster_NothingIsKept()
    {
        using DirectorRig rig = Rig(isMaster: false);
        Open(rig);
        Told(rig).ShouldBeEmpty();
        rig.Engine.Sync.StartMaster(1);
        Told(rig).ShouldBeEmpty();
        for (int i = 0; i < 50; i++) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Told(rig).Count.ShouldBe(1);
        rig.Engine.Sync.StopMaster();
        for (int i = 0; i < 50; i++) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Told(rig).ShouldBeEmpty();
    }

    [Fact]
    public void FastPath_ThatTakesAllPackets_IsAskedEverySecond()
    {
        using var flows = new FlowTestMemory();
        DirectorRig rig = Rig(flows: flows);
        Open(rig, data: 3);
        rig.Engine.Offload!.Status.Installs.ShouldBe(1);
        Second(rig);
        Told(rig).ShouldHaveSingleItem().ShouldBe(Established());
        Second(rig);
        Told(rig).ShouldBeEmpty("no packet passed");
        for (int i = 0; i < 120; i++) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Second(rig);
        Told(rig).Count.ShouldBe(1, "however many turns were passed");
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Fin | TcpFlags.Ack));
        Second(rig);
        Told(rig).ShouldHaveSingleItem().State.ShouldBe((ushort)7);
        foreach (DirectorWorker worker in rig.Engine.Workers) worker.Dispose();
    }

    [Fact]
    public void FullNat_CannotBeTold_AndIsCounted()
    {
        using DirectorRig rig = Rig(ForwardingMethod.FullNat);
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, Web), IpAddress.Parse("10.1.0.1")).ShouldBe(RuleResult.Ok);
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _);
        for (int i = 0; i < 3; i++) rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        Told(rig).ShouldBeEmpty();
        Counted(rig, SyncCount.NotDescribable).ShouldBe(1);
        rig.Engine.Sync.StopMaster();
        rig.Worker.TakeSynced([Established("203.0.113.9:1")], rig.Now);
        Counted(rig, SyncCount.MethodUnknown).ShouldBe(1, "nor taken");
    }

    [Theory]
    [InlineData(0u, ForwardingMethod.DirectRouting)]
    [InlineData(2u, ForwardingMethod.Nat)]
    public void Method_IsTheLocalRules_NotTheMessages(uint told, ForwardingMethod local)
    {
        using DirectorRig rig = Rig(local, isMaster: false);
        Take(rig, Established(flags: told));
        rig.Connections().ShouldHaveSingleItem().Method.ShouldBe(local);
    }

    // What goes past the real servers: IPVS's flags are the method alone, for no server counts it inactive.
    [Fact]
    public void Bypass_ToldAndTaken_GoesOnPastTheServers()
    {
        using DirectorRig master = BypassRig(), backup = BypassRig();
        master.Engine.Sync.StartMaster(1);
        const string Origin = "198.18.0.9:80";
        master.FromClient(PacketBuilder.Tcp(Peer, Origin, TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
        for (int i = 0; i < 3; i++) master.FromClient(PacketBuilder.Tcp(Peer, Origin, TcpFlags.Ack));
        SyncRecord told = Told(master).ShouldHaveSingleItem();
        told.Flags.ShouldBe(4u);
        told.Mark.ShouldBe(7u);
        told.Real.ShouldBe(IpAddress.Parse("0.0.0.0"));
        told.RealPort.ShouldBe((ushort)0);
        master.FromClient(PacketBuilder.Tcp(Peer, Origin, TcpFlags.Fin | TcpFlags.Ack));
        Told(master).ShouldHaveSingleItem().Flags.ShouldBe(4u);

        backup.Engine.Settings.TrySet("cache_bypass", "0", out _);
        Take(backup, told);
        Counted(backup, SyncCount.ConnectionsMade).ShouldBe(1);
        backup.Connections().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            c => c.Method.ShouldBe(ForwardingMethod.Bypass), c => c.State.ShouldBe("ESTABLISHED"), c => c.Real.ToString().ShouldBe("0.0.0.0:0"));
        backup.FromClient(PacketBuilder.Tcp(Peer, Origin, TcpFlags.Ack)).Verdict.ShouldBe(Verdict.Transmit);
    }

    private static DirectorRig BypassRig()
    {
        var rig = new DirectorRig();
        rig.Engine.SetMarks([new MarkRule { Network = IpAddress.Parse("198.18.0.0"), PrefixLength = 15, Mark = 7 }]).ShouldBe(RuleResult.Ok);
        rig.Engine.AddService(new VirtualServiceRule { Key = ServiceKey.OfMark(IpFamily.V4, 7) }).ShouldBe(RuleResult.Ok);
        rig.Engine.Settings.TrySet("cache_bypass", "1", out _).ShouldBeTrue();
        return rig;
    }

    [Fact]
    public void FullRing_LosesRecords_Counted()
    {
        using DirectorRig rig = new DirectorRig(maxConnections: 40_000).Service(Web, ForwardingMethod.Nat, Server);
        rig.Engine.Sync.StartMaster(1);
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _);
        rig.Engine.Settings.TrySet("sync_threshold", "1 0", out _);
        rig.VerifiesFrames = false;
        for (int i = 0; i < 16_384 + 10; i++) rig.FromClient(PacketBuilder.Tcp($"203.0.113.7:{1000 + i}", Web, TcpFlags.Ack));
        Counted(rig, SyncCount.RecordsLost).ShouldBe(10);
        Told(rig).Count.ShouldBe(16_384);
    }

    [Fact]
    public void Threads_ShareConnections_EachItsOwn()
    {
        using DirectorRig rig = Rig(isMaster: false);
        rig.Engine.Sync.StartMaster(4);
        for (int port = 1001; port <= 1040; port++) Open(rig, $"203.0.113.7:{port}");
        int[] shares = [.. Enumerable.Range(0, 4).Select(t => Told(rig, t).Count)];
        shares.Sum().ShouldBe(40);
        shares.ShouldAllBe(s => s == 10);
    }

    [Fact]
    public void Template_GoesWithItsConnections_AndComesToBeTheSameThere()
    {
        using DirectorRig master = Rig(), backup = Rig(isMaster: false);
        foreach (DirectorRig rig in (DirectorRig[])[master, backup]) MakePersistent(rig);
        Open(master);
        List<SyncRecord> told = Told(master);
        told.Where(r => r.IsTemplate).ShouldNotBeEmpty();
        SyncRecord last = told.Last(r => r.IsTemplate);
        last.ShouldBe(Established("203.0.113.0:0", state: 1, timeout: 360, flags: SyncFlags.Template | SyncFlags.Inactive));
        told.Where(r => !r.IsTemplate).ShouldHaveSingleItem();

        Take(backup, told);
        backup.Connections().Select(c => $"{c.Client} {c.Real} {c.State}").Order().ShouldBe(master.Connections().Select(c => $"{c.Client} {c.Real} {c.State}").Order());
        Destinations(backup).Sum(d => d.PersistentConnections).ShouldBe(1);
        for (int port = 1; port < 10; port++)
            string.Join('.', backup.FromClient(PacketBuilder.Tcp($"203.0.113.99:{port}", Web, TcpFlags.Syn)).Frame[30..34]).ShouldBe("10.1.0.10", "a client of the same network");
    }

    [Fact]
    public void PersistMode_TellsOfTemplatesOnly()
    {
        using DirectorRig rig = Rig();
        MakePersistent(rig);
        rig.Engine.Settings.TrySet("sync_persist_mode", "1", out _);
        Open(rig, data: 60);
        Told(rig).ShouldAllBe(r => r.IsTemplate);
    }

    [Fact]
    public void Template_OfAnotherServer_ReplacesTheFormer()
    {
        using DirectorRig rig = Rig(isMaster: false);
        MakePersistent(rig);
        const uint Flags = SyncFlags.Template | SyncFlags.Inactive;
        Take(rig, Established("203.0.113.0:0", flags: Flags), Established("203.0.113.0:0", "10.1.0.11:8080", Flags));
        Counted(rig, SyncCount.Replaced).ShouldBe(1);
        string.Join('.', rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Syn)).Frame[30..34]).ShouldBe("10.1.0.11");
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat)]
    [InlineData(ForwardingMethod.DirectRouting)]
    [InlineData(ForwardingMethod.Tunnel)]
    public void Backup_GoesOnWhereTheMasterStopped(ForwardingMethod method)
    {
        using DirectorRig master = Rig(method), backup = Rig(method, workers: 3, isMaster: false);
        if (method == ForwardingMethod.Nat) Open(master);
        else for (int i = 0; i < 3; i++) master.FromClient(PacketBuilder.Tcp(Peer, Web, i == 0 ? TcpFlags.Syn : TcpFlags.Ack));
        Take(backup, Told(master));
        ConnectionView made = AllConnections(backup).ShouldHaveSingleItem();
        (made.State, made.IsActive, made.Method).ShouldBe(("ESTABLISHED", true, method));
        made.ExpiresIn.TotalSeconds.ShouldBeInRange(899, 901);
        Destinations(backup).Sum(d => d.ActiveConnections).ShouldBe(1);
        backup.Engine.Totals.Connections.ShouldBe(0ul, "not scheduled here");

        byte[] ack = PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Payload(10).Macs(Router, F0).Build();
        int device = backup.InterfaceOf("f0");
        int owner = backup.Worker.FindOwner(new Packet { Buffer = ack, Length = ack.Length, ReceiveInterface = device });
        Sent there = backup.ProcessOn(owner, ack, device);
        Sent here = master.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Payload(10));
        there.Verdict.ShouldBe(Verdict.Transmit);
        there.Frame[..6].ShouldBe(here.Frame[..6]);
        there.Frame[30..].ShouldBe(here.Frame[30..], "the same real server gets the same");
    }

    [Fact]
    public void Backup_Ipv6_GoesOn()
    {
        const string Client6 = "[2001:db8:f::7]:4000", Web6 = "[2001:db8::80]:80";
        using DirectorRig master = Rig().Service(Web6, ForwardingMethod.Nat, "[2001:db8:b::10]:8080"), backup = Rig(isMaster: false).Service(Web6, ForwardingMethod.Nat, "[2001:db8:b::10]:8080");
        for (int i = 0; i < 3; i++) master.FromClient(PacketBuilder.Tcp(Client6, Web6, i == 0 ? TcpFlags.Syn : TcpFlags.Ack));
        Take(backup, Told(master));
        Sent sent = backup.FromClient(PacketBuilder.Tcp(Client6, Web6, TcpFlags.Ack));
        sent.Verdict.ShouldBe(Verdict.Transmit);
        sent.Frame.ShouldBe(master.FromClient(PacketBuilder.Tcp(Client6, Web6, TcpFlags.Ack)).Frame);
    }

    [Fact]
    public void Backup_FollowsStatesAndActivity_AndLetsTheTimerRun()
    {
        using DirectorRig rig = Rig(isMaster: false);
        Take(rig, Established());
        Take(rig, Established(state: 4, timeout: 120, flags: SyncFlags.Inactive));
        ConnectionView view = rig.Connections().ShouldHaveSingleItem();
        (view.State, view.IsActive).ShouldBe(("FIN_WAIT", false));
        Destinations(rig).Select(d => (d.ActiveConnections, d.InactiveConnections)).ShouldBe([(0, 1), (0, 0)]);
        rig.Now += TimeSpan.FromSeconds(119);
        rig.Worker.AdvanceTimers(rig.Now);
        rig.Connections().Count.ShouldBe(1);
        rig.Now += TimeSpan.FromSeconds(2);
        rig.Worker.AdvanceTimers(rig.Now);
        rig.Connections().ShouldBeEmpty();
        Destinations(rig).ShouldAllBe(d => d.ActiveConnections == 0 && d.InactiveConnections == 0);
    }

    [Fact]
    public void Record_OfAnotherServer_ReplacesTheConnection_ButNotByItsEnd()
    {
        using DirectorRig rig = Rig(isMaster: false);
        Take(rig, Established());
        Take(rig, Established(real: "10.1.0.11:8080", flags: SyncFlags.Inactive, state: 5));
        rig.Connections().Single().Real.ToString().ShouldBe(Server);
        Counted(rig, SyncCount.StaleEnd).ShouldBe(1);
        Take(rig, Established(real: "10.1.0.11:8080"));
        rig.Connections().Single().Real.ToString().ShouldBe("10.1.0.11:8080");
        Counted(rig, SyncCount.Replaced).ShouldBe(1);
        Destinations(rig).Sum(d => d.ActiveConnections).ShouldBe(1);
    }

    [Fact]
    public void Unbound_IsKept_AndBoundWhenItsServerComes()
    {
        using DirectorRig rig = Rig(ForwardingMethod.DirectRouting, isMaster: false);
        Take(rig, Established(real: "10.1.0.12:80"), Established("203.0.113.8:1", real: "10.1.0.12:80"));
        Counted(rig, SyncCount.MadeUnbound).ShouldBe(2);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack)).Reason.ShouldBe(DropReason.DestinationUnavailable);
        rig.Engine.AddDestination(Key(IpProtocol.Tcp, Web), new DestinationRule { Real = Endpoints.Parse("10.1.0.12:80"), Method = ForwardingMethod.DirectRouting }).ShouldBe(RuleResult.Ok);
        Sent sent = rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack));
        sent.Verdict.ShouldBe(Verdict.Transmit);
        sent.Frame[..6].ShouldBe([2, 0, 0, 0, 0, 0x12]);
        for (int i = 0; i < 10; i++) rig.Worker.AdvanceTimers(rig.Now);
        Counted(rig, SyncCount.BoundLater).ShouldBe(2, "the one without a packet too");
        Destinations(rig)[0].ActiveConnections.ShouldBe(2);
        rig.Engine.Settings.TrySet("expire_nodest_conn", "1", out _);
        Take(rig, Established("203.0.113.9:1", real: "10.1.0.13:80"));
        rig.Engine.DeleteDestination(Key(IpProtocol.Tcp, Web), Endpoints.Parse("10.1.0.12:80"));
        for (int i = 0; i < 10; i++) rig.Worker.AdvanceTimers(rig.Now);
        rig.Connections().ShouldHaveSingleItem().Client.ToString().ShouldBe("203.0.113.9:1", "it has no real server that could have been deleted");
    }

    [Fact]
    public void FlowOfOurs_IsTakenBack_WhenAnotherDirectorTellsOfItsConnection()
    {
        using var flows = new FlowTestMemory();
        DirectorRig rig = Rig(flows: flows, isMaster: false);
        Open(rig);
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(2);
        Take(rig, Established(state: 5, timeout: 120, flags: SyncFlags.Inactive));
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(0);
        rig.Connections().Single().State.ShouldBe("TIME_WAIT");
        foreach (DirectorWorker worker in rig.Engine.Workers) worker.Dispose();
    }

    [Theory]
    [InlineData(true, true, Verdict.ToStack)]
    [InlineData(true, false, Verdict.Transmit)]
    [InlineData(false, true, Verdict.Transmit)]
    public void BackupOnly_LeavesRequestsToTheStack_WhileABackupRuns(bool isSet, bool isBackup, Verdict verdict)
    {
        using var flows = new FlowTestMemory();
        DirectorRig rig = Rig(flows: flows, isMaster: false);
        Open(rig);
        rig.Engine.Settings.TrySet("backup_only", isSet ? "1" : "0", out _);
        rig.Engine.Sync.IsBackup = isBackup;
        Second(rig);
        rig.FromClient(PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack)).Verdict.ShouldBe(verdict, "of a connection that was in the flow table");
        rig.FromClient(PacketBuilder.Tcp("203.0.113.8:4000", Web, TcpFlags.Syn)).Verdict.ShouldBe(verdict);
        foreach (DirectorWorker worker in rig.Engine.Workers) worker.Dispose();
    }

    public static TheoryData<SyncCount, SyncRecord> Refused => new()
    {
        { SyncCount.ProtocolUnknown, Established() with { Protocol = (IpProtocol)47 } },
        { SyncCount.StateUnknown, Established(state: 11) },
        { SyncCount.StateUnknown, Established() with { Protocol = IpProtocol.Udp } },
        { SyncCount.MethodUnknown, Established(flags: 5) },
        { SyncCount.AddressImpossible, Established(real: "0.0.0.0:80", flags: 4) },
        { SyncCount.AddressImpossible, Established("203.0.113.7:0", "0.0.0.0:0", SyncFlags.Template | 4) },
        { SyncCount.ClientPortUnknown, Established("203.0.113.7:0") },
        { SyncCount.ClientPortUnknown, Established(flags: SyncFlags.NoClientPort) },
        { SyncCount.AddressImpossible, Established("127.0.0.1:1") },
        { SyncCount.AddressImpossible, Established("224.0.0.1:1") },
        { SyncCount.AddressImpossible, Established(real: "0.0.0.0:80") },
        { SyncCount.AddressImpossible, Established(real: "224.0.0.1:80") },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Record_OfWhichNothingCanFollow_IsCountedByName(SyncCount reason, SyncRecord record)
    {
        using DirectorRig rig = Rig(isMaster: false);
        Take(rig, record);
        Counted(rig, reason).ShouldBe(1);
        rig.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void Record_WithSequenceNumbersToAdjust_IsRefused_WithoutAny_Taken()
    {
        using DirectorRig rig = Rig(isMaster: false);
        var extras = new SyncExtras { HasSequence = true, Inbound = new SyncSequence(1, 0, 0) };
        rig.Engine.Sync.Admits(Established(), in extras).ShouldBeTrue();
        extras.Outbound = new SyncSequence(1, 5, 0);
        rig.Engine.Sync.Admits(Established(), in extras).ShouldBeFalse();
        Counted(rig, SyncCount.SequenceRefused).ShouldBe(1);
        rig.Engine.Sync.Admits(Established(), new SyncExtras { EngineName = "sip"u8, EngineData = "x"u8 }).ShouldBeFalse();
        Counted(rig, SyncCount.EngineUnknown).ShouldBe(1);
    }

    [Fact]
    public void FullTable_RefusesRecords()
    {
        using DirectorRig rig = new DirectorRig(maxConnections: 2).Service(Web, ForwardingMethod.Nat, Server);
        Take(rig, Established("203.0.113.7:1"), Established("203.0.113.7:2"), Established("203.0.113.7:3"));
        rig.Connections().Count.ShouldBe(2);
        Counted(rig, SyncCount.TableFull).ShouldBe(1);
        Take(rig, Established("203.0.113.7:2", state: 4));
        Counted(rig, SyncCount.ConnectionsUpdated).ShouldBe(1);
    }

    [Fact]
    public void NoTimeoutInTheMessage_MeansTheStates()
    {
        using DirectorRig rig = Rig(isMaster: false);
        Take(rig, Established(timeout: 0), Established("203.0.113.8:1", timeout: uint.MaxValue));
        rig.Connections().Single(c => c.Client.Port == 4000).ExpiresIn.TotalSeconds.ShouldBeInRange(899, 901);
        rig.Connections().Single(c => c.Client.Port == 1).ExpiresIn.TotalDays.ShouldBeInRange(98, 100, "as long as a timeout can be");
    }

    [Fact]
    public void Announcing_AllocatesNothing()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Settings.TrySet("sync_threshold", "0 1", out _);
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _);
        byte[] ack = PacketBuilder.Tcp(Peer, Web, TcpFlags.Ack).Macs(Router, F0).Build();
        byte[] buffer = new byte[Packet.Headroom + 2048];
        int device = rig.InterfaceOf("f0"), told = 0;
        Allocations.Measure(2000, () =>
        {
            ack.CopyTo(buffer, Packet.Headroom);
            var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = ack.Length, ReceiveInterface = device };
            rig.Worker.Process(ref packet, rig.Now);
            while (rig.Engine.Sync.TryTake(0, rig.Now, out _)) told++;
        }).ShouldBe(0);
        told.ShouldBeGreaterThanOrEqualTo(2000);
    }

    private static void Second(DirectorRig rig)
    {
        rig.Now += TimeSpan.FromSeconds(1);
        for (int i = 0; i < 10; i++) rig.Worker.AdvanceTimers(rig.Now);
    }

    private static List<ConnectionView> AllConnections(DirectorRig rig)
    {
        List<ConnectionView> views = [];
        foreach (DirectorWorker worker in rig.Engine.Workers)
            for (long cursor = 0; cursor >= 0;) cursor = worker.CopyConnections(cursor, 100, rig.Now, views);
        return views;
    }

    private static void MakePersistent(DirectorRig rig) => rig.Engine.EditService(new VirtualServiceRule
    {
        Key = Key(IpProtocol.Tcp, Web), Scheduler = "rr", NetmaskPrefix = 24, Netmask = 0xFFFF_FF00, Flags = ServiceFlags.Persistent, PersistenceTimeout = 360,
    }).ShouldBe(RuleResult.Ok);
}
