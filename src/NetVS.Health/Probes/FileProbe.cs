using System.Globalization;
using NetVS.Health.Checks;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Probes;

/// <summary>FILE_CHECK: the number in a tracked file (reference §4.6, §6.10).</summary>
internal sealed class FileProbe(TrackFile file, int weight, bool isReversed) : IProbe
{
    private const int MostOctets = 128;
    private long _value;

    /// <summary>How often a file is looked at.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Target { get; } = file.File ?? "";

    /// <inheritdoc/>
    public ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation) => ValueTask.FromResult(Ask());

    /// <summary>Looks at the file at once.</summary>
    public ProbeResult Ask()
    {
        _value = Read(Target, _value);
        return Judge(_value, weight, isReversed);
    }

    /// <summary>The number in a file; 0 if it is missing, empty or something else, the former value if it has more than 32 bits.</summary>
    internal static long Read(string path, long former)
    {
        string text;
        try
        {
            using FileStream stream = File.OpenRead(path);
            var octets = new byte[MostOctets];
            text = System.Text.Encoding.Latin1.GetString(octets, 0, stream.ReadAtLeast(octets, MostOctets, throwOnEndOfStream: false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return 0;
        }

        return TryParse(text, out long value) ? value is >= int.MinValue and <= int.MaxValue ? value : former : 0;
    }

    /// <summary>Reads C's notation of integers: decimal, 0x…, 0….</summary>
    internal static bool TryParse(string text, out long value)
    {
        value = 0;
        bool isNegative = text.StartsWith('-');
        string digits = isNegative || text.StartsWith('+') ? text[1..] : text;
        if (digits.Length == 0) return false;
        bool isHex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isOctal = !isHex && digits.Length > 1 && digits[0] == '0';
        if (isOctal)
        {
            foreach (char c in digits)
            {
                if (c is < '0' or > '7') return false;
                value = Math.Min((value * 8) + (c - '0'), long.MaxValue / 16);
            }
        }
        else if (!long.TryParse(isHex ? digits[2..] : digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            if (digits.Length < 17 || !digits.All(char.IsAsciiHexDigit)) return false;
            value = long.MaxValue / 16;
        }

        if (value < 0) value = long.MaxValue / 16;
        if (isNegative) value = -value;
        return true;
    }

    /// <summary>What a number says: with weight 0 whether the server is up, else what is added to its weight.</summary>
    internal static ProbeResult Judge(long value, int weight, bool isReversed)
    {
        if (weight == 0) return value != 0 == isReversed ? ProbeResult.Success : ProbeResult.Failure($"the number is {value}");
        long product = value * weight;
        if (isReversed) product = -product;
        return product <= int.MinValue ? ProbeResult.Failure($"{value} times {weight} takes it out") : new ProbeResult(ProbeOutcome.Success, Weight: product);
    }
}
