using NetVS.Keepalived.Diagnostics;

namespace NetVS.Keepalived.Language;

/// <summary>The lines of the root file and of everything it includes (reference §2.1).</summary>
internal sealed class IncludeReader(IConfigurationFiles files, DiagnosticBag diagnostics)
{
    private static readonly Dictionary<string, IncludeChecks> s_directives = new(StringComparer.Ordinal)
    {
        ["include"] = IncludeChecks.None,
        ["includer"] = IncludeChecks.Read,
        ["includem"] = IncludeChecks.Read | IncludeChecks.Match,
        ["includew"] = IncludeChecks.Read | IncludeChecks.Match | IncludeChecks.WildcardMatch,
        ["includeb"] = IncludeChecks.Read | IncludeChecks.Match | IncludeChecks.WildcardMatch | IncludeChecks.BraceMatch,
        ["includea"] = IncludeChecks.All,
    };

    private readonly Stack<OpenFile> _open = [];
    private readonly FilePatterns _patterns = new(files);
    private long _octets;
    private int _opened;

    private sealed class OpenFile(string path, PhysicalLines lines, IncludeChecks checks)
    {
        public string Path { get; } = path;

        public PhysicalLines Lines { get; } = lines;

        public IncludeChecks Checks { get; set; } = checks;

        // Files of the same directive that come after this one.
        public Queue<string> Siblings { get; init; } = [];

        public SourcePosition IncludedAt { get; init; }

        public IncludeChecks SiblingChecks { get; init; }
    }

    /// <summary>Where reading stopped: the last line of the innermost file.</summary>
    public SourcePosition Position { get; private set; }

    /// <summary>The directory of the current file; empty for the one the program was started in.</summary>
    public string Directory => _open.TryPeek(out OpenFile? file) ? DirectoryOf(file.Path) : "";

    /// <summary>What plain includes in the current file insist on.</summary>
    public IncludeChecks Checks
    {
        get => _open.TryPeek(out OpenFile? file) ? file.Checks : IncludeChecks.None;
        set
        {
            if (_open.TryPeek(out OpenFile? file)) file.Checks = value;
        }
    }

    /// <summary>Opens the root file.</summary>
    /// <returns>Whether it can be read; if not, the reason was reported.</returns>
    public bool OpenRoot(string path)
    {
        var siblings = new Queue<string>(FilePatterns.Alternatives(path).SelectMany(_patterns.Find));
        while (siblings.TryDequeue(out string? name))
        {
            if (TryOpen(name, siblings, new SourcePosition(name, 0, 0), IncludeChecks.None, isRoot: true)) return true;
        }

        if (diagnostics.Items.Count == 0)
            diagnostics.Error(new SourcePosition(path, 0, 0), "no such file", "give an existing file with -f", ProblemClass.None);
        return false;
    }

    /// <summary>The next line of any file; null at the end of the root.</summary>
    public SourceText? Next()
    {
        while (_open.TryPeek(out OpenFile? file))
        {
            if (NextOfFile() is { } line) return line;
            _open.Pop();
            OpenNext(file);
        }

        return null;
    }

    /// <summary>The next line of the current file only.</summary>
    public SourceText? NextOfFile()
    {
        OpenFile file = _open.Peek();
        SourceText? line = file.Lines.Next();
        Position = line?.Start ?? new SourcePosition(file.Path, Math.Max(1, file.Lines.Line), 1);
        if (file.Lines.Cut is { } cut)
        {
            diagnostics.Warn(cut, $"the line is longer than {LanguageLimits.LineOctets} octets: the rest is read as a line of its own",
                "break the line, or use a definition", ProblemClass.None);
        }

        return line;
    }

    /// <summary>Carries out an include directive.</summary>
    /// <returns>Whether the line was one.</returns>
    public bool TryInclude(SourceText line)
    {
        if (!line.Text.StartsWith("include", StringComparison.Ordinal)) return false;
        var statement = new Statement(StatementKind.Words, line);
        if (!s_directives.TryGetValue(statement.Keyword, out IncludeChecks checks)) return false;
        if (statement.Keyword == "include") checks = Checks;
        if (statement[1] is not { } word)
        {
            diagnostics.Error(line.Start, $"*** Configuration line starting `{statement.Keyword}` is missing a parameter after keyword `{statement.Keyword}` at word position 2",
                "name the file", ProblemClass.MissingParameter);
            return true;
        }

        // The rest of the line, so that lists in braces may hold blanks.
        string pattern = word.IsQuoted ? word.Text : line.Text[line.Text.IndexOf(word.Text, statement.Keyword.Length, StringComparison.Ordinal)..];
        if (_open.Count >= LanguageLimits.IncludeDepth)
        {
            diagnostics.Error(word.Position, $"files include each other more than {LanguageLimits.IncludeDepth} deep: '{pattern}' is left out", "take out the loop");
            return true;
        }

        Include(pattern, word.Position, checks);
        return true;
    }

