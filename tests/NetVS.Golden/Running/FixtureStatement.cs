namespace NetVS.Golden.Running;

/// <summary>One statement of a fixture.</summary>
/// <param name="Keyword">What it does: in, out, drop …</param>
/// <param name="Lines">The text behind the keyword, and the lines that continue it.</param>
/// <param name="FirstLine">Where it stands, from 0.</param>
/// <param name="LastLine">The last line that belongs to it.</param>
/// <param name="Time">From the beginning of the run, where the line begins with a time.</param>
internal sealed record FixtureStatement(string Keyword, IReadOnlyList<string> Lines, int FirstLine, int LastLine, TimeSpan? Time)
{
    /// <summary>The text of the keyword's own line.</summary>
    public string Text => Lines[0];

    /// <summary>Whether the statement says what must come of the packet before it.</summary>
    public bool IsOutcome => Keyword is "out" or "drop" or "stack" or "await";
}
