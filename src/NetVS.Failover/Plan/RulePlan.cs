using NetVS.Linux.Vrrp;

namespace NetVS.Failover.Plan;

/// <summary>A policy rule.</summary>
/// <param name="Request">The rule.</param>
/// <param name="Text">As it was written.</param>
public sealed record RulePlan(RuleRequest Request, string Text);
