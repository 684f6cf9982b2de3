using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Flows;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Persistence where a fixture cannot look: several workers, a full table, a director that takes over, packets from several threads.</summary>
public sealed class PersistenceTests
{
    private const int Workers = 3;
    private static int s_nextPort;
    private static readonly ServiceKey s_web = Key(IpProtocol.Tcp, "192.0.2.1:80");

    private static DirectorRig Rig(int workers = 1, int maxConnections = 1024, FlowTestMemory? flows = null)
    {
        DirectorRig rig = new DirectorRig(workers: workers, maxConnections: maxConnections, flows: flows)
            .Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80", "10.1.0.11:80");
        MakePersistent(rig, 300);
        return rig;
    }

    private static void MakePersistent(DirectorRig rig, uint timeout) => rig.Engine.EditService(new VirtualServiceRule
    {
        Key = s_web, Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.Persistent, PersistenceTimeout = timeout,
    }).ShouldBe(RuleResult.Ok);

    private static byte[] Syn(string client, int port) => PacketBuilder.Tcp($"{client}:{port}", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0).Build();

    private static string RealOf(byte[] frame) => string.Join('.', frame[30..34]);

    private static long Templates(DirectorRig rig) => rig.Engine.FindService(s_web)!.Destinations.Sum(d => d.PersistentConnections);

    [Fact]
    public void Client_OfSeveralWorkers_KeepsItsServer_ByOneTemplate()
    {
        using DirectorRig rig = Rig(Workers);
        foreach (string client in (string[])["203.0.113.7", "203.0.113.8"])
        {
            var owners = new HashSet<int>();
            var reals = new HashSet<string>();
            for (int port = 1000; port < 1060; port++)
            {
                byte[] syn = Syn(client, port);
                int owner = rig.Worker.FindOwner(new Packet { Buffer = syn, Length = syn.Length, ReceiveInterface = rig.InterfaceOf("f0") });
                owners.Add(owner);
                reals.Add(RealOf(rig.ProcessOn(owner, syn, rig.InterfaceOf("f0")).Frame));
            }

            owners.Count.ShouldBe(Workers);
            reals.ShouldHaveSingleItem();
        }

        Templates(rig).ShouldBe(2);
        rig.Connections().Count(c => c.State == "NONE").ShouldBe(2, "each is listed once, by whichever worker");
    }

