using System.Numerics;

namespace NetVS.Director.Network;

/// <summary>Longest-prefix match over numbers of one width, immutable.</summary>
/// <remarks>
/// Prefixes are nested or disjoint, so n of them cut the number line into at most 2n+1 ranges in each of which one prefix
/// is the longest match. The ranges are laid out in order when the table is built; a lookup is one binary search over their
/// starts, with no branch to mispredict: 5 steps for a handful of routes, 15 for ten thousand. A trie saves a few of those
/// steps and costs a kilobyte per node and a slower rebuild; routes are looked up per connection, not per packet.
/// </remarks>
/// <typeparam name="TKey">uint for IPv4, UInt128 for IPv6; host order.</typeparam>
internal sealed class PrefixRanges<TKey>
    where TKey : unmanaged, IBinaryInteger<TKey>, IUnsignedNumber<TKey>, IMinMaxValue<TKey>
{
    /// <summary>What <see cref="Find"/> answers where no prefix matches.</summary>
    public const int NoMatch = -1;

    private readonly TKey[] _starts;
    private readonly int[] _values;

    private PrefixRanges(TKey[] starts, int[] values)
    {
        _starts = starts;
        _values = values;
    }

    /// <summary>How many ranges there are; at least one.</summary>
    public int Count => _starts.Length;

    /// <summary>Builds the table. Of equal prefixes only one may be given.</summary>
    /// <param name="prefixes">Prefixes; bits beyond the length must be zero. Sorted in place.</param>
    public static PrefixRanges<TKey> Build(List<(TKey Start, int Length, int Value)> prefixes)
    {
        prefixes.Sort(static (a, b) =>
        {
            int start = a.Start.CompareTo(b.Start);
            return start != 0 ? start : a.Length.CompareTo(b.Length);
        });

        var starts = new List<TKey>((2 * prefixes.Count) + 1);
        var values = new List<int>((2 * prefixes.Count) + 1);
        var open = new Stack<(TKey End, int Value)>();
        Begin(TKey.Zero, NoMatch);
        foreach ((TKey start, int length, int value) in prefixes)
        {
            CloseUntil(start);
            open.Push((LastOf(start, length), value));
            Begin(start, value);
        }

        while (open.Count > 0) Close();
        return new PrefixRanges<TKey>([.. starts], [.. values]);

        void CloseUntil(TKey start)
        {
            while (open.Count > 0 && open.Peek().End < start) Close();
        }

        void Close()
        {
            TKey end = open.Pop().End;
            if (end != TKey.MaxValue) Begin(end + TKey.One, open.Count > 0 ? open.Peek().Value : NoMatch);
        }

        void Begin(TKey start, int value)
        {
            int last = starts.Count - 1;
            if (last >= 0 && starts[last] == start)
            {
                values[last] = value;
            }
            else if (last < 0 || values[last] != value)
            {
                starts.Add(start);
                values.Add(value);
            }
        }
    }

    /// <summary>The value of the longest prefix that holds the key, or <see cref="NoMatch"/>.</summary>
    public int Find(TKey key)
    {
        TKey[] starts = _starts;
        int low = 0;
        int count = starts.Length;
        while (count > 1)
        {
            int half = count >> 1;
            low = starts[low + half] <= key ? low + half : low;
            count -= half;
        }

        return _values[low];
    }

    /// <summary>The prefix's last number.</summary>
    internal static TKey LastOf(TKey start, int length) => start | HostMask(length);

    /// <summary>The prefix's first number.</summary>
    internal static TKey FirstOf(TKey any, int length) => any & ~HostMask(length);

    // A shift by the full width is undefined in effect (the count is taken modulo the width), hence the case for length 0.
    private static TKey HostMask(int length) => length == 0 ? TKey.MaxValue : ~(TKey.MaxValue << (Width - length));

    private static int Width { get; } = int.CreateChecked(TKey.PopCount(TKey.MaxValue));
}
