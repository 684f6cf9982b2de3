using NetVS.Control.Rules;
using NetVS.Director.Network;
using NetVS.Failover.Bfd;
using NetVS.Failover.Plan;
using NetVS.Health;
using NetVS.Keepalived.Diagnostics;

namespace NetVS.Keepalived;

/// <summary>All that is wrong with a keepalived.conf before a daemon has it: the file, its rules, its checks, its VRRP.</summary>
/// <param name="Rules">The file and its rules; the daemon's parts add what they find when they prepare for it.</param>
/// <param name="Whole">All of it.</param>
internal sealed record WholeCheck(KeepalivedCheck Rules, KeepalivedCheck Whole)
{
    /// <summary>Checks a configuration that was read. What depends on the network the director runs in is left out.</summary>
    public static WholeCheck Of(KeepalivedReading reading)
    {
        KeepalivedCheck check = KeepalivedCheck.Of(reading, new NetworkState());
        var vrrp = new PlanProblems();
        FailoverPlanner.Plan(reading.Configuration, vrrp);
        BfdPlan.Of(reading.Configuration, vrrp);
        KeepalivedDiagnostic[] problems = [.. check.Problems, .. HealthProblems.Find(reading.Configuration), .. vrrp.Items];
        bool isRefused = check.ExitStatus == ConfigTest.Ok && problems.Any(p => p.Severity == DiagnosticSeverity.Error && !p.IsBeyondStop);
        return new WholeCheck(check, check with { Problems = problems, ExitStatus = isRefused ? ConfigTest.Errors : check.ExitStatus });
    }
}
