using NetVS.Control.Rules;

namespace NetVS.Control.Configuration;

/// <summary>What differed from how it should be.</summary>
/// <param name="Rules">The rules: the steps that put them right, or what the director refuses of them.</param>
/// <param name="Host">Addresses, routes and policy rules: a line for each that was missing.</param>
public sealed record ReconcileOutcome(ReloadOutcome Rules, IReadOnlyList<string> Host)
{
    /// <summary>A line for each difference.</summary>
    public IReadOnlyList<string> Lines => [.. Rules.Steps.SelectMany(s => s.ToString().Split('\n')), .. Host.Select(h => $"# {h}")];
}
