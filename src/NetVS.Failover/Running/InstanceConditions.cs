using NetVS.Failover.Plan;
using NetVS.Failover.Trackers;
using NetVS.Keepalived.Model;
using NetVS.Vrrp.Tracking;

namespace NetVS.Failover.Running;

/// <summary>All that an instance tracks, by kinds.</summary>
internal sealed class InstanceConditions
{
    private readonly List<TrackedCondition> _all = [];

    /// <summary>Makes them for a plan; nothing is known of any.</summary>
    public InstanceConditions(InstancePlan plan)
    {
        Present = Add(new TrackedCondition(plan.Interface.Length == 0 ? "network" : $"interface {plan.Interface} is missing or unfit", subject: $"presence of {plan.Interface}"));
        Link = Add(new TrackedCondition($"interface {plan.Interface} is down", subject: $"interface {plan.Interface}"));
        Source = Add(new TrackedCondition(plan.Source.IsNone ? $"no address to send from on {plan.Interface}" : $"address {plan.Source} is missing", subject: "source address"));
        if (plan.IsBarred) Add(new TrackedCondition("there are no unicast peers")).Set(false);
        var seen = new HashSet<string> { plan.Interface };
        foreach (TrackedItem item in plan.Tracking.Interfaces)
        {
            seen.Add(item.Name);
            Links.Add((item.Name, Add(new TrackedCondition($"interface {item.Name} is down", item.Weight ?? 0, item.IsReversed ?? false, subject: $"interface {item.Name}"))));
        }

        foreach (ConfiguredAddress address in plan.Addresses)
        {
            if (address.Interface is { } other && !address.IsUntracked && seen.Add(other)) Links.Add((other, Add(new TrackedCondition($"interface {other} is down", subject: $"interface {other}"))));
        }

        Scripts = [.. plan.Tracking.Scripts];
        Files = [.. plan.Tracking.Files];
        Processes = [.. plan.Tracking.Processes];
        BfdInstances = [.. plan.Tracking.BfdInstances];
    }

    /// <summary>Whether the interface is there and can carry adverts.</summary>
    public TrackedCondition Present { get; }

    /// <summary>Whether its link is up.</summary>
    public TrackedCondition Link { get; }

    /// <summary>Whether there is a source address.</summary>
    public TrackedCondition Source { get; }

    /// <summary>Other interfaces.</summary>
    public List<(string Name, TrackedCondition Condition)> Links { get; } = [];

    /// <summary>What trackers report.</summary>
    public Dictionary<TrackerKey, TrackedCondition> Tracked { get; } = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<TrackedCondition> All => _all;

    /// <summary>Why it is in FAULT.</summary>
    public IEnumerable<string> Reasons => _all.Where(c => c.IsFault).Select(c => c.Name);

    private TrackedItem[] Scripts { get; }

    private TrackedItem[] Files { get; }

    private TrackedItem[] Processes { get; }

    private TrackedItem[] BfdInstances { get; }

    /// <summary>Adds what trackers report, with the weights of their definitions where the instance says none.</summary>
    public void AddTracked(FailoverPlan plan, IReadOnlyDictionary<TrackerKey, int> results)
    {
        foreach (TrackedItem item in Scripts)
        {
            if (plan.Scripts.FirstOrDefault(s => s.Name == item.Name) is { } script)
                Track(new TrackerKey("script", item.Name), $"script {item.Name} fails", item.Weight ?? script.Weight, item.IsReversed ?? script.IsReversed, false, results);
        }

        foreach (TrackedItem item in Files)
        {
            if (plan.Files.FirstOrDefault(s => s.Name == item.Name) is { } file)
                Track(new TrackerKey("file", item.Name), $"file {item.Name} says so", item.Weight ?? file.Weight, item.IsReversed ?? file.IsReversed, true, results);
        }

        foreach (TrackedItem item in Processes)
        {
            if (plan.Processes.FirstOrDefault(s => s.Name == item.Name) is { } process)
                Track(new TrackerKey("process", item.Name), $"process {item.Name} does not run as wanted", item.Weight ?? process.Weight, item.IsReversed ?? process.IsReversed, false, results);
        }

        foreach (TrackedItem item in BfdInstances)
        {
            if (plan.BfdInstances.FirstOrDefault(s => s.Name == item.Name) is { } bfd)
                Track(TrackerKey.OfBfd(item.Name), $"bfd_instance {item.Name} is down", item.Weight ?? bfd.Weight, item.IsReversed ?? bfd.IsReversed, false, results);
        }
    }

    /// <summary>Sets a condition to what a tracker said.</summary>
    public static bool Set(TrackedCondition condition, int result) => condition.IsNumber ? condition.Set(result) : condition.Set(result != 0);

    private void Track(TrackerKey key, string name, int weight, bool isReversed, bool isNumber, IReadOnlyDictionary<TrackerKey, int> results)
    {
        TrackedCondition condition = Add(new TrackedCondition(name, weight, isReversed, isNumber, $"{key.Kind} {key.Name}"));
        Tracked[key] = condition;
        if (results.TryGetValue(key, out int result)) Set(condition, result);
    }

    private TrackedCondition Add(TrackedCondition condition)
    {
        _all.Add(condition);
        return condition;
    }
}
