using NetVS.Control.Status;
using NetVS.Packets;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Wire;

namespace NetVS.Failover.Running;

/// <summary>An instance as programs read it, and why it is as it is. Thread: the loop's.</summary>
internal static class InstanceReport
{
    /// <summary>All of a loop.</summary>
    public static VrrpStatus Of(VrrpLoop loop, MonotonicTime now) =>
        new([.. loop.Instances.Select(i => Of(i, now))], loop.UnknownIds, loop.Malformed, loop.SendFailures);

    private static VrrpInstanceStatus Of(RunningInstance instance, MonotonicTime now)
    {
        VirtualRouter router = instance.Router;
        VirtualRouterOptions o = router.Options;
        VirtualRouterCounters c = router.Counters;
        return new VrrpInstanceStatus
        {
            Name = o.Name,
            State = StatusText.StateOf(router),
            InState = now - router.StateSince,
            Explanation = RouterExplanation.Of(router, now),
            Interface = instance.Plan.Interface,
            RouterId = o.RouterId,
            Version = o.Version,
            Group = router.Group?.Name,
            Priority = router.EffectivePriority,
            BasePriority = o.Priority,
            PriorityParts =
            [
                .. instance.Conditions.All.Where(t => t.Weight != 0 || t.IsFault || t.IsPending)
                    .Select(t => new VrrpPriorityPart(t.Subject, t.State.ToString().ToLowerInvariant(), t.Weight, t.Contribution, t.IsFault)),
            ],
            AdvertInterval = o.AdvertInterval,
            Source = Text(router.Source),
            Peers = [.. o.Peers.Select(p => p.Address.ToString())],
            Addresses = [.. instance.Plan.Addresses.Select(a => $"{a.Address}/{a.PrefixLength}")],
            Master = Text(router.State is VirtualRouterState.Backup or VirtualRouterState.Master ? router.MasterAddress : default),
            MasterPriority = router.State is VirtualRouterState.Backup or VirtualRouterState.Master ? router.MasterPriority : 0,
            UntilMaster = router.State == VirtualRouterState.Backup ? NotBelowZero(router.Deadline - now) : null,
            OtherMaster = Text(router.OtherMaster),
            OtherMasterAdverts = c.TwoMasters,
            SinceOtherMaster = router.OtherMaster.IsNone ? null : now - router.OtherMasterSeenAt,
            LateAdverts = c.Late,
            LongestDelay = c.LongestDelay,
            Counters = new SortedDictionary<string, long>(StringComparer.Ordinal)
            {
                ["adverts_received"] = c.Received, ["adverts_sent"] = c.Sent, ["became_master"] = c.BecameMaster, ["released_master"] = c.ReleasedMaster,
                ["priority_zero_received"] = c.ZeroReceived, ["priority_zero_sent"] = c.ZeroSent,
            },
            Refused = new SortedDictionary<string, long>(
                Enum.GetValues<AdvertProblem>().Where(p => c.Refused(p) > 0).ToDictionary(AdvertProblems.NameOf, c.Refused), StringComparer.Ordinal),
        };
    }

    private static string? Text(IpAddress address) => address.IsNone ? null : address.ToString();

    private static TimeSpan NotBelowZero(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}
