using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A line of a track_ block: something whose state counts.</summary>
public sealed record TrackedItem
{
    /// <summary>The interface, script, file, process or bfd instance.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it adds to the priority; null for its own default; 0 means FAULT instead.</summary>
    public int? Weight { get; init; }

    /// <summary>Whether good and bad change places; null for its own default.</summary>
    public bool? IsReversed { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
