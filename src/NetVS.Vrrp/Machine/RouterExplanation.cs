using System.Globalization;
using NetVS.Packets;
using NetVS.Vrrp.Tracking;

namespace NetVS.Vrrp.Machine;

/// <summary>Why a virtual router is in its state, and what would change that: a sentence. Thread: the router's.</summary>
public static class RouterExplanation
{
    /// <summary>Says it, for people.</summary>
    public static string Of(VirtualRouter router, MonotonicTime now)
    {
        ArgumentNullException.ThrowIfNull(router);
        switch (router.State)
        {
            case VirtualRouterState.Master:
                return router.Options.IsOwner ? "it owns its addresses" : "no better router is heard";
            case VirtualRouterState.Backup:
                return ExplainBackup(router, now);
            default:
                string[] reasons = [.. router.Conditions.Where(c => c.IsFault).Select(c => c.Name)];
                if (reasons.Length > 0) return string.Join("; ", reasons);
                TrackedCondition[] pending = [.. router.Conditions.Where(t => t.IsPending)];
                if (pending.Length > 0) return $"it waits for a first result of {string.Join(", ", pending.Select(p => p.Subject))}";
                return router.Group is { } group ? $"another instance of its group {group.Name} is in FAULT" : "it has not begun yet";
        }
    }

    private static string ExplainBackup(VirtualRouter router, MonotonicTime now)
    {
        string left = Seconds(router.Deadline - now);
        if (now < router.BackupUntil) return $"vrrp_startup_delay holds it for {Seconds(router.BackupUntil - now)} more";
        if (router.WantsMaster && router.Group is { } group) return $"it wants to be master, and waits for the others of its group {group.Name}";
        if (router.MasterAddress.IsNone) return $"no master is heard: it becomes master in {left}";
        byte own = router.EffectivePriority, other = router.MasterPriority;
        string master = $"the master {router.MasterAddress}";
        if (other > own) return $"{master} has the higher priority ({other}, own {own}): it does not preempt, and becomes master when nothing is heard for {left}";
        if (other == own) return $"{master} has the same priority ({own}), and a master is only preempted by a higher one: it becomes master when nothing is heard for {left}";
        if (!router.Options.IsPreempting) return $"{master} has the lower priority ({other}, own {own}), and nopreempt is set: it becomes master when nothing is heard for {left}";
        return router.PreemptFrom != MonotonicTime.Never && now < router.PreemptFrom
            ? $"{master} has the lower priority ({other}, own {own}): preempt_delay leaves it alone for {Seconds(router.PreemptFrom - now)} more"
            : $"{master} has the lower priority ({other}, own {own}): it preempts it in {left}";
    }

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(span.TotalSeconds, 0):0.00} s");
}
