using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A script with its arguments and the account it runs under.</summary>
public sealed record ScriptCommand
{
    /// <summary>The program and its arguments, as they are passed; no shell is involved.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The user; null for the default one.</summary>
    public string? User { get; init; }

    /// <summary>The group; null for the user's.</summary>
    public string? Group { get; init; }

    /// <summary>Where the script is named.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>The program.</summary>
    public string Program => Arguments.Count > 0 ? Arguments[0] : "";
}
