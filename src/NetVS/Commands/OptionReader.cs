namespace NetVS.Commands;

/// <summary>Reads the options of one command: <c>--name value</c>, <c>--name=value</c>, <c>-x value</c>; all other words are operands.</summary>
internal sealed class OptionReader
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<(string Name, string Value)> _repeated = [];

    private OptionReader()
    {
    }

    /// <summary>Words that are no options, in order.</summary>
    public List<string> Operands { get; } = [];

    /// <summary>What is wrong and what to do, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The value of an option, the empty string for one without, or null when it was not given.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>All values of an option that may be repeated, in order.</summary>
    public IReadOnlyList<string> All(string name) => [.. _repeated.Where(r => r.Name == name).Select(r => r.Value)];

    /// <summary>The first of these options that was given, or null.</summary>
    /// <param name="specification">As for <see cref="Read"/>.</param>
    public string? FirstOf(IEnumerable<string> specification) =>
        specification.Select(NameOf).FirstOrDefault(_values.ContainsKey);

    /// <summary>Reads the words.</summary>
    /// <param name="words">The words after the command.</param>
    /// <param name="specification">Names with a following <c>=</c> where a value is taken; other spellings after a bar: <c>--interface=|-i</c>;
    /// with <c>=+</c> it may be repeated.</param>
    public static OptionReader Read(string[] words, params string[] specification)
    {
        var reader = new OptionReader();
        var known = new Dictionary<string, (string Name, bool TakesValue, bool MayRepeat)>(StringComparer.Ordinal);
        foreach (string line in specification)
        {
            string[] spellings = line.Split('|');
            foreach (string spelling in spellings) known[spelling.TrimEnd('=', '+')] = (NameOf(line), spellings[0].Contains('='), spellings[0].EndsWith('+'));
        }

        for (int i = 0; i < words.Length && reader.Problem is null; i++)
        {
            string word = words[i];
            if (word.Length < 2 || word[0] != '-')
            {
                reader.Operands.Add(word);
                continue;
            }

            int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
            string spelling = equals < 0 ? word : word[..equals];
            if (!known.TryGetValue(spelling, out (string Name, bool TakesValue, bool MayRepeat) option))
                reader.Problem = $"unknown option '{word}': try --help";
            else if (!option.TakesValue)
                reader.Take(option.Name, "", equals < 0 ? null : $"{spelling} takes no value");
            else if (equals >= 0)
                reader.Take(option.Name, word[(equals + 1)..], null, option.MayRepeat);
            else if (i + 1 < words.Length)
                reader.Take(option.Name, words[++i], null, option.MayRepeat);
            else
                reader.Problem = $"{spelling} needs a value: try --help";
        }

        return reader;
    }

    private static string NameOf(string specification) => specification.Split('|')[0].TrimEnd('=', '+');

    private void Take(string name, string value, string? problem, bool mayRepeat = false)
    {
        if (mayRepeat) _repeated.Add((name, value));
        Problem = problem ?? (_values.TryAdd(name, value) || mayRepeat ? null : $"{name} is given twice");
    }
}
