namespace NetVS.Keepalived.Language;

/// <summary>A word of a statement.</summary>
/// <param name="Text">Its characters, without quotes.</param>
/// <param name="Position">Where it stands, or where the name stands that it came out of.</param>
/// <param name="IsQuoted">Whether it stood in double quotes.</param>
/// <param name="Definition">Where its text is defined, if it came out of a definition.</param>
internal sealed record Word(string Text, SourcePosition Position, bool IsQuoted = false, SourcePosition? Definition = null)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
