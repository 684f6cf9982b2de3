using NetVS.Keepalived.Language;
using NetVS.Packets;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A local_address_group: FULLNAT's local addresses.</summary>
public sealed record LocalAddressGroup : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The addresses.</summary>
    public ImmutableList<IpAddress> Addresses { get; init; } = [];
}
