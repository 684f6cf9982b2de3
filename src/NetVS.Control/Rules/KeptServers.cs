using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Control.Rules;

/// <summary>The real servers that operators have added or taken out for good: rules that are loaded are changed by them first.</summary>
/// <remarks>Of a service that is not there it waits for the service. Thread: under the lock of <see cref="DirectorControl"/>.</remarks>
internal sealed class KeptServers
{
    /// <summary>The most there can be.</summary>
    public const int Capacity = 65536;

    private readonly Dictionary<(ServiceKey Service, IpEndpoint Real), DestinationRule?> _kept = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<KeptServer> All => [.. _kept.Select(k => new KeptServer(k.Key.Service, k.Key.Real, k.Value))];

    /// <summary>Notes one; false if there are too many.</summary>
    public bool TrySet(KeptServer server)
    {
        if (_kept.Count >= Capacity && !_kept.ContainsKey((server.Service, server.Real))) return false;
        _kept[(server.Service, server.Real)] = server.Rule;
        return true;
    }

    /// <summary>Whether one was taken out.</summary>
    public bool IsTakenOut(ServiceKey service, IpEndpoint real) => _kept.TryGetValue((service, real), out DestinationRule? rule) && rule is null;

    /// <summary>Forgets one.</summary>
    public void Forget(ServiceKey service, IpEndpoint real) => _kept.Remove((service, real));

    /// <summary>Forgets those of a service, or with null all.</summary>
    public void ForgetAll(ServiceKey? service)
    {
        foreach ((ServiceKey Service, IpEndpoint Real) key in _kept.Keys.Where(k => service is null || k.Service == service).ToArray()) _kept.Remove(key);
    }

    /// <summary>Rules with these changes. A server that the rules have themselves stays as they say.</summary>
    public RuleSet On(RuleSet rules)
    {
        if (_kept.Count == 0) return rules;
        ILookup<ServiceKey, KeyValuePair<(ServiceKey Service, IpEndpoint Real), DestinationRule?>> byService = _kept.ToLookup(k => k.Key.Service);
        return new RuleSet([.. rules.Services.Select(s => byService.Contains(s.Rule.Key) ? On(s, byService[s.Rule.Key]) : s)], rules.Marks);
    }

    private ServiceRules On(ServiceRules service, IEnumerable<KeyValuePair<(ServiceKey Service, IpEndpoint Real), DestinationRule?>> kept)
    {
        List<DestinationRule> destinations = [.. service.Destinations.Where(d => !IsTakenOut(service.Rule.Key, d.Real))];
        foreach (((_, IpEndpoint real), DestinationRule? rule) in kept)
            if (rule is not null && !destinations.Exists(d => d.Real == real)) destinations.Add(rule);
        return service with { Destinations = destinations };
    }
}