    [Fact]
    public void Templates_GoWithTheirTime_AndTheirServersAreFree()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn));
        Pass(rig, 299);
        Templates(rig).ShouldBe(1);
        rig.Worker.ConnectionCount.ShouldBe(0);
        Pass(rig, 2);
        Templates(rig).ShouldBe(0);
        rig.Engine.TemplatesV4.Count.ShouldBe(0);
    }

    [Fact]
    public void FullTable_OfTemplates_RefusesTheConnection_AndCountsIt()
    {
        const int Most = 8;
        using DirectorRig rig = Rig(maxConnections: Most);
        for (int client = 1; client <= Most; client++) rig.FromClient(PacketBuilder.Tcp($"203.0.113.{client}:1", "192.0.2.1:80", TcpFlags.Syn));
        Pass(rig, 61);
        rig.Worker.ConnectionCount.ShouldBe(0);
        rig.FromClient(PacketBuilder.Tcp("203.0.113.100:1", "192.0.2.1:80", TcpFlags.Syn)).Reason.ShouldBe(DropReason.TableFull);
        rig.FromClient(PacketBuilder.Tcp("203.0.113.1:2", "192.0.2.1:80", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
        rig.Worker.ConnectionCount.ShouldBe(1, "who has a template is served");
    }

    [Fact]
    public void ManyServices_OfOneClient_HaveATemplateEach()
    {
        using DirectorRig rig = Rig();
        const int Services = 200;
        for (int port = 1000; port < 1000 + Services; port++)
        {
            ServiceKey key = Key(IpProtocol.Tcp, $"192.0.2.1:{port}");
            rig.Engine.AddService(new VirtualServiceRule { Key = key, NetmaskPrefix = 32, Flags = ServiceFlags.Persistent, PersistenceTimeout = 60 });
            rig.Engine.AddDestination(key, new DestinationRule { Real = Endpoints.Parse("10.1.0.10:80"), Method = ForwardingMethod.DirectRouting });
            rig.FromClient(PacketBuilder.Tcp($"203.0.113.7:{port}", $"192.0.2.1:{port}", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
        }

        rig.Engine.TemplatesV4.Count.ShouldBe(Services);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(65535)]
    public void StaleTemplates_DoNotStandInTheWayOfTheirClient(int port)
    {
        using DirectorRig rig = new DirectorRig().Service($"192.0.2.1:{port}", ForwardingMethod.Nat, "10.1.0.10:80", "10.1.0.11:80");
        ServiceKey key = Key(IpProtocol.Tcp, $"192.0.2.1:{port}");
        rig.Engine.EditService(new VirtualServiceRule
        {
            Key = key, Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.Persistent, PersistenceTimeout = 3600,
        }).ShouldBe(RuleResult.Ok);
        rig.Engine.Settings.TrySet("expire_quiescent_template", "1", out _).ShouldBeTrue();
        for (int round = 0; round < 2 * ConnectionTable<Ipv4Address>.MaxPerClientEnd; round++)
        {
            string kept = RealOf(Open().Frame);
            RealOf(Open().Frame).ShouldBe(kept);
            rig.Engine.EditDestination(key, new DestinationRule { Real = Endpoints.Parse($"{kept}:80"), Method = ForwardingMethod.Nat, Weight = 0 }).ShouldBe(RuleResult.Ok);
            RealOf(Open().Frame).ShouldNotBe(kept);
            rig.Engine.EditDestination(key, new DestinationRule { Real = Endpoints.Parse($"{kept}:80"), Method = ForwardingMethod.Nat, Weight = 1 }).ShouldBe(RuleResult.Ok);

            Sent Open() => rig.FromClient(PacketBuilder.Tcp($"203.0.113.7:{1000 + s_nextPort++}", $"192.0.2.1:{port}", TcpFlags.Syn));
        }
    }

    [Fact]
    public void TimeoutOutOfRange_IsRefused()
    {
        using DirectorRig rig = Rig();
        foreach (uint seconds in (uint[])[0, 2_678_401, uint.MaxValue])
        {
            rig.Engine.EditService(new VirtualServiceRule
            {
                Key = s_web, Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.Persistent, PersistenceTimeout = seconds,
            }).Status.ShouldBe(RuleStatus.EINVAL);
        }
    }

    [Fact]
    public void AdoptedConnections_BringTheirTemplateBack()
    {
        using var memory = new FlowTestMemory();

        // A rig that is disposed of takes the flow table with it.
        DirectorRig first = Rig(flows: memory);
        string kept = RealOf(first.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn)).Frame);
        first.FromClient(PacketBuilder.Tcp("203.0.113.8:1", "192.0.2.1:80", TcpFlags.Syn));
        foreach (DirectorWorker worker in first.Engine.Workers) worker.Dispose();

        DirectorRig next = Rig(flows: memory);
        next.Engine.AdoptFlows(next.Now).Adopted.ShouldBe(2);
        Templates(next).ShouldBe(2);
        for (int port = 2; port < 6; port++)
            RealOf(next.FromClient(PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn)).Frame).ShouldBe(kept);
        foreach (DirectorWorker worker in next.Engine.Workers) worker.Dispose();
    }

    [Fact]
    public async Task Workers_WithNewAndEndingConnectionsOfTheSameClients_LeaveNothingBehind()
    {
        using DirectorRig rig = Rig(Workers, maxConnections: 4096);
        MakePersistent(rig, 1);
        int device = rig.InterfaceOf("f0");
        Task[] tasks = [.. Enumerable.Range(0, Workers).Select(w => Task.Factory.StartNew(
            () => Drive(rig.Engine.Workers[w], device, w), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        while (!Task.WhenAll(tasks).IsCompleted)
        {
            rig.Engine.Tick(MonotonicTime.FromSeconds(1000));
            rig.Connections();
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await Task.WhenAll(tasks);
        rig.Engine.Workers.Sum(w => w.ConnectionCount).ShouldBe(0);
        rig.Engine.TemplatesV4.Advance(MonotonicTime.FromSeconds(5000));
        Templates(rig).ShouldBe(0);
        rig.Engine.FindService(s_web)!.Destinations.ShouldAllBe(d => d.ActiveConnections == 0 && d.InactiveConnections == 0);
    }

    private static void Drive(DirectorWorker worker, int device, int index)
    {
        byte[] buffer = new byte[Packet.Headroom + 2048];
        var random = new Random(index);
        MonotonicTime now = MonotonicTime.FromSeconds(1000);
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 100; i++)
            {
                byte[] syn = Syn($"203.0.113.{random.Next(1, 20)}", random.Next(1, 65536));
                syn.CopyTo(buffer, Packet.Headroom);
                var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = syn.Length, ReceiveInterface = device };
                worker.Process(ref packet, now);
            }

            now += TimeSpan.FromSeconds(62);
            while (worker.AdvanceTimers(now) <= now) { }
        }
    }

    private static void Pass(DirectorRig rig, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            rig.Now += TimeSpan.FromSeconds(1);
            while (rig.Worker.AdvanceTimers(rig.Now) <= rig.Now) { }
            rig.Engine.Tick(rig.Now);
        }
    }
}
