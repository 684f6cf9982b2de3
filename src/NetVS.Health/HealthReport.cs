using System.Globalization;
using NetVS.Control.Status;
using NetVS.Health.Checks;
using NetVS.Health.Pools;

namespace NetVS.Health;

/// <summary>A plan as status. Under the health part's lock.</summary>
internal static class HealthReport
{
    private const int MostLines = 30;

    /// <summary>Everything.</summary>
    public static HealthStatus Of(HealthPlan plan) => new([.. plan.Pools.Select(Of)]);

    /// <summary>Lines for people: what is down, and how many are up.</summary>
    public static IReadOnlyList<string> Summarise(HealthPlan plan, DateTimeOffset now)
    {
        if (plan.Pools.Count == 0) return [];
        int servers = plan.Pools.Sum(p => p.Servers.Count), checks = plan.Checks.Count();
        int down = plan.Pools.Sum(p => p.Servers.Count(s => !s.IsAlive));
        var lines = new List<string>
        {
            $"{checks} checks of {servers} real servers in {plan.Pools.Count} virtual servers: {(down == 0 ? "all real servers are up" : $"{down} real servers are down")}",
        };
        foreach (ServerPool pool in plan.Pools)
        {
            if (!pool.HasQuorum)
                lines.Add($"{pool.Configured.Name}: no quorum: weight {pool.AliveWeight} is alive, {pool.Configured.Quorum + pool.Configured.Hysteresis} is needed{(pool.IsSorryInUse ? $"; sorry server {pool.Configured.Sorry!.Endpoint} is in use" : "")}");
            if (pool.IsPanicking) lines.Add($"{pool.Configured.Name}: panic: more than {pool.Configured.PanicThreshold} % of its real servers have failed: all of them are used");
            foreach (PooledServer server in pool.Servers.Where(s => !s.IsAlive))
            {
                Check? failed = server.Checks.FirstOrDefault(c => !c.State.IsUp);
                string why = failed is null ? "" : $": {failed.Kind.Name} of {failed.Probe.Target}: {(failed.LastError.Length > 0 ? failed.LastError : "not asked yet")}";
                lines.Add($"{pool.Configured.Name}: {server.Configured.Endpoint} is down for {Format(now - server.Since)}{why}");
            }
        }

        if (lines.Count <= MostLines) return lines;
        int rest = lines.Count - MostLines;
        return [.. lines.Take(MostLines), $"… and {rest} more: netvs status --json"];
    }

    private static string Format(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min")
        : span.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds} s") : string.Create(CultureInfo.InvariantCulture, $"{span.Seconds} s");

    private static VirtualServerHealth Of(ServerPool pool) => new(
        pool.Configured.Name, [.. pool.Keys.Select(k => k.ToString())], pool.HasQuorum, pool.Configured.Quorum, pool.AliveWeight,
        pool.Configured.Sorry?.Endpoint.ToString(), pool.IsSorryInUse, [.. pool.Servers.Select(Of)]);

    private static RealServerHealth Of(PooledServer server) =>
        new(server.Configured.Endpoint.ToString(), server.IsAlive, server.Weight, server.Since, [.. server.Checks.Select(Of)]);

    private static CheckHealth Of(Check check) => new(
        check.Kind.Name, check.Probe.Target, check.State.IsUp, check.IsSuspended, check.State.Failures, check.LastError, check.LastRun, check.Latency,
        [.. check.Changes]);
}