    private void Include(string pattern, SourcePosition position, IncludeChecks checks)
    {
        var found = new Queue<string>();
        bool isStrict = false;
        foreach (string alternative in FilePatterns.Alternatives(pattern))
        {
            string path = alternative.StartsWith('/') ? alternative : Join(Directory, alternative);
            bool isWild = FilePatterns.HasWildcard(path);
            IEnumerable<string> matches = _patterns.Find(path).Where(p => isWild || files.Read(p).Status != FileStatus.Missing);
            int before = found.Count;
            foreach (string match in matches.Take(LanguageLimits.IncludeMatches)) found.Enqueue(match);
            if (found.Count > before) continue;
            isStrict |= isWild ? checks.HasFlag(IncludeChecks.WildcardMatch) : checks.HasFlag(IncludeChecks.BraceMatch);
        }

        bool isEmpty = found.Count == 0;
        isStrict |= isEmpty && checks.HasFlag(IncludeChecks.Match);
        if (isEmpty || isStrict) Missing(pattern, position, isStrict);
        OpenNext(new OpenFile("", new PhysicalLines("", default), checks) { Siblings = found, IncludedAt = position, SiblingChecks = checks });
    }

    private void Missing(string pattern, SourcePosition position, bool isStrict)
    {
        string message = $"Config files missing '{pattern}'.";
        if (isStrict) diagnostics.Error(position, message, "create the file, or use plain include if it may be missing", ProblemClass.StrictInclude);
        else diagnostics.Warn(position, message, "create the file, or take out the line if it is not needed", ProblemClass.None);
    }

    private void OpenNext(OpenFile after)
    {
        while (after.Siblings.TryDequeue(out string? path))
        {
            if (TryOpen(path, after.Siblings, after.IncludedAt, after.SiblingChecks, isRoot: false)) return;
        }
    }

    private bool TryOpen(string path, Queue<string> siblings, SourcePosition position, IncludeChecks checks, bool isRoot)
    {
        if (_open.Any(f => f.Path == path))
        {
            diagnostics.Error(position, $"'{path}' includes itself: it is left out here", "take out the loop");
            return false;
        }

        if (++_opened > LanguageLimits.OpenedFiles)
        {
            siblings.Clear();
            if (_opened == LanguageLimits.OpenedFiles + 1)
                diagnostics.Error(position, $"'{path}' is left out, and all that would come after it: more than {LanguageLimits.OpenedFiles} files are opened", "include each file once");
            return false;
        }

        FileReading reading = files.Read(path);
        _octets += reading.Content.Length;
        string? problem = reading.Status switch
        {
            FileStatus.Read when _octets > LanguageLimits.TotalOctets => $"'{path}' is left out: all files together are larger than {LanguageLimits.TotalOctets >> 20} MiB",
            FileStatus.Read => null,
            FileStatus.IsDirectory => $"Configuration file '{path}' is a directory - skipping",
            FileStatus.NotRegular => $"Configuration file '{path}' is not a regular non-executable file - skipping",
            FileStatus.TooLarge => $"Configuration file '{path}' is larger than {LanguageLimits.FileOctets >> 20} MiB - skipping",
            FileStatus.Missing => $"Configuration file '{path}' does not exist",
            _ => $"Configuration file '{path}' open problem ({reading.Detail ?? "unreadable"}) - skipping",
        };
        if (problem is null)
        {
            _open.Push(new OpenFile(path, new PhysicalLines(path, reading.Content), Checks)
            {
                Siblings = siblings, IncludedAt = position, SiblingChecks = checks,
            });
            return true;
        }

        string advice = reading.Status == FileStatus.NotRegular ? $"if it is a configuration: chmod a-x {path}" : "check the name and the rights";
        bool isStrict = reading.Status != FileStatus.Read && checks.HasFlag(IncludeChecks.Read);
        if (isStrict) diagnostics.Error(position, problem, advice, ProblemClass.StrictInclude);
        else if (isRoot || reading.Status == FileStatus.Read) diagnostics.Error(position, problem, advice, ProblemClass.None);
        else diagnostics.Warn(position, problem, advice, ProblemClass.None);
        return false;
    }

    private static string DirectoryOf(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? "" : slash == 0 ? "/" : path[..slash];
    }

    private static string Join(string directory, string name) =>
        directory.Length == 0 ? name : directory.EndsWith('/') ? directory + name : $"{directory}/{name}";
}
