namespace NetVS.Keepalived.Language;

/// <summary>What a statement is.</summary>
internal enum StatementKind
{
    /// <summary>Words.</summary>
    Words,

    /// <summary>An opening brace.</summary>
    Open,

    /// <summary>A closing brace.</summary>
    Close,
}
