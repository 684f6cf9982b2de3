namespace NetVS.Keepalived.Language;

/// <summary>A <c>$NAME=…</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Lines">Its text; several lines for a multi-line definition.</param>
/// <param name="IsMultiLine">Whether it was written with line ends, so that it must stand alone where it is used.</param>
internal sealed record Definition(string Name, IReadOnlyList<SourceText> Lines, bool IsMultiLine);
