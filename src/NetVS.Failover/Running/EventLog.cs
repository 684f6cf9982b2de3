using NetVS.Packets;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Wire;

namespace NetVS.Failover.Running;

/// <summary>Says in keepalived's words what happened; what may come with every packet at most once in ten seconds.</summary>
internal sealed class EventLog(Action<string> log)
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(10);
    private readonly Dictionary<(VirtualRouter, VirtualRouterEvent, int), (MonotonicTime Next, long Unsaid)> _limits = [];

    /// <summary>Says it.</summary>
    public void Say(VirtualRouter router, VirtualRouterEvent what, IpAddress other, int number, MonotonicTime now)
    {
        long unsaid = 0;
        if (IsFrequent(what))
        {
            (VirtualRouter, VirtualRouterEvent, int) key = (router, what, what == VirtualRouterEvent.AdvertRefused ? number : 0);
            if (_limits.TryGetValue(key, out (MonotonicTime Next, long Unsaid) limit) && now < limit.Next)
            {
                _limits[key] = (limit.Next, limit.Unsaid + 1);
                return;
            }

            unsaid = limit.Unsaid;
            _limits[key] = (now + s_rest, 0);
        }

        log($"vrrp: ({router.Options.Name}) {Text(router, what, other, number)}{(unsaid > 0 ? $" ({unsaid} more since the last time)" : "")}");
    }

    /// <summary>Forgets a router that is gone.</summary>
    public void Forget(VirtualRouter router)
    {
        foreach ((VirtualRouter, VirtualRouterEvent, int) key in _limits.Keys.Where(k => k.Item1 == router).ToArray()) _limits.Remove(key);
    }

    private static bool IsFrequent(VirtualRouterEvent what) =>
        what is VirtualRouterEvent.AdvertRefused or VirtualRouterEvent.DiscardedLowerPriority or VirtualRouterEvent.ForcedElection or VirtualRouterEvent.TwoMasters or VirtualRouterEvent.AnswerSpared;

    private static string Text(VirtualRouter router, VirtualRouterEvent what, IpAddress other, int number) => what switch
    {
        VirtualRouterEvent.EnteredBackup => number == 1 ? "Entering BACKUP STATE (init)" : "Entering BACKUP STATE",
        VirtualRouterEvent.EnteredMaster => "Entering MASTER STATE",
        VirtualRouterEvent.EnteredFault => (number == 1 ? "Entering FAULT STATE (init)" : "Entering FAULT STATE")
            + $": {string.Join("; ", router.Conditions.Where(c => c.IsFault).Select(c => c.Name).DefaultIfEmpty("another instance of its group is in FAULT"))}",
        VirtualRouterEvent.AdvertTimeout => "Receive advertisement timeout",
        VirtualRouterEvent.DiscardedLowerPriority => $"received lower priority ({number}) advert from {other} - discarding",
        VirtualRouterEvent.ForcedElection => $"Received advert from {other} with lower priority {number}, ours {router.EffectivePriority}, forcing new election",
        VirtualRouterEvent.HigherPriority => $"Master received advert from {other} with higher priority {number}, ours {router.EffectivePriority}",
        VirtualRouterEvent.HigherAddress => $"Master received advert from {other} with same priority {number} but higher IP address than ours",
        VirtualRouterEvent.TwoOwners => $"CONFIGURATION ERROR: {other} is address owner (priority 255) as well: the own priority is 254 from now on",
        VirtualRouterEvent.TwoMasters => $"two masters: {other} sends adverts besides {router.Source} ({number} since the start): is the network between them broken in one direction?",
        VirtualRouterEvent.PreemptDelayStarted => $"start preempt delay ({router.Options.PreemptDelay.TotalSeconds:F6})",
        VirtualRouterEvent.PreemptDelayStopped => "stop preempt delay",
        VirtualRouterEvent.PriorityChanged => $"Changing effective priority to {number}",
        VirtualRouterEvent.AdvertRefused => $"advert from {other} not taken: {AdvertProblems.MeaningOf((AdvertProblem)number)}",
        VirtualRouterEvent.AnswerSpared => $"adverts that want an answer come faster than a tenth of advert_int, the last one from {other} ({number} since the start): not every one is answered",
        VirtualRouterEvent.OldChecksum => "Setting unicast VRRPv3 checksum to old version",
        VirtualRouterEvent.AddressesLost => "an address, route or rule was removed by another program: resigning, and back after the skew time",
        _ => what.ToString(),
    };
}
