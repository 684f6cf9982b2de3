using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>The SSL block: what the host shows in SSL checks.</summary>
public sealed record SslContext : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>The key's password.</summary>
    public string? Password { get; init; }

    /// <summary>The file of the authorities.</summary>
    public string? Authorities { get; init; }

    /// <summary>The certificate's file.</summary>
    public string? Certificate { get; init; }

    /// <summary>The key's file.</summary>
    public string? Key { get; init; }

    /// <inheritdoc/>
    public string Name => "";
}
