using NetVS.Packets;

namespace NetVS.Rules;

/// <summary>All rules of a director, as asked for: from a rules file, or as they are in force.</summary>
/// <remarks>
/// Two sets mean the same when they hold the same services, destinations and local addresses, in whatever order, and the same mark rules in the
/// same order.
/// </remarks>
public sealed class RuleSet
{
    /// <summary>No rules.</summary>
    public static RuleSet Empty { get; } = new([], []);

    /// <summary>Rules without duplicates: at most one service per key, one destination per endpoint in a service.</summary>
    /// <param name="services">The services.</param>
    /// <param name="marks">The mark rules, first match first; null where nothing is said of them, so that those in force stay.</param>
    public RuleSet(IReadOnlyList<ServiceRules> services, IReadOnlyList<MarkRule>? marks = null)
    {
        Services = services;
        Marks = marks;
    }

    /// <summary>The mark rules, first match first; null where nothing is said of them.</summary>
    public IReadOnlyList<MarkRule>? Marks { get; }

    /// <summary>The services in the order in which they are added.</summary>
    public IReadOnlyList<ServiceRules> Services { get; }

    /// <summary>Whether both hold the same rules; only that of the mark rules matters.</summary>
    public bool IsEquivalentTo(RuleSet other)
    {
        if (Services.Count != other.Services.Count || !(Marks ?? []).SequenceEqual(other.Marks ?? [])) return false;
        Dictionary<ServiceKey, ServiceRules> theirs = other.Services.ToDictionary(s => s.Rule.Key);
        return Services.All(mine => theirs.TryGetValue(mine.Rule.Key, out ServiceRules? their)
            && mine.Rule == their.Rule
            && mine.Destinations.ToHashSet().SetEquals(their.Destinations)
            && mine.LocalAddresses.ToHashSet().SetEquals(their.LocalAddresses));
    }

    /// <summary>The rules after a change; the change must fit them (what is added is not there, what is changed is).</summary>
    public RuleSet Apply(RuleChange change)
    {
        if (change.Kind == RuleChangeKind.SetMarks) return new RuleSet(Services, change.Marks);
        var services = new List<ServiceRules>(Services);
        int index = services.FindIndex(s => s.Rule.Key == change.Service);
        switch (change.Kind)
        {
            case RuleChangeKind.AddService:
                if (index >= 0) throw NotApplicable(change);
                services.Add(new ServiceRules(change.Rule!, [], []));
                return new RuleSet(services, Marks);
            case RuleChangeKind.DeleteService:
                if (index < 0) throw NotApplicable(change);
                services.RemoveAt(index);
                return new RuleSet(services, Marks);
        }

        if (index < 0) throw NotApplicable(change);
        ServiceRules service = services[index];
        services[index] = change.Kind switch
        {
            RuleChangeKind.EditService => service with { Rule = change.Rule! },
            RuleChangeKind.AddLocalAddress => service with { LocalAddresses = [.. service.LocalAddresses, change.LocalAddress] },
            RuleChangeKind.DeleteLocalAddress =>
                service with { LocalAddresses = [.. service.LocalAddresses.Where(a => a != change.LocalAddress)] },
            _ => service with { Destinations = ApplyToDestinations(service.Destinations, change) },
        };
        return new RuleSet(services, Marks);
    }

    private static List<DestinationRule> ApplyToDestinations(IReadOnlyList<DestinationRule> destinations, RuleChange change)
    {
        var result = new List<DestinationRule>(destinations);
        int index = result.FindIndex(d => d.Real == change.Destination!.Real);
        if (change.Kind == RuleChangeKind.AddDestination != index < 0) throw NotApplicable(change);
        switch (change.Kind)
        {
            case RuleChangeKind.AddDestination: result.Add(change.Destination!); break;
            case RuleChangeKind.EditDestination: result[index] = change.Destination!; break;
            default: result.RemoveAt(index); break;
        }

        return result;
    }

    private static InvalidOperationException NotApplicable(RuleChange change) => new($"the change does not fit the rules: {change}");
}
