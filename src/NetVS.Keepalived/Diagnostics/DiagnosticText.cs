using System.Text;

namespace NetVS.Keepalived.Diagnostics;

/// <summary>Problems as lines for people.</summary>
public static class DiagnosticText
{
    /// <summary>The word for a severity.</summary>
    public static string Name(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => "error",
        DiagnosticSeverity.Warning => "warning",
        DiagnosticSeverity.NotSupportedYet => "not supported yet",
        _ => "note",
    };

    /// <summary>One problem: a line, and indented lines with the cause, the definition and the advice where there are any.</summary>
    public static string Format(KeepalivedDiagnostic diagnostic)
    {
        var text = new StringBuilder(Clean(diagnostic.ToString()));
        foreach (string also in diagnostic.Also) text.Append("\n    ").Append(Clean(also));
        if (diagnostic.Definition is { } definition) text.Append($"\n    defined at {definition}");
        if (diagnostic.Advice is { Length: > 0 } advice) text.Append("\n    advice: ").Append(Clean(advice));
        return text.ToString();
    }

    /// <summary>A text without control characters: a configuration must not write to the terminal through its problems.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        return string.Concat(text.Select(c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString()));
    }
}
