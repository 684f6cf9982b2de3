using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A route or rule in the words of iproute2 (reference §4.2, §4.3).</summary>
public sealed record RouteEntry
{
    /// <summary>The words as written, without those that are keepalived's own.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The track group whose interfaces it follows; only static ones.</summary>
    public string? TrackGroup { get; init; }

    /// <summary>Not tracked: its deletion by others is not noticed.</summary>
    public bool IsUntracked { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
