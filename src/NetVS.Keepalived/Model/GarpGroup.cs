using NetVS.Keepalived.Language;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A garp_group: interfaces that share one pace.</summary>
public sealed record GarpGroup : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Between gratuitous ARP packets.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Between neighbour advertisements.</summary>
    public TimeSpan? NeighbourInterval { get; init; }

    /// <summary>The interfaces.</summary>
    public ImmutableList<NamedPlace> Interfaces { get; init; } = [];

    /// <inheritdoc/>
    public string Name => "";
}
