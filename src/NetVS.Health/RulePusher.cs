using NetVS.Control;
using NetVS.Rules;

namespace NetVS.Health;

/// <summary>Puts a change of rules in force, one command after the other, as an operator would; other connections are not disturbed.</summary>
/// <remarks>Somebody may have changed the rules with ipvsadm meanwhile: what is there already is edited, what is gone is added (reference §7.1).</remarks>
internal sealed class RulePusher(DirectorControl control, Action<string> report)
{
    /// <summary>Takes the steps from the rules before to those after; additions come before deletions.</summary>
    public void Push(RuleSet before, RuleSet after)
    {
        foreach (RuleChange step in RuleSetDiff.Between(before, after))
        {
            RuleResult result = control.ChangeByCheck(step);
            result = (step.Kind, result.Status) switch
            {
                (RuleChangeKind.AddDestination, RuleStatus.EEXIST) => control.ChangeByCheck(step with { Kind = RuleChangeKind.EditDestination }),
                (RuleChangeKind.EditDestination, RuleStatus.ENOENT) => control.ChangeByCheck(step with { Kind = RuleChangeKind.AddDestination }),
                (RuleChangeKind.DeleteDestination, RuleStatus.ENOENT) => RuleResult.Ok,
                _ => result,
            };
            if (!result.IsOk) report($"health: {step} is refused: {result.Detail ?? result.Status.ToString()}");
        }
    }
}
