namespace NetVS.Rules;

/// <summary>What a service may ask for beyond IPVS only together with something else: nothing is taken that would have no effect.</summary>
public static class ServiceOptionChecks
{
    private static readonly string[] s_startSlowly = ["rr", "wrr", "lc", "wlc", "sed", "nq", "lblc", "lblcr", "twos"];
    private static readonly string[] s_hash = ["sh", "dh", "mh"];

    /// <summary>What is wrong with a service's options, or null.</summary>
    public static string? FindProblem(VirtualServiceRule rule)
    {
        ServiceOptions options = rule.Options;
        if (options.SlowStart != 0 && !s_startSlowly.Contains(rule.Scheduler))
            return $"slow-start is for schedulers that go by turns or by load ({string.Join(", ", s_startSlowly)}), not for {rule.Scheduler}";
        if (!options.HasStableHash) return null;
        if (!s_hash.Contains(rule.Scheduler)) return $"stable-hash is for the schedulers {string.Join(", ", s_hash)}, not for {rule.Scheduler}";
        return (rule.Flags & ServiceFlags.Scheduler1) != 0
            ? $"stable-hash always finds another server: leave out {(rule.Scheduler == "dh" ? "flag-1" : rule.Scheduler + "-fallback")}"
            : null;
    }
}
