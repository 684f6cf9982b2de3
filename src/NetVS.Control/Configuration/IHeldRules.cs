using NetVS.Rules;

namespace NetVS.Control.Configuration;

/// <summary>Rules that hold still until this is disposed of, by the thread that got it.</summary>
public interface IHeldRules : IDisposable
{
    /// <summary>The rules as they should be.</summary>
    RuleSet Wanted { get; }
}
