using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A check of a real server.</summary>
public abstract record Checker : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>What all checks share.</summary>
    public CheckOptions Options { get; init; } = new();

    /// <summary>The block's keyword.</summary>
    public abstract string Kind { get; }

    /// <inheritdoc/>
    public string Name => "";

    internal Checker With(CheckOptions options) => this with { Options = options };
}
