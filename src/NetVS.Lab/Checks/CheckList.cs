namespace NetVS.Lab.Checks;

/// <summary>What a lab found: every check is printed as it is made, and counted.</summary>
internal sealed class CheckList(TextWriter output)
{
    /// <summary>Checks that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Prints a heading.</summary>
    public void Head(string text) => output.WriteLine($"\n== {text}");

    /// <summary>Prints a line of what is happening.</summary>
    public void Say(string text) => output.WriteLine(text);

    /// <summary>Notes a check.</summary>
    public void Expect(bool isRight, string what, string? otherwise = null)
    {
        output.WriteLine(isRight ? $"  ok       {what}" : $"  FAILED   {what}{(otherwise is null ? "" : $": {otherwise}")}");
        if (!isRight) Failures++;
    }
}
