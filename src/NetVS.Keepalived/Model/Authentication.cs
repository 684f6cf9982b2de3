using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>An authentication block.</summary>
public sealed record Authentication : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The type.</summary>
    public VrrpAuthentication Type { get; init; }

    /// <summary>At most 8 octets.</summary>
    public string Password { get; init; } = "";
}
