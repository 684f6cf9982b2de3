using NetVS.Control.Configuration;
using NetVS.Control.Status;
using NetVS.Failover.Plan;
using NetVS.Failover.Running;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Model;
using NetVS.Linux;
using NetVS.Linux.Vrrp;

namespace NetVS.Daemon;

/// <summary>The vrrp_instances of a keepalived.conf as a part of the daemon.</summary>
internal sealed class VrrpPart(FailoverService service) : IHostedPart, IVrrpSource, IReconciledPart
{
    /// <inheritdoc/>
    public string Name => "vrrp";

    /// <inheritdoc/>
    public IPreparedConfiguration Prepare(KeepalivedConfiguration? current, ConfigurationPlan next)
    {
        var problems = new PlanProblems();
        FailoverPlan plan = FailoverPlanner.Plan(next.Configuration, problems);
        CheckFilter(plan, problems, next.Configuration);
        foreach (KeepalivedDiagnostic problem in problems.Items) next.Add(problem);
        return new Prepared(service, plan);
    }

    // What a kernel cannot do is no configuration to begin with: addresses that shall not be reached would be.
    private static void CheckFilter(FailoverPlan plan, PlanProblems problems, KeepalivedConfiguration configuration)
    {
        if (plan.Instances.FirstOrDefault(i => i.IsFiltered) is not { } filtered) return;
        int errno = AddressFilter.Probe();
        if (errno == 0) return;
        problems.Refuse(
            configuration.Instances.First(v => v.Name == filtered.Name).Position,
            $"({filtered.Name}) packets to its addresses cannot be filtered: nftables: {Errno.NameOf(errno)}", "write accept, or run a kernel with nf_tables");
    }

    /// <inheritdoc/>
    public void Begin() => service.Begin();

    /// <inheritdoc/>
    public IReadOnlyList<string> Reconcile(bool isApplied) => service.Reconcile(isApplied);

    /// <inheritdoc/>
    public void End(bool isForwardingKept) => service.End();

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadStatus() => [.. service.ReadStatus().SelectMany(s => s.Lines)];

    /// <inheritdoc/>
    public VrrpStatus ReadVrrp() => service.ReadVrrp();

    private sealed class Prepared(FailoverService service, FailoverPlan plan) : IPreparedConfiguration
    {
        public void Commit() => service.Apply(plan);

        public void Dispose()
        {
            // Nothing was begun.
        }
    }
}
