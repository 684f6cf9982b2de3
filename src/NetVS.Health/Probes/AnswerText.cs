namespace NetVS.Health.Probes;

/// <summary>What servers and scripts say, made fit for logs and listings.</summary>
internal static class AnswerText
{
    /// <summary>A text without control characters, cut to a length.</summary>
    public static string Clean(string text, int most)
    {
        string cut = text.Length > most ? text[..most] + "…" : text;
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c)) : cut;
    }
}
