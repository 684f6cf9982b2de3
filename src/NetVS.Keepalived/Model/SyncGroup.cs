using NetVS.Keepalived.Language;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A vrrp_sync_group.</summary>
public sealed record SyncGroup : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its instances.</summary>
    public ImmutableList<NamedPlace> Members { get; init; } = [];

    /// <summary>What all members track.</summary>
    public Tracking Tracking { get; init; } = new();

    /// <summary>Its scripts.</summary>
    public NotifyScripts Notify { get; init; } = new();

    /// <summary>Whether mail is sent.</summary>
    public bool? SendsMail { get; init; }

    /// <summary>Members may have floating priorities.</summary>
    public bool AllowsWeights { get; init; }

    /// <summary>Changes of priority go to the pipes.</summary>
    public bool NotifiesPriority { get; init; }

    /// <summary>Whether there is a group block at all.</summary>
    public bool HasMembers { get; init; }
}
