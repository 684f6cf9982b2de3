namespace NetVS.Keepalived.Language;

/// <summary>What sequences and definitions have made so far, against what they may make.</summary>
public sealed class ExpansionBudget
{
    /// <summary>Lines made of sequences and multi-line definitions; at most one more than <see cref="LanguageLimits.ExpandedLines"/>.</summary>
    public int Lines { get; private set; }

    /// <summary>What was written for them, and for replacements in lines; see <see cref="LanguageLimits.ExpandedCharacters"/>.</summary>
    public long Characters { get; private set; }

    /// <summary>Whether no more may be made.</summary>
    public bool IsSpent => Lines > LanguageLimits.ExpandedLines || Characters > LanguageLimits.ExpandedCharacters;

    internal void Charge(SourceText made) => Characters += made.Cost;

    internal void ChargeLine() => Lines++;
}
