using NetVS.Linux.Vrrp;

namespace NetVS.Failover.Plan;

/// <summary>A policy rule.</summary>
/// <param name="Request">The rule.</param>
/// <param name="Text">As it was written.</param>
public sealed record RulePlan(RuleRequest Request, string Text)
{
    /// <summary>Its deletion by another program is not noticed: no_track.</summary>
    public bool IsUntracked { get; init; }
}
