using NetVS.Failover.Plan;
using NetVS.Linux;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Vrrp.Machine;

namespace NetVS.Failover.Running;

/// <summary>Finds what another program has taken away of what masters and static blocks have put in place, and puts it back. Thread: the loop's.</summary>
/// <param name="host">The host, just read.</param>
/// <param name="there">The routes and rules that are there.</param>
/// <param name="since">When they were read: who has changed its state since is left alone.</param>
/// <param name="isApplied">Whether it is put back.</param>
internal sealed class Reconciliation(HostAddresses host, IReadOnlySet<RouteKey> there, MonotonicTime since, bool isApplied)
{
    private readonly List<string> _found = [];

    /// <summary>Looks at everything.</summary>
    /// <returns>A line for each thing that is missing.</returns>
    public IReadOnlyList<string> Look(FailoverPlan plan, IEnumerable<RunningInstance> instances)
    {
        foreach (RunningInstance instance in instances)
        {
            if (instance.Router.State != VirtualRouterState.Master || instance.Router.StateSince >= since) continue;
            LookAtAddresses(instance.Plan.Name, host.Requests(instance));
            LookAtRoutes(instance.Plan.Name, instance.Plan.Routes, instance.AddressIndex);
            LookAtRules(instance.Plan.Name, instance.Plan.Rules);
        }

        LookAtAddresses("static", host.StaticRequests(plan.StaticAddresses));
        LookAtRoutes("static", plan.StaticRoutes, 0);
        LookAtRules("static", plan.StaticRules);
        return _found;
    }

    private void LookAtAddresses(string owner, IEnumerable<AddressRequest> requests)
    {
        foreach (AddressRequest request in requests)
        {
            if (host.Has(request.InterfaceIndex, request.Address)) continue;
            Note(owner, $"address {request.Address}/{request.PrefixLength}", isApplied ? host.Add(request) : 0);
        }
    }

    // Those with another protocol number are somebody else's to the eye: nobody knows whose they are.
    private void LookAtRoutes(string owner, IReadOnlyList<RoutePlan> routes, int defaultIndex)
    {
        foreach (RoutePlan route in routes.Where(r => r.Request.Protocol == RouteRequest.ProtocolKeepalived && !there.Contains(RouteKey.Of(r.Request))))
            Note(owner, $"route {route.Text}", isApplied ? host.ChangeRoute(route, defaultIndex, isAdded: true) : 0);
    }

    private void LookAtRules(string owner, IReadOnlyList<RulePlan> rules)
    {
        foreach (RulePlan rule in rules.Where(r => !there.Contains(RouteKey.Of(r.Request))))
            Note(owner, $"rule {rule.Text}", isApplied ? host.ChangeRule(rule, isAdded: true) : 0);
    }

    private void Note(string owner, string what, int errno)
    {
        if (errno == Errno.EEXIST) return;
        _found.Add($"({owner}) {what} was gone{(!isApplied ? "" : errno == 0 ? ": added again" : $", and cannot be added: {Errno.NameOf(errno)}")}");
    }
}
