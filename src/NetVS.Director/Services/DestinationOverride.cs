using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>What an operator wants of a destination for the time being, whatever its rule says: another weight, or to be drained.</summary>
/// <remarks>It belongs to a real server of a service, not to the rule: it outlives edits, and the deletion of what is added again.</remarks>
public sealed record DestinationOverride
{
    /// <summary>The weight in force instead of the rule's.</summary>
    public required int Weight { get; init; }

    /// <summary>Whether the destination is to become empty: UDP, which has no end that could be waited for, moves to others at once.</summary>
    public bool IsDrain { get; init; }

    /// <summary>Whether its persistent clients are given another real server with their next connection; else they keep this one.</summary>
    public bool ReleasesPersistence { get; init; }

    /// <summary>When the connections that are left are ended, and persistence with them; null if they may last.</summary>
    public MonotonicTime? Deadline { get; init; }

    /// <summary>Whether the deadline has come.</summary>
    public bool IsOver { get; init; }
}
