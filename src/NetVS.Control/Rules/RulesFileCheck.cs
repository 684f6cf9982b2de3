using NetVS.Director.Network;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.RulesFile;

namespace NetVS.Control.Rules;

/// <summary>Says everything that is wrong with a rules file without a running director.</summary>
public static class RulesFileCheck
{
    /// <summary>The problems, in the order of the lines; none if the file would load.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">Its name, for diagnostics.</param>
    /// <param name="names">For names of hosts and ports.</param>
    /// <param name="network">The network the director would run in; an empty one leaves out what depends on it.</param>
    public static IReadOnlyList<RuleDiagnostic> FindProblems(string text, string file, INameSource names, NetworkState network)
    {
        RulesDocument document = RulesDocument.Parse(text, file, names);
        IEnumerable<RuleDiagnostic> refused = RuleApplier
            .Rehearse(RuleSet.Empty, RuleSetDiff.Between(RuleSet.Empty, document.Rules), network)
            .Select(r => document.Blame(r.Step, r.Result));

        // A line can fail twice, by its grammar and at the director; once is enough.
        return [.. document.Problems.Concat(refused).OrderBy(p => p.Line).ThenBy(p => p.Column).DistinctBy(p => p.Line)];
    }
}
