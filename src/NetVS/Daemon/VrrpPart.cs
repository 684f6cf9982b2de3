using NetVS.Control.Configuration;
using NetVS.Control.Status;
using NetVS.Failover.Plan;
using NetVS.Failover.Running;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Model;

namespace NetVS.Daemon;

/// <summary>The vrrp_instances of a keepalived.conf as a part of the daemon.</summary>
internal sealed class VrrpPart(FailoverService service) : IHostedPart, IVrrpSource
{
    /// <inheritdoc/>
    public string Name => "vrrp";

    /// <inheritdoc/>
    public IPreparedConfiguration Prepare(KeepalivedConfiguration? current, ConfigurationPlan next)
    {
        var problems = new PlanProblems();
        FailoverPlan plan = FailoverPlanner.Plan(next.Configuration, problems);
        foreach (KeepalivedDiagnostic problem in problems.Items) next.Add(problem);
        return new Prepared(service, plan);
    }

    /// <inheritdoc/>
    public void Begin() => service.Begin();

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
