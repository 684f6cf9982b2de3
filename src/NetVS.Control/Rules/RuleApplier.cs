using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Rules;

namespace NetVS.Control.Rules;

/// <summary>Takes the steps of a diff on a director, all of them or none.</summary>
/// <remarks>
/// The steps are first taken on a director of its own, without connections and without packets, that holds the same rules: what
/// the real one would refuse is found there, all of it, and the real one has not been touched. Only what a rehearsal cannot know
/// (the diversion maps are full, memory ran out) can still fail on the real one; then the steps taken are undone, which are
/// additions and edits only, for a diff deletes last.
/// </remarks>
internal static class RuleApplier
{
    // Telling the links of all rules costs what the rules are many: with as many steps as this, they are told once.
    private const int LeastBatch = 100;

    /// <summary>The rules in force, in the order in which they could be added again; not what operators want for the time being.</summary>
    public static RuleSet Read(DirectorEngine engine) => new([.. engine.ListServices().Select(s => new ServiceRules(
        s.Rule,
        [.. s.Destinations.Select(d => d.Rule with { Weight = d.ConfiguredWeight }).Reverse()],
        [.. s.LocalAddresses.Select(l => l.Address)]))], engine.Marks);

    /// <summary>Every step the director would refuse, with its reason.</summary>
    /// <remarks>Only the services that the steps are about are put on the stage: no service decides about another one's rules.</remarks>
    public static IReadOnlyList<(RuleChange Step, RuleResult Result)> Rehearse(
        RuleSet current, IReadOnlyList<RuleChange> steps, NetworkState network)
    {
        var options = new DirectorOptions { MaxConnectionsV4 = 64, MaxConnectionsV6 = 64, Random = new FixedRandomSource() };
        var stage = new DirectorEngine(options, network);
        try
        {
            HashSet<ServiceKey> touched = [.. steps.Select(s => s.Service)];
            var before = new RuleSet([.. current.Services.Where(s => touched.Contains(s.Rule.Key))]);
            foreach (RuleChange known in RuleSetDiff.Between(RuleSet.Empty, before)) Take(stage, known);
            if (steps.Count >= LeastBatch) stage.TryBeginBatch(steps);
            return TakeAll(stage, steps, stopAtFirst: false, []);
        }
        finally
        {
            stage.ReleaseMemory();
        }
    }

    /// <summary>Takes all steps; if one is refused, undoes those taken and returns it.</summary>
    public static IReadOnlyList<(RuleChange Step, RuleResult Result)> Apply(
        DirectorEngine engine, RuleSet current, IReadOnlyList<RuleChange> steps)
    {
        bool isBatch = steps.Count >= LeastBatch && engine.TryBeginBatch(steps);
        try
        {
            var taken = new List<RuleChange>();
            List<(RuleChange Step, RuleResult Result)> refused = TakeAll(engine, steps, stopAtFirst: true, taken);
            if (refused.Count == 0) return refused;
            RuleSet reached = taken.Aggregate(current, (rules, step) => rules.Apply(step));
            foreach (RuleChange step in RuleSetDiff.Between(reached, current)) Take(engine, step);
            return refused;
        }
        finally
        {
            if (isBatch) engine.EndBatch();
        }
    }

    private static List<(RuleChange Step, RuleResult Result)> TakeAll(
        DirectorEngine engine, IReadOnlyList<RuleChange> steps, bool stopAtFirst, List<RuleChange> taken)
    {
        var refused = new List<(RuleChange, RuleResult)>();
        var missing = new HashSet<ServiceKey>();
        foreach (RuleChange step in steps)
        {
            // What belongs to a service that was refused is not a problem of its own.
            if (step.Kind != RuleChangeKind.SetMarks && missing.Contains(step.Service)) continue;
            RuleResult result = Take(engine, step);
            if (result.IsOk)
            {
                taken.Add(step);
                continue;
            }

            refused.Add((step, result));
            if (stopAtFirst) break;
            if (step.Kind == RuleChangeKind.AddService) missing.Add(step.Service);
        }

        return refused;
    }

    /// <summary>Takes one step.</summary>
    public static RuleResult Take(DirectorEngine engine, RuleChange step)
    {
        try
        {
            return step.Kind switch
            {
                RuleChangeKind.SetMarks => engine.SetMarks(step.Marks),
                RuleChangeKind.AddService => engine.AddService(step.Rule!),
                RuleChangeKind.EditService => engine.EditService(step.Rule!),
                RuleChangeKind.DeleteService => engine.DeleteService(step.Service),
                RuleChangeKind.AddDestination => engine.AddDestination(step.Service, step.Destination!),
                RuleChangeKind.EditDestination => engine.EditDestination(step.Service, step.Destination!),
                RuleChangeKind.DeleteDestination => engine.DeleteDestination(step.Service, step.Destination!.Real),
                RuleChangeKind.AddLocalAddress => engine.AddLocalAddress(step.Service, step.LocalAddress),
                _ => engine.DeleteLocalAddress(step.Service, step.LocalAddress),
            };
        }
        catch (DivertException full)
        {
            return new RuleResult(RuleStatus.ENOMEM, full.Message);
        }
    }
}
