using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NetVS.Director;

/// <summary>Processors a thread may run on, as Linux writes them: <c>0-3,6</c>. Never changes.</summary>
public sealed class ProcessorSet
{
    /// <summary>Processors are numbered below this.</summary>
    public const int Most = 1024;

    private readonly ulong[] _mask;
    private readonly string _text;

    private ProcessorSet(ulong[] mask, string text)
    {
        _mask = mask;
        _text = text;
    }

    /// <summary>Every processor: written <c>all</c>.</summary>
    public static ProcessorSet All { get; } = new([.. Enumerable.Repeat(ulong.MaxValue, Most / 64)], "all");

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => !_mask.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>A bit for each processor, the lowest of the first word for processor 0.</summary>
    public ReadOnlySpan<ulong> Mask => _mask;

    /// <summary>Reads a list.</summary>
    /// <param name="text">Numbers and ranges with commas between them; <c>all</c>; or nothing for none.</param>
    /// <param name="processors">The set.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ProcessorSet? processors)
    {
        ArgumentNullException.ThrowIfNull(text);
        processors = null;
        text = text.Trim();
        if (text == All._text)
        {
            processors = All;
            return true;
        }

        ulong[] mask = new ulong[Most / 64];
        foreach (string part in text.Length == 0 ? [] : text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryParseNumber(ends[0], out int first) || !TryParseNumber(ends[^1], out int last) || first > last) return false;
            for (int at = first; at <= last; at++) mask[at / 64] |= 1UL << (at % 64);
        }

        processors = new ProcessorSet(mask, text);
        return true;
    }

    /// <summary>The list as it was written.</summary>
    public override string ToString() => _text;

    private static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Most;
}
