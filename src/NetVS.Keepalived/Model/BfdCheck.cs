namespace NetVS.Keepalived.Model;

/// <summary>A BFD instance says.</summary>
public sealed record BfdCheck : Checker
{
    /// <summary>Its name.</summary>
    public string? Instance { get; init; }

    /// <inheritdoc/>
    public override string Kind => "BFD_CHECK";
}
