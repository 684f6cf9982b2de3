using NetVS.Rules;
using NetVS.Rules.RulesFile;

namespace NetVS.Control.Rules;

/// <summary>What a reload did, or would do.</summary>
/// <param name="Steps">The steps from the rules in force to those of the file; none when there are problems.</param>
/// <param name="Problems">Everything wrong with the file; then nothing was changed.</param>
public sealed record ReloadOutcome(IReadOnlyList<RuleChange> Steps, IReadOnlyList<RuleDiagnostic> Problems)
{
    /// <summary>Whether the file is without problems.</summary>
    public bool IsOk => Problems.Count == 0;
}
