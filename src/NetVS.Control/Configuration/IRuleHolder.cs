using NetVS.Rules;

namespace NetVS.Control.Configuration;

/// <summary>A part that changes rules by itself, and so knows how they should be now.</summary>
public interface IRuleHolder
{
    /// <summary>Holds the rules still and says how they should be.</summary>
    /// <param name="allUp">The rules with every real server up.</param>
    IHeldRules Hold(RuleSet allUp);
}
