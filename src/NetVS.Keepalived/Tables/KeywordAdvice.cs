namespace NetVS.Keepalived.Tables;

/// <summary>Guesses what was meant by an unknown keyword.</summary>
internal static class KeywordAdvice
{
    private const int LongestGuessed = 40;

    /// <summary>The keyword of a table that differs in one or two characters, or null.</summary>
    public static string? Nearest(string keyword, IKeywordTable table)
    {
        if (keyword.Length is < 3 or > LongestGuessed) return null;
        (string? best, int least) = (null, keyword.Length > 5 ? 3 : 2);
        foreach ((string candidate, _) in table.Keywords)
        {
            if (Math.Abs(candidate.Length - keyword.Length) >= least) continue;
            int distance = Distance(keyword, candidate);
            if (distance < least) (best, least) = (candidate, distance);
        }

        return best;
    }

    // Levenshtein's distance, row by row.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j - 1], row[j]) + 1);
            }
        }

        return row[b.Length];
    }
}
