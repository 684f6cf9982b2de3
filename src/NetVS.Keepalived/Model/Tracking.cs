using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>What a VRRP instance or group tracks.</summary>
public sealed record Tracking
{
    /// <summary>Interfaces.</summary>
    public ImmutableList<TrackedItem> Interfaces { get; init; } = [];

    /// <summary>Scripts.</summary>
    public ImmutableList<TrackedItem> Scripts { get; init; } = [];

    /// <summary>Files.</summary>
    public ImmutableList<TrackedItem> Files { get; init; } = [];

    /// <summary>Processes.</summary>
    public ImmutableList<TrackedItem> Processes { get; init; } = [];

    /// <summary>BFD instances.</summary>
    public ImmutableList<TrackedItem> BfdInstances { get; init; } = [];
}
