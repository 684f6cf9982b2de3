namespace NetVS.Keepalived.Language;

/// <summary>A place in a configuration file.</summary>
/// <param name="File">The file's name: the root's as given, an included one's relative to it.</param>
/// <param name="Line">From 1; 0 for the file as a whole.</param>
/// <param name="Column">From 1, in characters.</param>
public readonly record struct SourcePosition(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>, or the file alone.</summary>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
