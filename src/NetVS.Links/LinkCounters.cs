using System.Text;

namespace NetVS.Links;

/// <summary>The counters of one link.</summary>
/// <remarks>Threads: one writer, the worker; any reader. Aligned 64-bit words are read and written whole.</remarks>
public sealed class LinkCounters
{
    private static readonly string[] s_names = [.. Enum.GetNames<LinkCounter>().Select(ToMetricName)];

    // A cache line of room on both sides: links of different workers may be allocated side by side.
    private const int Padding = 8;
    private readonly long[] _values = new long[Padding + Enum.GetValues<LinkCounter>().Length + Padding];

    /// <summary>The value of one counter. Thread: any.</summary>
    public long this[LinkCounter counter] => Volatile.Read(ref _values[Padding + (int)counter]);

    /// <summary>The name for metrics and JSON, such as "transmit_ring_full".</summary>
    public static string NameOf(LinkCounter counter) => s_names[(int)counter];

    /// <summary>Adds to a counter. Thread: the link's worker.</summary>
    public void Add(LinkCounter counter, long amount = 1) =>
        _values[Padding + (int)counter] = unchecked(_values[Padding + (int)counter] + amount);

    /// <summary>Sets a counter the kernel keeps. Thread: the link's worker.</summary>
    public void Set(LinkCounter counter, long value) => _values[Padding + (int)counter] = value;

    /// <summary>All counters by name, as they are now. Thread: any.</summary>
    public IReadOnlyDictionary<string, long> ToDictionary()
    {
        var all = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (LinkCounter counter in Enum.GetValues<LinkCounter>()) all.Add(NameOf(counter), this[counter]);
        return all;
    }

    private static string ToMetricName(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0) text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
