namespace NetVS.Keepalived.Language;

/// <summary>Finds the files that a pattern names: lists in braces as in csh, then <c>*</c>, <c>?</c> and <c>[…]</c> as in glob(7).</summary>
internal sealed class FilePatterns(IConfigurationFiles files)
{
    /// <summary>The alternatives of the lists in braces: <c>{a,b}c</c> is <c>ac</c> and <c>bc</c>; nested lists too.</summary>
    public static IReadOnlyList<string> Alternatives(string pattern)
    {
        var result = new List<string>();
        Expand(pattern, result);
        return result;
    }

    /// <summary>Whether a pattern holds wildcards.</summary>
    public static bool HasWildcard(string pattern) => pattern.AsSpan().IndexOfAny("*?[") >= 0;

    /// <summary>The existing paths a pattern without braces names, sorted; a pattern without wildcards names itself.</summary>
    public IReadOnlyList<string> Find(string pattern)
    {
        if (!HasWildcard(pattern)) return [pattern];
        string[] parts = pattern.Split('/');
        List<string> found = [parts[0].Length == 0 ? "/" : ""];
        int steps = 0;
        for (int i = parts[0].Length == 0 ? 1 : 0; i < parts.Length; i++)
        {
            if (parts[i].Length == 0) continue;
            var next = new List<string>();
            foreach (string directory in found)
            {
                if (!HasWildcard(parts[i]))
                {
                    next.Add(Join(directory, parts[i]));
                    continue;
                }

                foreach (string name in files.ListDirectory(directory.Length == 0 ? "." : directory) ?? [])
                {
                    if (++steps > LanguageLimits.ExpandedLines || next.Count >= LanguageLimits.IncludeMatches) break;
                    if (name.StartsWith('.') && !parts[i].StartsWith('.')) continue;
                    if (Matches(parts[i], name)) next.Add(Join(directory, name));
                }
            }

            found = next;
        }

        // Parts after the last wildcard were taken on trust.
        if (!HasWildcard(parts[^1])) found.RemoveAll(f => files.Read(f).Status == FileStatus.Missing);
        found.Sort(string.CompareOrdinal);
        return found;
    }

    /// <summary>Whether a name fits a pattern of one path component.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        // The usual two-finger match: only the last star is ever tried again, so the time is bounded by the product of the lengths.
        int p = 0, n = 0, star = -1, mark = 0;
        while (n < name.Length)
        {
            int length = p < pattern.Length && pattern[p] != '*' ? MatchOne(pattern[p..], name[n]) : 0;
            if (length > 0)
            {
                p += length;
                n++;
            }
            else if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = n;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    // The pattern's characters that match one character, or 0.
    private static int MatchOne(ReadOnlySpan<char> pattern, char c)
    {
        if (pattern[0] == '?') return 1;
        if (pattern[0] == '\\' && pattern.Length > 1) return pattern[1] == c ? 2 : 0;
        if (pattern[0] != '[') return pattern[0] == c ? 1 : 0;
        int close = pattern.Length > 2 ? pattern[2..].IndexOf(']') : -1;
        if (close < 0) return c == '[' ? 1 : 0;
        close += 2;
        ReadOnlySpan<char> set = pattern[1..close];
        bool isNegated = set[0] is '!' or '^';
        if (isNegated) set = set[1..];
        bool isIn = false;
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                isIn |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                isIn |= c == set[i];
            }
        }

        return isIn != isNegated ? close + 1 : 0;
    }

    private static string Join(string directory, string name) =>
        directory.Length == 0 ? name : directory.EndsWith('/') ? directory + name : directory + "/" + name;

    private static void Expand(string pattern, List<string> result)
    {
        if (result.Count >= LanguageLimits.IncludeMatches) return;
        int open = pattern.IndexOf('{', StringComparison.Ordinal);
        int depth = 0;
        int close = -1;
        var commas = new List<int>();
        for (int i = open; i >= 0 && i < pattern.Length && close < 0; i++)
        {
            if (pattern[i] == '{') depth++;
            else if (pattern[i] == '}' && --depth == 0) close = i;
            else if (pattern[i] == ',' && depth == 1) commas.Add(i);
        }

        if (close < 0)
        {
            result.Add(pattern);
            return;
        }

        int from = open + 1;
        foreach (int to in commas.Append(close))
        {
            Expand(pattern[..open] + pattern[from..to] + pattern[(close + 1)..], result);
            from = to + 1;
        }
    }
}
