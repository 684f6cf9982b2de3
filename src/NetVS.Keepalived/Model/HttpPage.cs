using NetVS.Keepalived.Language;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A url block.</summary>
public sealed record HttpPage : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>The path, sent as it is.</summary>
    public string? Path { get; init; }

    /// <summary>The good answers; empty for 200 to 299.</summary>
    public ImmutableList<StatusRange> StatusCodes { get; init; } = [];

    /// <summary>MD5 of the body, 32 hexadecimal digits.</summary>
    public string? Digest { get; init; }

    /// <summary>The Host header.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>The regular expression for the body.</summary>
    public string? Pattern { get; init; }

    /// <summary>The body must not match.</summary>
    public bool IsPatternNegated { get; init; }

    /// <summary>PCRE2's options.</summary>
    public ImmutableList<string> PatternOptions { get; init; } = [];

    /// <summary>The first octet that may match.</summary>
    public long? PatternMinOffset { get; init; }

    /// <summary>The octet before which the match must begin.</summary>
    public long? PatternMaxOffset { get; init; }

    /// <inheritdoc/>
    public string Name => "";
}
