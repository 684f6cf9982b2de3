namespace NetVS.Rules;

/// <summary>The outcome of one command on the rules.</summary>
/// <param name="Status">The errno.</param>
/// <param name="Detail">What is wrong and what to do, where the errno alone does not say it; else null.</param>
public readonly record struct RuleResult(RuleStatus Status, string? Detail = null)
{
    /// <summary>Success.</summary>
    public static RuleResult Ok => default;

    /// <summary>Whether the command was carried out; otherwise nothing changed.</summary>
    public bool IsOk => Status == RuleStatus.Ok;

    /// <summary>A refusal without more to say.</summary>
    public static implicit operator RuleResult(RuleStatus status) => new(status);
}
