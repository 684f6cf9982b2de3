using NetVS.Keepalived.Mapping;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Health.Pools;

/// <summary>A virtual server's real servers: who is in its services now, by checks, quorum and sorry server (reference §7.1 to §7.3).</summary>
/// <remarks>
/// <para>What a service's rules should be is a function of the state (<see cref="Wanted"/>); a change of state is put in force as the difference of the
/// rules before and after. Additions come before deletions there, so that, other than keepalived's, a service is never without a server in between.</para>
/// <para>Thread: the health part's lock.</para>
/// </remarks>
internal sealed class ServerPool
{
    private readonly List<(ServiceRules AllUp, HashSet<IpEndpoint> Taken, DestinationRule? Sorry)> _services = [];

    /// <summary>Makes a pool without quorum; <see cref="Servers"/> is set next.</summary>
    /// <param name="configured">The virtual server.</param>
    /// <param name="identity">Equal for the same virtual server in two configurations (reference §7.7).</param>
    /// <param name="services">Its services with every real server up, as far as the director takes them.</param>
    /// <param name="made">Now.</param>
    public ServerPool(VirtualServer configured, string identity, IEnumerable<ServiceRules> services, DateTimeOffset made)
    {
        Configured = configured;
        Identity = identity;
        Made = made;
        foreach (ServiceRules service in services)
            _services.Add((service, [.. service.Destinations.Select(d => d.Real)], KeepalivedRules.ToSorryRule(configured, service.Rule.Key)));
    }

    /// <summary>The block of the configuration.</summary>
    public VirtualServer Configured { get; }

    /// <summary>What it is recognised by.</summary>
    public string Identity { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Made { get; }

    /// <summary>The real servers in the configuration's order.</summary>
    public IReadOnlyList<PooledServer> Servers { get; set; } = [];

    /// <summary>Its services.</summary>
    public IEnumerable<ServiceKey> Keys => _services.Select(s => s.AllUp.Rule.Key);

    /// <summary>Whether enough weight is alive.</summary>
    public bool HasQuorum { get; private set; }

    /// <summary>Whether the sorry server has the connections.</summary>
    public bool IsSorryInUse => !HasQuorum && Configured.Sorry is not null && !IsPanicking;

    /// <summary>Whether so many servers have failed (panic_threshold) that the failed ones are used all the same.</summary>
    public bool IsPanicking => Configured.PanicThreshold is { } most && Servers.Count(s => s.HasFailed) * 100L > (long)most * Servers.Count;

    /// <summary>The weight that is alive.</summary>
    public long AliveWeight => Servers.Where(s => s.IsAlive).Sum(s => (long)s.Weight);

    /// <summary>Goes on from the same virtual server of a former configuration.</summary>
    public void GoOnFrom(ServerPool former) => HasQuorum = former.HasQuorum;

    /// <summary>Looks whether the quorum was gained or lost.</summary>
    /// <returns>True: gained; false: lost; null: neither.</returns>
    public bool? UpdateQuorum()
    {
        long weight = AliveWeight;
        long quorum = Configured.Quorum, hysteresis = Configured.Hysteresis;
        if (!HasQuorum && weight > 0 && weight >= quorum + hysteresis) return HasQuorum = true;
        if (HasQuorum && (weight == 0 || weight < quorum - hysteresis)) return HasQuorum = false;
        return null;
    }

    /// <summary>The rules of its services as they should be now.</summary>
    public RuleSet Wanted() => new([.. _services.Select(s => s.AllUp with { Destinations = WantedOf(s.AllUp.Rule.Key, s.Taken, s.Sorry) })]);

    private List<DestinationRule> WantedOf(ServiceKey key, HashSet<IpEndpoint> taken, DestinationRule? sorry)
    {
        var wanted = new List<DestinationRule>(Servers.Count + 1);
        bool isSorry = IsSorryInUse && sorry is not null;
        bool isPanicking = IsPanicking;
        foreach (PooledServer server in Servers)
        {
            DestinationRule rule = KeepalivedRules.ToRule(Configured, key, server.Configured);
            if (!taken.Contains(rule.Real) || rule.Real == sorry?.Real) continue;
            bool isUsed = server.IsAlive || (isPanicking && server.HasFailed);
            if (isUsed ? !isSorry : server.IsInhibiting) wanted.Add(rule with { Weight = isUsed ? server.Weight : 0 });
        }

        if (sorry is null) return wanted;

        // A server that is the sorry server too is one entry (reference §5.6).
        PooledServer? both = Servers.FirstOrDefault(s => KeepalivedRules.ToRule(Configured, key, s.Configured).Real == sorry.Real);
        if (isSorry) wanted.Add(sorry);
        else if (both is { IsAlive: true }) wanted.Add(KeepalivedRules.ToRule(Configured, key, both.Configured) with { Weight = both.Weight });
        else if (Configured.Sorry!.IsInhibited || both is { IsInhibiting: true }) wanted.Add(sorry with { Weight = 0 });
        return wanted;
    }
}
