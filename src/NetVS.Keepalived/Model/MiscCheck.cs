namespace NetVS.Keepalived.Model;

/// <summary>A script says.</summary>
public sealed record MiscCheck : Checker
{
    /// <summary>The script.</summary>
    public ScriptCommand? Script { get; init; }

    /// <summary>How long it may take; null for the interval.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Its exit status sets the weight.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>Who runs it.</summary>
    public string? User { get; init; }

    /// <summary>That user's group, if given.</summary>
    public string? Group { get; init; }

    /// <inheritdoc/>
    public override string Kind => "MISC_CHECK";
}
