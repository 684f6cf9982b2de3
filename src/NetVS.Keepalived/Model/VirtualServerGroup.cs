using NetVS.Keepalived.Language;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A virtual_server_group.</summary>
public sealed record VirtualServerGroup : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its entries.</summary>
    public ImmutableList<GroupEntry> Entries { get; init; } = [];
}
