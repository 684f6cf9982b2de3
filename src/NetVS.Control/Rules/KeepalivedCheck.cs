using NetVS.Director.Network;
using NetVS.Keepalived;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Mapping;
using NetVS.Rules;

namespace NetVS.Control.Rules;

/// <summary>What a director makes of a keepalived.conf: the rules it takes, and everything it does not do yet.</summary>
/// <param name="Reading">The configuration.</param>
/// <param name="Mapped">Which virtual server makes which services.</param>
/// <param name="Rules">The rules without those that a director refuses.</param>
/// <param name="Problems">The configuration's problems, then what is not supported yet, by lines.</param>
/// <param name="ExitStatus">keepalived's config test's exit status, or 5 if a rule is refused for another reason than that it is not supported yet.</param>
public sealed record KeepalivedCheck(KeepalivedReading Reading, KeepalivedRules Mapped, RuleSet Rules, IReadOnlyList<KeepalivedDiagnostic> Problems, int ExitStatus)
{
    /// <summary>Checks a configuration that was read.</summary>
    /// <param name="reading">The configuration.</param>
    /// <param name="network">The network the director would run in; an empty one leaves out what depends on it.</param>
    /// <param name="taken">Rules that a director has taken already; services that are the same need no rehearsal.</param>
    public static KeepalivedCheck Of(KeepalivedReading reading, NetworkState network, RuleSet? taken = null)
    {
        KeepalivedRules mapped = KeepalivedRules.Map(reading.Configuration);
        Dictionary<ServiceKey, ServiceRules> known = (taken ?? RuleSet.Empty).Services.ToDictionary(s => s.Rule.Key);
        var unknown = new RuleSet([.. mapped.Rules.Services.Where(s => !known.TryGetValue(s.Rule.Key, out ServiceRules? same) || !IsSame(s, same))]);
        IReadOnlyList<(RuleChange Step, RuleResult Result)> refused =
            RuleApplier.Rehearse(RuleSet.Empty, RuleSetDiff.Between(RuleSet.Empty, unknown), network);
        KeepalivedDiagnostic[] blamed = [.. refused.Select(r => mapped.Blame(r.Step, r.Result))];
        bool isRefused = blamed.Concat(mapped.Problems).Any(b => b.Severity == DiagnosticSeverity.Error);
        return new KeepalivedCheck(
            reading,
            mapped,
            Without(mapped.Rules, refused),
            [.. reading.Problems, .. mapped.Problems, .. blamed],
            reading.ExitStatus == ConfigTest.Ok && isRefused ? ConfigTest.Errors : reading.ExitStatus);
    }

    private static bool IsSame(ServiceRules a, ServiceRules b) =>
        a.Rule == b.Rule && a.Destinations.SequenceEqual(b.Destinations) && a.LocalAddresses.SequenceEqual(b.LocalAddresses);

    private static RuleSet Without(RuleSet rules, IReadOnlyList<(RuleChange Step, RuleResult Result)> refused)
    {
        if (refused.Count == 0) return rules;
        HashSet<ServiceKey> services = [.. refused.Where(r => r.Step.Kind == RuleChangeKind.AddService).Select(r => r.Step.Service)];
        var destinations = refused.Where(r => r.Step.Destination is not null).Select(r => (r.Step.Service, r.Step.Destination!.Real)).ToHashSet();
        var locals = refused.Where(r => r.Step.Kind == RuleChangeKind.AddLocalAddress).Select(r => (r.Step.Service, r.Step.LocalAddress)).ToHashSet();
        return new RuleSet([.. rules.Services.Where(s => !services.Contains(s.Rule.Key)).Select(s => new ServiceRules(
            s.Rule,
            [.. s.Destinations.Where(d => !destinations.Contains((s.Rule.Key, d.Real)))],
            [.. s.LocalAddresses.Where(a => !locals.Contains((s.Rule.Key, a)))]))]);
    }
}
