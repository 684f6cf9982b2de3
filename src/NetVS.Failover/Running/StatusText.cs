using System.Globalization;
using NetVS.Packets;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Wire;

namespace NetVS.Failover.Running;

/// <summary>Says how an instance is. Thread: the loop's.</summary>
internal static class StatusText
{
    /// <summary>An instance.</summary>
    public static InstanceStatus Of(RunningInstance instance, MonotonicTime now)
    {
        VirtualRouter router = instance.Router;
        VirtualRouterOptions o = router.Options;
        string state = StateOf(router);
        string priority = router.EffectivePriority == o.Priority ? $"priority {o.Priority}" : $"priority {router.EffectivePriority} (base {o.Priority})";
        string group = router.Group is { } g ? $", group {g.Name}" : "";
        string how = o.IsUnicast ? $"unicast to {string.Join(", ", o.Peers.Select(p => p.Address))}" : $"multicast to {o.Group}";
        List<string> lines =
        [
            $"{o.Name}: {state} for {Seconds(now - router.StateSince)}, {priority}, vrid {o.RouterId} on {instance.Plan.Interface}, VRRPv{o.Version} {(o.Family == IpFamily.V6 ? "IPv6" : "IPv4")} {how}{group}",
            $"  addresses {string.Join(", ", instance.Plan.Addresses.Select(a => $"{a.Address}/{a.PrefixLength}").DefaultIfEmpty("none"))}"
                + (instance.VirtualIndex != 0 ? $" on {instance.VirtualName} ({instance.Plan.VirtualMac})" : ""),
        ];
        if (router.State == VirtualRouterState.Backup)
            lines.Add(router.MasterAddress.IsNone ? $"  no master heard; becomes master in {Seconds(router.Deadline - now)}" : $"  master {router.MasterAddress}, priority {router.MasterPriority}, every {Seconds(router.MasterInterval)}; becomes master in {Seconds(router.Deadline - now)} unless it is heard");
        if (router.WantsMaster && router.State == VirtualRouterState.Backup) lines.Add("  wants to be master, and waits for the others of its group");
        foreach (string reason in instance.Conditions.Reasons) lines.Add($"  FAULT: {reason}");
        foreach (NetVS.Vrrp.Tracking.TrackedCondition waiting in instance.Conditions.All.Where(c => c.IsPending)) lines.Add($"  waits for a first result: {waiting.Name}?");
        VirtualRouterCounters c = router.Counters;
        lines.Add($"  adverts sent {c.Sent}, received {c.Received}; became master {c.BecameMaster}, released {c.ReleasedMaster}; priority 0 sent {c.ZeroSent}, received {c.ZeroReceived}");
        if (c.TwoMasters > 0) lines.Add($"  two masters: {c.TwoMasters} adverts of {router.OtherMaster} while {router.Source} was master, the last {Seconds(now - router.OtherMasterSeenAt)} ago");
        if (c.Late > 0) lines.Add($"  {c.Late} adverts left late, the latest by {Seconds(c.LongestDelay)}");
        foreach (AdvertProblem problem in Enum.GetValues<AdvertProblem>())
            if (c.Refused(problem) > 0) lines.Add($"  refused {c.Refused(problem)} {AdvertProblems.NameOf(problem)}: {AdvertProblems.MeaningOf(problem)}");
        return new InstanceStatus(o.Name, state, lines);
    }

    /// <summary>The state's name: BACKUP, MASTER, FAULT or INIT.</summary>
    public static string StateOf(VirtualRouter router) => router.State switch { VirtualRouterState.Initial => "INIT", var s => s.ToString().ToUpperInvariant() };

    /// <summary>What belongs to no instance.</summary>
    public static IEnumerable<InstanceStatus> OfLoop(VrrpLoop loop)
    {
        List<string> lines = [];
        if (loop.UnknownIds > 0) lines.Add($"{loop.UnknownIds} adverts for virtual_router_ids that no instance has");
        if (loop.Malformed > 0) lines.Add($"{loop.Malformed} packets too damaged to be adverts");
        if (loop.SendFailures > 0) lines.Add($"{loop.SendFailures} adverts or announcements that the kernel did not take");
        if (lines.Count > 0) yield return new InstanceStatus("", "", lines);
    }

    private static string Seconds(TimeSpan span) => span.TotalSeconds >= 600
        ? $"{(span.TotalSeconds / 60).ToString("0", CultureInfo.InvariantCulture)} min" : $"{Math.Max(0, span.TotalSeconds).ToString(span.TotalSeconds < 10 ? "0.00" : "0", CultureInfo.InvariantCulture)} s";
}
