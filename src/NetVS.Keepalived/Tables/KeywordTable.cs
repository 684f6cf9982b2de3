using System.Collections.Immutable;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Keepalived.Tables;

/// <summary>The keywords of one kind of block. Adding a keyword is one line here, and the member of its record.</summary>
/// <remarks>
/// In messages, <c>%n</c> stands for the record's name, <c>%v</c> for the value that is wrong. A keyword with a wrong value is
/// ignored, the value before it stays, unless its line says otherwise.
/// </remarks>
/// <typeparam name="T">The record that the block is read into.</typeparam>
internal sealed class KeywordTable<T>(string name) : IKeywordTable
    where T : IConfigurationBlock
{
    private readonly Dictionary<string, Keyword<T>> _keywords = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, KeywordSupport>> Keywords =>
        _keywords.Select(k => new KeyValuePair<string, KeywordSupport>(k.Key, k.Value.Support));

    /// <summary>The keyword of a name, or null.</summary>
    public Keyword<T>? Find(string keyword) => _keywords.GetValueOrDefault(keyword);

    /// <summary>The keywords from here on are of this support.</summary>
    public KeywordTable<T> Support(KeywordSupport support)
    {
        _support = support;
        return this;
    }

    /// <summary>Says of keywords that were added that they are acted on while the daemon runs.</summary>
    public KeywordTable<T> Run(params string[] keywords) => Note(KeywordSupport.Run, keywords);

    /// <summary>Says it of all keywords so far of which nothing was said.</summary>
    public KeywordTable<T> RunAll() => Run([.. _keywords.Where(k => k.Value.Support == KeywordSupport.Unknown).Select(k => k.Key)]);

    /// <summary>Says of keywords that were added that the part they belong to refuses a configuration with them.</summary>
    public KeywordTable<T> Refused(params string[] keywords) => Note(KeywordSupport.Refused, keywords);

    /// <summary>Says of keywords that were added that they have no effect, and that the part they belong to says so where they would have one.</summary>
    public KeywordTable<T> Reported(params string[] keywords) => Note(KeywordSupport.Unsupported, keywords);

    /// <summary>Keywords that were added, are read and checked, have no effect, and are reported by name wherever they stand.</summary>
    /// <param name="reason">What to do, or why nothing need be done.</param>
    /// <param name="keywords">The keywords.</param>
    public KeywordTable<T> Idle(string reason, params string[] keywords)
    {
        foreach (string name in keywords)
        {
            Keyword<T> keyword = _keywords[name];
            _keywords[name] = new Keyword<T>(KeywordSupport.Unsupported, (reader, statement, record) =>
            {
                ReportIdle(reader, statement, name, reason);
                return keyword.Read(reader, statement, record);
            });
        }

        return this;
    }

    private KeywordSupport _support = KeywordSupport.Unknown;

    private static void ReportIdle(BlockReader reader, Statement statement, string keyword, string reason) =>
        reader.Diagnostics.NotSupported(statement.Position, $"'{keyword}' has no effect in NetVS", reason);

    private KeywordTable<T> Note(KeywordSupport support, string[] keywords)
    {
        foreach (string keyword in keywords) _keywords[keyword] = _keywords[keyword] with { Support = support };
        return this;
    }

    /// <summary>A keyword that is read in a way of its own.</summary>
    public KeywordTable<T> On(string keyword, Func<BlockReader, Statement, T, T> read)
    {
        _keywords.Add(keyword, new Keyword<T>(_support, read));
        return this;
    }

    /// <summary>Another spelling.</summary>
    public KeywordTable<T> Alias(string keyword, string of)
    {
        _keywords.Add(keyword, _keywords[of]);
        return this;
    }

    /// <summary>Keywords that NetVS names and does not follow.</summary>
    /// <param name="reason">What to do, or why nothing need be done.</param>
    /// <param name="keywords">The keywords.</param>
    public KeywordTable<T> Unsupported(string reason, params string[] keywords)
    {
        foreach (string keyword in keywords)
        {
            _keywords.Add(keyword, new Keyword<T>(KeywordSupport.Unsupported, (reader, statement, record) =>
            {
                ReportIdle(reader, statement, keyword, reason);
                reader.SkipBlockIfAny();
                return record;
            }));
        }

        return this;
    }

    /// <summary>A word.</summary>
    public KeywordTable<T> Text(string keyword, Func<T, string, T> set) => On(keyword, (reader, statement, record) =>
        reader.TryTake(statement, 1, out Word word) ? set(record, word.Text) : record);

    /// <summary>No value; words after it are ignored.</summary>
    public KeywordTable<T> Flag(string keyword, Func<T, T> set) => On(keyword, (_, _, record) => set(record));

    /// <summary>A whole number in a range.</summary>
    /// <param name="keyword">The keyword.</param>
    /// <param name="least">The least.</param>
    /// <param name="most">The greatest.</param>
    /// <param name="set">Puts it into the record.</param>
    /// <param name="error">keepalived's words when it is wrong; null when it only says why.</param>
    /// <param name="fallback">What holds then; null when the value before stays.</param>
    /// <param name="zero">What is said when 0, just below the range, becomes 1.</param>
    public KeywordTable<T> Number(
        string keyword, long least, long most, Func<T, long, T> set, string? error = null, Func<T, T>? fallback = null, string? zero = null) =>
        On(keyword, (reader, statement, record) =>
        {
            if (!reader.TryTake(statement, 1, out Word word)) return record;
            if (zero is not null && word.Text == "0")
            {
                reader.Warn(word, record, zero);
                return set(record, 1);
            }

            if (Values.NumberText.TryParse(word.Text, zero is null ? least : 0, most, out long number, out string complaint)) return set(record, number);
            reader.BadNumber(word, record, complaint, error);
            return fallback is null ? record : fallback(record);
        });

    /// <summary>Seconds with up to six decimals.</summary>
    /// <param name="keyword">The keyword.</param>
    /// <param name="least">The least, in seconds.</param>
    /// <param name="most">The greatest, in seconds.</param>
    /// <param name="set">Puts it into the record.</param>
    /// <param name="error">keepalived's words when it is wrong; null when it only says why.</param>
    public KeywordTable<T> Timer(string keyword, decimal least, decimal most, Func<T, TimeSpan, T> set, string? error = null) =>
        On(keyword, (reader, statement, record) =>
            reader.TryTake(statement, 1, out Word word) && reader.TryReadTimer(word, record, least, most, error, out TimeSpan time) ? set(record, time) : record);

    /// <summary>on, off, true, false, yes or no.</summary>
    /// <param name="keyword">The keyword.</param>
    /// <param name="set">Puts it into the record.</param>
    /// <param name="error">keepalived's words when it is something else.</param>
    /// <param name="isOptional">Whether no word means on.</param>
    public KeywordTable<T> OnOff(string keyword, Func<T, bool, T> set, string error, bool isOptional = true) => On(keyword, (reader, statement, record) =>
    {
        if (isOptional && statement.Words.Count < 2) return set(record, true);
        if (!reader.TryTake(statement, 1, out Word word)) return record;
        if (Values.OnOffText.TryParse(word.Text, out bool isOn)) return set(record, isOn);
        reader.Error(word, record, error, "write on, off, true, false, yes or no");
        return record;
    });

    /// <summary>An address of either family.</summary>
    public KeywordTable<T> Address(string keyword, Func<T, IpAddress, T> set, string error) => On(keyword, (reader, statement, record) =>
    {
        if (!reader.TryTake(statement, 1, out Word word)) return record;
        if (IpAddress.TryParse(word.Text, out IpAddress address)) return set(record, address);
        reader.Error(word, record, error, "write a numeric address; names are not looked up");
        return record;
    });

    /// <summary>A script with its user; a second one is ignored where <paramref name="get"/> is given.</summary>
    public KeywordTable<T> Script(string keyword, Func<T, ScriptCommand, T> set, Func<T, ScriptCommand?>? get = null, ScriptSide side = ScriptSide.Vrrp, bool takesUser = true) =>
        On(keyword, (reader, statement, record) =>
        {
            if (reader.Scripts.TryRead(statement, side, takesUser) is not { } script) return record;
            if (get?.Invoke(record) is null) return set(record, script);
            reader.ErrorAt(script.Position, $"({record.Name}) {keyword} script already specified - ignoring {script.Program}", "take one of them out");
            return record;
        });

    /// <summary>A block of entries, one a line.</summary>
    /// <param name="keyword">The keyword.</param>
    /// <param name="read">Reads an entry; null drops it, the reason was reported.</param>
    /// <param name="set">Adds entries to the record.</param>
    public KeywordTable<T> Lines<TItem>(string keyword, Func<BlockReader, Statement, T, TItem?> read, Func<T, ImmutableList<TItem>, T> set)
        where TItem : class => On(keyword, (reader, _, record) =>
    {
        // One by one, so that an entry is read in the light of those before it; an empty block counts as said, too.
        record = set(record, []);
        foreach (Statement line in reader.ReadLines())
        {
            if (read(reader, line, record) is { } item) record = set(record, [item]);
        }

        return record;
    });

    /// <summary>A block of keywords.</summary>
    /// <param name="keyword">The keyword.</param>
    /// <param name="table">The block's keywords.</param>
    /// <param name="make">The record before its first keyword, from the statement; null to skip the block, the reason was reported.</param>
    /// <param name="set">Puts the record into this one; the reader can still complain and drop it.</param>
    public KeywordTable<T> Block<TChild>(
        string keyword, KeywordTable<TChild> table, Func<BlockReader, Statement, T, TChild?> make, Func<BlockReader, T, TChild, T> set)
        where TChild : class, IConfigurationBlock => On(keyword, (reader, statement, record) =>
    {
        if (make(reader, statement, record) is { } child) return set(reader, record, reader.ReadBlock(table, child));
        reader.SkipBlockIfAny();
        return record;
    });
}
