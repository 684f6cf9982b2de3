using NetVS.Keepalived.Language;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A track_group: instances that static addresses and routes follow.</summary>
public sealed record TrackGroup : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The instances.</summary>
    public ImmutableList<NamedPlace> Members { get; init; } = [];
}
