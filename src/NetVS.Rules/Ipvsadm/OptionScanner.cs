namespace NetVS.Rules.Ipvsadm;

/// <summary>Splits a command line into options as the popt library does, whose habits are part of ipvsadm's contract.</summary>
/// <remarks>
/// Letters may be clustered (<c>-Ln</c>); an argument is the rest of its cluster (<c>-t192.0.2.1:80</c>), what follows an equals
/// sign (<c>-t=…</c>, <c>--tcp-service=…</c>) or the next word, even if that begins with a dash; long names are never abbreviated;
/// <c>--</c> ends the options; a single dash is an ordinary word. Complaints name the whole word. As recorded from ipvsadm 1.31.
/// </remarks>
internal sealed class OptionScanner(IReadOnlyList<string> words)
{
    private int _next;
    private int _clusterAt;

    /// <summary>The word that holds the option found last, as typed.</summary>
    public string Word { get; private set; } = "";

    /// <summary>The position of <see cref="Word"/> among the words.</summary>
    public int WordIndex { get; private set; }

    /// <summary>The option found last.</summary>
    public OptionSpec Option { get; private set; }

    /// <summary>The argument of the option found last, or null.</summary>
    public string? Argument { get; private set; }

    /// <summary>Words that are neither options nor arguments, with their positions.</summary>
    public List<(string Word, int Index)> LeftOver { get; } = [];

    /// <summary>Finds the next option of the table.</summary>
    public ScanResult Next(IReadOnlyList<OptionSpec> table)
    {
        Argument = null;
        if (_clusterAt > 0) return NextInCluster(table);
        while (_next < words.Count)
        {
            Word = words[_next];
            WordIndex = _next++;
            if (Word.Length < 2 || Word[0] != '-')
            {
                LeftOver.Add((Word, WordIndex));
                continue;
            }

            if (Word == "--")
            {
                while (_next < words.Count) LeftOver.Add((words[_next], _next++));
                break;
            }

            if (Word[1] == '-') return Long(table);
            _clusterAt = 1;
            return NextInCluster(table);
        }

        return ScanResult.End;
    }

    private ScanResult Long(IReadOnlyList<OptionSpec> table)
    {
        int equals = Word.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? Word[2..] : Word[2..equals];
        foreach (OptionSpec spec in table)
        {
            if (spec.Long != name) continue;
            Option = spec;
            return TakeArgument(equals < 0 ? null : Word[(equals + 1)..]);
        }

        return ScanResult.Unknown;
    }

    private ScanResult NextInCluster(IReadOnlyList<OptionSpec> table)
    {
        char letter = Word[_clusterAt++];
        string? rest = _clusterAt < Word.Length ? Word[_clusterAt..] : null;
        if (rest is null) _clusterAt = 0;
        foreach (OptionSpec spec in table)
        {
            if (spec.Short != letter) continue;
            Option = spec;
            if (spec.Argument == OptionArgument.None && (rest is null || rest[0] != '=')) return ScanResult.Option;
            _clusterAt = 0;
            return TakeArgument(rest?[0] == '=' ? rest[1..] : rest);
        }

        return ScanResult.Unknown;
    }

    private ScanResult TakeArgument(string? attached)
    {
        if (Option.Argument == OptionArgument.None) return attached is null ? ScanResult.Option : ScanResult.UnwantedArgument;
        if (attached is not null)
        {
            Argument = attached;
        }
        else if (_next < words.Count && (Option.Argument == OptionArgument.Required || !words[_next].StartsWith('-')))
        {
            Argument = words[_next++];
        }
        else if (Option.Argument == OptionArgument.Required)
        {
            return ScanResult.MissingArgument;
        }

        return ScanResult.Option;
    }
}
