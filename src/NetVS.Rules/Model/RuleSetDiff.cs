using NetVS.Packets;

namespace NetVS.Rules;

/// <summary>The steps from the rules in force to the rules asked for.</summary>
/// <remarks>
/// What is the same on both sides is not touched, so its connections, counters and scheduler positions stay. Everything that comes
/// is added, and everything that stays is edited, before anything goes: no service is without servers in between, and if a step
/// is refused, only additions and edits have to be undone. A destination that is listed at another place is not moved: the order
/// of destinations is the order in which they were added, and a move would be a deletion.
/// </remarks>
public static class RuleSetDiff
{
    /// <summary>The steps in the order in which they must be taken; none when both sets mean the same.</summary>
    public static IReadOnlyList<RuleChange> Between(RuleSet current, RuleSet wanted)
    {
        Dictionary<ServiceKey, ServiceRules> old = current.Services.ToDictionary(s => s.Rule.Key);
        HashSet<ServiceKey> kept = [.. wanted.Services.Select(s => s.Rule.Key)];
        var steps = new List<RuleChange>();
        var removals = new List<RuleChange>();
        if (wanted.Marks is { } marks && !marks.SequenceEqual(current.Marks ?? []))
            steps.Add(new RuleChange { Kind = RuleChangeKind.SetMarks, Service = default, Marks = marks });
        foreach (ServiceRules service in wanted.Services)
        {
            if (old.TryGetValue(service.Rule.Key, out ServiceRules? before))
            {
                if (before.Rule != service.Rule) steps.Add(Step(RuleChangeKind.EditService, service.Rule));
            }
            else
            {
                before = new ServiceRules(service.Rule, [], []);
                steps.Add(Step(RuleChangeKind.AddService, service.Rule));
            }

            CompareLocalAddresses(before, service, steps, removals);
            CompareDestinations(before, service, steps, removals);
        }

        foreach (ServiceRules service in current.Services)
        {
            if (!kept.Contains(service.Rule.Key))
                removals.Add(new RuleChange { Kind = RuleChangeKind.DeleteService, Service = service.Rule.Key });
        }

        return [.. steps, .. removals];
    }

    private static RuleChange Step(RuleChangeKind kind, VirtualServiceRule rule) => new() { Kind = kind, Service = rule.Key, Rule = rule };

    private static void CompareLocalAddresses(ServiceRules before, ServiceRules after, List<RuleChange> steps, List<RuleChange> removals)
    {
        foreach (IpAddress address in after.LocalAddresses.Except(before.LocalAddresses))
            steps.Add(new RuleChange { Kind = RuleChangeKind.AddLocalAddress, Service = after.Rule.Key, LocalAddress = address });
        foreach (IpAddress address in before.LocalAddresses.Except(after.LocalAddresses))
            removals.Add(new RuleChange { Kind = RuleChangeKind.DeleteLocalAddress, Service = after.Rule.Key, LocalAddress = address });
    }

    private static void CompareDestinations(ServiceRules before, ServiceRules after, List<RuleChange> steps, List<RuleChange> removals)
    {
        Dictionary<IpEndpoint, DestinationRule> old = before.Destinations.ToDictionary(d => d.Real);
        foreach (DestinationRule destination in after.Destinations)
        {
            if (!old.Remove(destination.Real, out DestinationRule? known))
                steps.Add(Step(RuleChangeKind.AddDestination, after, destination));
            else if (known != destination)
                steps.Add(Step(RuleChangeKind.EditDestination, after, destination));
        }

        foreach (DestinationRule gone in old.Values) removals.Add(Step(RuleChangeKind.DeleteDestination, after, gone));
    }

    private static RuleChange Step(RuleChangeKind kind, ServiceRules service, DestinationRule destination) =>
        new() { Kind = kind, Service = service.Rule.Key, Destination = destination };
}
