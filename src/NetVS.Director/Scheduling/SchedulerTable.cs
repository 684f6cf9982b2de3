namespace NetVS.Director.Scheduling;

/// <summary>The schedulers by name: adding one is a line here.</summary>
internal static class SchedulerTable
{
    /// <summary>The name that stands for no scheduler at all: every connection is refused (reference §2.2).</summary>
    public const string None = "none";

    private static readonly Dictionary<string, Func<SchedulerContext, Scheduler>> s_makers = new(StringComparer.Ordinal)
    {
        ["rr"] = _ => new RoundRobinScheduler(),
        ["wrr"] = _ => new WeightedRoundRobinScheduler(),
        ["lc"] = _ => new LeastConnectionScheduler(),
        ["wlc"] = _ => new WeightedLeastConnectionScheduler(),
        ["lblc"] = context => new LocalityBasedScheduler(context.Settings),
        ["lblcr"] = context => new LocalityBasedReplicationScheduler(context.Settings),
        ["dh"] = _ => new DestinationHashingScheduler(),
        ["sh"] = _ => new SourceHashingScheduler(),
        ["sed"] = _ => new ShortestExpectedDelayScheduler(),
        ["nq"] = _ => new NeverQueueScheduler(),
        ["fo"] = _ => new WeightedFailoverScheduler(),
        ["ovf"] = _ => new WeightedOverflowScheduler(),
        ["mh"] = _ => new MaglevScheduler(),
        ["twos"] = context => new TwoRandomChoicesScheduler(context.Random),
    };

    /// <summary>All names but <see cref="None"/>.</summary>
    public static IReadOnlyCollection<string> Names => s_makers.Keys;

    /// <summary>The names in one line, for an error message.</summary>
    public static string NamesForPeople => string.Join(", ", s_makers.Keys);

    /// <summary>Whether a service may ask for this name.</summary>
    public static bool IsKnown(string name) => name == None || s_makers.ContainsKey(name);

    /// <summary>Makes a scheduler by its name; null for <see cref="None"/>.</summary>
    public static Scheduler? Make(string name, SchedulerContext context) => name == None ? null : s_makers[name](context);
}
