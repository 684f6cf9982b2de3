namespace NetVS.Director.Network;

/// <summary>A problem in the text form of a network.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column of the word concerned, from 1.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record NetworkDiagnostic(int Line, int Column, string Message)
{
    /// <summary>line:column: message.</summary>
    public override string ToString() => $"{Line}:{Column}: {Message}";
}
