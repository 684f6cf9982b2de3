using System.Globalization;
using System.Text;

namespace NetVS.Keepalived.Language;

/// <summary>Splits script values, which have rules like a shell's (reference §2.10).</summary>
/// <remarks>Between single quotes everything is literal; elsewhere a backslash escapes, in C's ways and some more.</remarks>
internal static class ScriptWords
{
    /// <summary>Splits a text into words.</summary>
    /// <param name="text">The text.</param>
    /// <param name="words">The words with the index at which each begins.</param>
    /// <returns>The quote that has no partner; NUL when all have.</returns>
    public static char Split(string text, out List<(string Text, int Index)> words)
    {
        words = [];
        var word = new StringBuilder();
        int begin = -1;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '\0' && SourceText.IsBlank(c))
            {
                if (begin >= 0) words.Add((word.ToString(), begin));
                word.Clear();
                begin = -1;
                continue;
            }

            if (begin < 0) begin = i;
            if (c == quote) quote = '\0';
            else if (quote == '\0' && c is '"' or '\'') quote = c;
            else if (quote != '\'' && c == '\\' && i + 1 < text.Length) i = Escape(text, i + 1, word);
            else word.Append(c);
        }

        if (begin >= 0) words.Add((word.ToString(), begin));
        return quote;
    }

    // Appends what an escape stands for; the index of its last character.
    private static int Escape(string text, int i, StringBuilder word)
    {
        const string Names = "abEefnrtv";
        const string Codes = "\a\b\u001b\u001b\f\n\r\t\v";
        int name = Names.IndexOf(text[i], StringComparison.Ordinal);
        if (name >= 0)
        {
            word.Append(Codes[name]);
            return i;
        }

        switch (text[i])
        {
            case >= '0' and <= '7':
                int value = 0, end = i;
                while (end < text.Length && end < i + 3 && text[end] is >= '0' and <= '7') value = (value << 3) + (text[end++] - '0');
                word.Append((char)(value & 0xFF));
                return end - 1;
            case 'x' when i + 1 < text.Length && char.IsAsciiHexDigit(text[i + 1]):
                int digits = 1;
                while (digits < 2 && i + 1 + digits < text.Length && char.IsAsciiHexDigit(text[i + 1 + digits])) digits++;
                word.Append((char)int.Parse(text.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                return i + digits;
            case 'c' when i + 1 < text.Length:
                word.Append((char)(char.ToUpperInvariant(text[i + 1]) & 0x1F));
                return i + 1;
            default:
                word.Append(text[i]);
                return i;
        }
    }
}
