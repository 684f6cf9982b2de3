namespace NetVS.Keepalived.Model;

/// <summary>A tracked file says.</summary>
public sealed record FileCheck : Checker
{
    /// <summary>The track_file's name.</summary>
    public string? File { get; init; }

    /// <summary>What its number is multiplied with; null for the file's own.</summary>
    public int? Weight { get; init; }

    /// <summary>Whether the sign changes; null for the file's own.</summary>
    public bool? IsReversed { get; init; }

    /// <inheritdoc/>
    public override string Kind => "FILE_CHECK";
}
