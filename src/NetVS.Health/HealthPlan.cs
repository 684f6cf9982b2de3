using NetVS.Control.Configuration;
using NetVS.Health.Checks;
using NetVS.Health.Pools;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Scripts;

namespace NetVS.Health;

/// <summary>The pools and checks of one configuration; what was the same in the former one goes on (reference §7.7).</summary>
internal sealed class HealthPlan
{
    private readonly Dictionary<string, ServerPool> _byIdentity = new(StringComparer.Ordinal);

    private HealthPlan(ScriptPolicy scripts, IReadOnlyList<ServerPool> pools)
    {
        ScriptPolicy = scripts;
        Pools = pools;
        foreach (ServerPool pool in pools) _byIdentity.TryAdd(pool.Identity, pool);
    }

    /// <summary>Nothing.</summary>
    public static HealthPlan Empty { get; } = new(ScriptPolicy.Open, []);

    /// <summary>Who runs scripts.</summary>
    public ScriptPolicy ScriptPolicy { get; }

    /// <summary>The global definitions: pipes and mail that tell of real servers and quorums.</summary>
    public GlobalDefinitions Global { get; private init; } = new();

    /// <summary>The pools in the configuration's order.</summary>
    public IReadOnlyList<ServerPool> Pools { get; }

    /// <summary>What is to be told when it is put in force.</summary>
    public IReadOnlyList<PoolEvent> Events { get; private set; } = [];

    /// <summary>Every check.</summary>
    public IEnumerable<Check> Checks => Pools.SelectMany(p => p.Servers).SelectMany(s => s.Checks);

    /// <summary>The paths of the checks that go the users' way.</summary>
    public IReadOnlyCollection<Probes.UserPath> Paths => [.. Checks.Select(c => c.Path).OfType<Probes.UserPath>().Distinct()];

    /// <summary>Makes the plan of a configuration without touching the former one.</summary>
    public static HealthPlan Make(ConfigurationPlan next, CheckContext context, HealthPlan former, DateTimeOffset now, bool isStart)
    {
        ILookup<VirtualServer, ServiceRules> services = next.AllUp.Services
            .Select(s => (Rules: s, Server: next.Mapped.Find(s.Rule.Key)!)).ToLookup(s => s.Server, s => s.Rules, ReferenceEqualityComparer.Instance as IEqualityComparer<VirtualServer>);
        var pools = new List<ServerPool>();
        var events = new List<PoolEvent>();
        var ordinals = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (VirtualServer server in next.Configuration.VirtualServers)
        {
            ServiceRules[] own = [.. services[server]];
            if (own.Length == 0) continue;
            int ordinal = server.Group is { } group ? ordinals[group] = ordinals.GetValueOrDefault(group) + 1 : 0;
            string identity = server.Group is { } name ? $"group {name} {ordinal}" : own[0].Rule.Key.ToString();
            var pool = new ServerPool(server, identity, own, now);
            ServerPool? before = former._byIdentity.GetValueOrDefault(identity);
            pool.Servers = [.. server.RealServers.Select(r => MakeServer(pool, r, context, before, isStart))];
            if (before is not null) pool.GoOnFrom(before);
            pools.Add(pool);
            AddEvents(events, pool, before, context.Configuration.Global.Lvs.NotifiesAtStart);
        }

        foreach (ServerPool gone in former.Pools.Where(p => !pools.Exists(n => n.Identity == p.Identity)))
            events.AddRange(gone.Servers.Where(s => s.IsAlive).Select(PoolEvent.ServerGone));
        return new HealthPlan(context.ScriptPolicy, pools) { Events = events, Global = context.Configuration.Global };
    }

    /// <summary>The rules of all pools as they should be; services of no pool stay as they are.</summary>
    public RuleSet Wanted(RuleSet all)
    {
        Dictionary<ServiceKey, ServiceRules> wanted = Pools.SelectMany(p => p.Wanted().Services).ToDictionary(s => s.Rule.Key);
        return new RuleSet([.. all.Services.Select(s => wanted.GetValueOrDefault(s.Rule.Key, s))]);
    }

    private static PooledServer MakeServer(ServerPool pool, RealServer real, CheckContext context, ServerPool? formerPool, bool isStart)
    {
        IReadOnlyList<Check> checks = CheckFactory.Make(pool.Configured, real, context);
        PooledServer? former = formerPool?.Servers.FirstOrDefault(s => s.Configured.Endpoint == real.Endpoint);
        var left = new List<Check>(former?.Checks ?? []);
        bool hadFailed = former is { IsAlive: false };
        foreach (Check check in checks)
        {
            if (left.Find(c => c.Identity == check.Identity) is { } same)
            {
                left.Remove(same);
                check.GoOnFrom(same);
            }
            else if (!isStart && check.Probe is not Probes.FileProbe)
            {
                // A check without a predecessor counts as up; with alpha it is down if the server is new or something had failed.
                check.State.BeginAs(!check.State.Policy.StartsDown || (former is not null && !hadFailed));
            }
        }

        var server = new PooledServer(pool, real, checks);
        foreach (Check check in checks) check.Owner = server;
        if (former is not null) server.GoOnFrom(former);
        return server;
    }

    private static void AddEvents(List<PoolEvent> events, ServerPool pool, ServerPool? before, bool notifiesAtStart)
    {
        HashSet<IpEndpoint> kept = [.. pool.Servers.Select(s => s.Configured.Endpoint)];
        foreach (PooledServer former in before?.Servers ?? [])
        {
            if (former.IsAlive && !kept.Contains(former.Configured.Endpoint)) events.Add(PoolEvent.ServerGone(former));
        }

        if (before is null && notifiesAtStart) events.AddRange(pool.Servers.Where(s => s.IsAlive).Select(s => PoolEvent.ServerUp(s)));
        if (pool.UpdateQuorum() is { } hasQuorum) events.Add(hasQuorum ? PoolEvent.QuorumUp(pool) : PoolEvent.QuorumDown(pool));
        else if (before is null && !pool.HasQuorum && pool.Configured.Sorry is not null) events.Add(PoolEvent.StartsDown(pool));
    }
}
