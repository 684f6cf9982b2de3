using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Services;

/// <summary>The snapshots, kept by counting single changes, against a recount of everything after random commands.</summary>
public sealed class SnapshotTwinTests
{
    private static readonly string[] s_vips = ["192.0.2.10", "192.0.2.11"];
    private static readonly ushort[] s_ports = [0, 21, 80];
    private static readonly ForwardingMethod[] s_methods = [ForwardingMethod.Nat, ForwardingMethod.DirectRouting, ForwardingMethod.Tunnel, ForwardingMethod.FullNat];

    [Fact]
    public void RandomCommands_SnapshotsEqualARecount() => Seeds.Run(30, (random, _) =>
    {
        var test = new EngineUnderTest(withSink: true);
        List<Destination> open = [];
        for (int step = 0; step < 300; step++)
        {
            VirtualServiceRule service = EngineUnderTest.Service(s_vips[random.Next(2)], s_ports[random.Next(3)]);
            DestinationRule real = EngineUnderTest.Real($"10.0.0.{1 + random.Next(3)}", random.Next(2) == 0 ? (ushort)0 : (ushort)8080, s_methods[random.Next(4)]);
            IpAddress local = IpAddress.Parse($"10.0.0.{200 + random.Next(3)}");
            switch (random.Next(12))
            {
                case 0:
                    test.Engine.DeleteService(service.Key);
                    break;
                case 1:
                    test.Engine.DeleteDestination(service.Key, real.Real);
                    break;
                case 2:
                    test.Engine.EditDestination(service.Key, real);
                    break;
                case 3:
                    test.Engine.AddLocalAddress(service.Key, local);
                    break;
                case 4:
                    test.Engine.DeleteLocalAddress(service.Key, local);
                    break;
                case 5 when test.Engine.Table.TryFind(IpProtocol.Tcp, service.Key.Address, service.Key.Port, 0, out VirtualServiceState? found)
                    && found.Destinations.Length > 0:
                    Destination chosen = found.Destinations[random.Next(found.Destinations.Length)];
                    chosen.Bind(isTemplate: false);
                    open.Add(chosen);
                    break;
                case 6 when open.Count > 0:
                    open[0].Unbind(isTemplate: false, wasActive: false);
                    open.RemoveAt(0);
                    break;
                case 7 when random.Next(20) == 0:
                    test.Engine.Flush();
                    break;
                case 8:
                    test.Tick(random.Next(2) == 0 ? 0.1 : 60);
                    break;
                case 9:
                    test.Engine.AddService(service);
                    break;
                default:
                    test.Engine.AddDestination(service.Key, real);
                    break;
            }

            if (step % 10 == 0) Compare(test, isExact: false);
        }

        foreach (Destination destination in open) destination.Unbind(isTemplate: false, wasActive: false);
        test.Run(0.5);
        Compare(test, isExact: true);
    });

    [Fact]
    public void FtpService_ThatBecomesPersistent_HasEveryPort_ForGood()
    {
        var test = new EngineUnderTest(withSink: true);
        ServiceKey ftp = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.1"), 21);
        VirtualServiceRule rule = EngineUnderTest.Service() with { Key = ftp };
        test.Engine.Settings.TrySet("ftp_ports", "0", out _).ShouldBeTrue("no helper");
        test.Engine.AddService(rule).ShouldBe(RuleResult.Ok);
        test.Engine.AddDestination(ftp, new DestinationRule { Real = new IpEndpoint(IpAddress.Parse("10.0.0.1"), 2121), Method = ForwardingMethod.Nat }).ShouldBe(RuleResult.Ok);
        test.Sink!.Last.Virtuals.ShouldHaveSingleItem().Port.ShouldBe((ushort)21);
        test.Sink.Last.Reals.ShouldHaveSingleItem().Port.ShouldBe((ushort)2121);

        test.Engine.EditService(rule with { Flags = ServiceFlags.Persistent, PersistenceTimeout = 60 }).ShouldBe(RuleResult.Ok);
        test.Sink.Last.Virtuals.ShouldHaveSingleItem().Port.ShouldBe((ushort)0);
        test.Sink.Last.Reals.ShouldHaveSingleItem().Port.ShouldBe((ushort)0);

        // Data connections that are there go on.
        test.Engine.EditService(rule).ShouldBe(RuleResult.Ok);
        test.Sink.Last.Virtuals.ShouldHaveSingleItem().Port.ShouldBe((ushort)0);
        test.Engine.DeleteService(ftp).ShouldBe(RuleResult.Ok);
        test.Run(0.5);
        test.Sink.Last.Virtuals.ShouldBeEmpty();
        test.Sink.Last.Reals.ShouldBeEmpty();
    }

    /// <summary>What is in force must be there; when nothing lingers, nothing else may be.</summary>
    private static void Compare(EngineUnderTest test, bool isExact)
    {
        HashSet<DivertEndpoint> virtuals = [], reals = [], tunnels = [];
        HashSet<IpAddress> locals = [];
        ServiceTable table = test.Engine.Table;
        foreach (ServiceView service in test.Engine.ListServices())
        {
            ServiceKey key = service.Rule.Key;
            virtuals.Add(new DivertEndpoint(key.Protocol, key.Address, key.Port));
            table.TryFind(key.Protocol, key.Address, key.Port, 0, out VirtualServiceState? found).ShouldBeTrue();
            found!.Key.ShouldBe(key);
            foreach (DestinationRule rule in service.Destinations.Select(d => d.Rule))
            {
                if (rule.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat)
                {
                    // With port 0 connections go to the port they came to, whatever the real server's rule says.
                    // Where a helper reads control connections, data connections have any port.
                    bool hasHelper = key.Protocol == IpProtocol.Tcp && key.Port == ServiceTable.FtpPort && rule.Method == ForwardingMethod.Nat;
                    if (hasHelper) virtuals.Add(new DivertEndpoint(key.Protocol, key.Address, 0));
                    ushort port = key.Port == 0 || hasHelper ? (ushort)0 : rule.Real.Port != 0 ? rule.Real.Port : key.Port;
                    reals.Add(new DivertEndpoint(key.Protocol, rule.Real.Address, port));
                }

                if (rule.Method == ForwardingMethod.Tunnel) tunnels.Add(new DivertEndpoint(IpProtocol.IpInIp, rule.Real.Address, 0));
                if (rule.Method == ForwardingMethod.Nat) table.IsNatDestination(key.Protocol, rule.Real.Address, rule.Real.Port).ShouldBeTrue();
            }

            locals.UnionWith(service.LocalAddresses.Select(l => l.Address));
        }

        if (test.Sink!.Applied.Count == 0) return;
        DivertRules told = test.Sink.Last;
        Covers(told.Virtuals, isExact ? virtuals : Without(virtuals, told.Virtuals), isExact);
        Covers(told.Reals, isExact ? reals : Without(reals, told.Reals), isExact);
        Covers(told.TunnelReals, tunnels, isExact);
        Covers(told.LocalAddresses, locals, isExact);
        foreach (DivertEndpoint endpoint in told.Virtuals) table.IsVirtualAddress(endpoint.Address).ShouldBeTrue();
        foreach (DivertEndpoint endpoint in told.Reals) (table.IsReal(endpoint.Protocol, endpoint.Address, endpoint.Port) && table.IsRealAddress(endpoint.Address)).ShouldBeTrue();
        table.Reals.Count.ShouldBe(told.Reals.Count);
        table.RealAddresses.Count.ShouldBe(told.Reals.Select(r => r.Address).Distinct().Count());
        table.VirtualAddresses.Count.ShouldBe(told.Virtuals.Select(v => v.Address).Distinct().Count());
        told.TunnelReals.ShouldAllBe(e => table.IsTunnelEnd(e.Protocol, e.Address, e.Port));
        table.TunnelReals.Count.ShouldBe(told.TunnelReals.Count);
        told.LocalAddresses.ShouldAllBe(a => table.IsLocalAddress(a));
        table.LocalAddresses.Count.ShouldBe(told.LocalAddresses.Count);
        if (isExact) table.NatDestinations.Count.ShouldBe(test.Engine.ListServices()
            .SelectMany(s => s.Destinations.Where(d => d.Rule.Method == ForwardingMethod.Nat).Select(d => d.Rule.Real)).Distinct().Count());
    }

    // Where data connections may linger, every port is told, and no single one.
    private static HashSet<DivertEndpoint> Without(HashSet<DivertEndpoint> wanted, IReadOnlySet<DivertEndpoint> told) =>
        [.. wanted.Where(w => !told.Contains(w with { Port = 0 }))];

    private static void Covers<T>(IReadOnlySet<T> told, HashSet<T> wanted, bool isExact)
    {
        wanted.IsSubsetOf(told).ShouldBeTrue(string.Join(' ', wanted.Except(told)));
        if (isExact) wanted.SetEquals(told).ShouldBeTrue(string.Join(' ', told.Except(wanted)));
    }
}
