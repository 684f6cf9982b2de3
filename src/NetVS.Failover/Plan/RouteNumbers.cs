using System.Globalization;
using NetVS.Packets;

namespace NetVS.Failover.Plan;

/// <summary>Numbers, names and prefixes as ip(8) writes them.</summary>
internal static class RouteNumbers
{
    /// <summary>Kinds of route: RTN_*.</summary>
    public static readonly Dictionary<string, byte> Types = new(StringComparer.Ordinal)
    {
        ["unicast"] = 1, ["local"] = 2, ["broadcast"] = 3, ["anycast"] = 4, ["multicast"] = 5, ["blackhole"] = 6, ["unreachable"] = 7, ["prohibit"] = 8, ["throw"] = 9,
    };

    /// <summary>Tables that have names.</summary>
    public static readonly Dictionary<string, uint> Tables = new(StringComparer.Ordinal) { ["default"] = 253, ["main"] = 254, ["local"] = 255 };

    /// <summary>Scopes that have names.</summary>
    public static readonly Dictionary<string, uint> Scopes = new(StringComparer.Ordinal)
    {
        ["global"] = 0, ["universe"] = 0, ["site"] = 200, ["link"] = 253, ["host"] = 254, ["nowhere"] = 255,
    };

    /// <summary>Routing protocols that have names.</summary>
    public static readonly Dictionary<string, uint> Protocols = new(StringComparer.Ordinal)
    {
        ["redirect"] = 1, ["kernel"] = 2, ["boot"] = 3, ["static"] = 4, ["keepalived"] = 18,
    };

    /// <summary>RTAX_* that are plain numbers in ip's words.</summary>
    public static readonly Dictionary<string, int> Metrics = new(StringComparer.Ordinal)
    {
        ["mtu"] = 2, ["window"] = 3, ["ssthresh"] = 6, ["cwnd"] = 7, ["advmss"] = 8, ["reordering"] = 9, ["hoplimit"] = 10, ["initcwnd"] = 11, ["initrwnd"] = 14, ["quickack"] = 15,
    };

    /// <summary>RTAX_* that are times, and what the kernel counts in a millisecond.</summary>
    public static readonly Dictionary<string, (int Kind, uint PerMillisecond)> Times = new(StringComparer.Ordinal)
    {
        ["rtt"] = (4, 8), ["rttvar"] = (5, 4), ["rto_min"] = (13, 1),
    };

    /// <summary>The next word, or null.</summary>
    public static string? Next(Queue<string> words) => words.TryDequeue(out string? word) ? word : null;

    /// <summary>The number, or the name of one, that must follow a keyword.</summary>
    public static uint Number(Queue<string> words, Dictionary<string, uint>? names, ref string? bad, string keyword)
    {
        string text = Next(words) ?? "";
        if (names is not null && names.TryGetValue(text, out uint named)) return named;
        if (!TryNumber(text, out uint number)) bad = keyword;
        return number;
    }

    /// <summary>The address that must follow a keyword.</summary>
    public static IpAddress Address(Queue<string> words, ref string? bad, string keyword)
    {
        if (!IpAddress.TryParse(Next(words) ?? "", out IpAddress address)) bad = keyword;
        return address;
    }

    /// <summary>The time that must follow a keyword: 20ms, 1s; a bare number is in the kernel's own unit.</summary>
    public static uint Time(Queue<string> words, uint perMillisecond, ref string? bad, string keyword)
    {
        string text = Next(words) ?? "";
        (string digits, uint factor) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], perMillisecond)
            : text.EndsWith('s') ? (text[..^1], 1000 * perMillisecond) : (text, 1u);
        if (TryNumber(digits, out uint number) && number <= uint.MaxValue / factor) return number * factor;
        bad = keyword;
        return 0;
    }

    /// <summary>[FROM/]TO, by numbers.</summary>
    public static uint Realms(Queue<string> words, ref string? bad, string keyword)
    {
        string[] parts = (Next(words) ?? "").Split('/');
        uint from = 0;
        if (parts.Length <= 2 && TryNumber(parts[^1], out uint to) && to <= ushort.MaxValue && (parts.Length == 1 || (TryNumber(parts[0], out from) && from <= ushort.MaxValue)))
            return (from << 16) | to;
        bad = keyword;
        return 0;
    }

    /// <summary>A number, decimal or 0x….</summary>
    public static bool TryNumber(string text, out uint number) => text.StartsWith("0x", StringComparison.Ordinal)
        ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>An address with a prefix length, or default.</summary>
    public static bool TryPrefix(string text, out IpAddress address, out int length)
    {
        address = default;
        length = 0;
        if (text is "default" or "all" or "any") return true;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IpAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out address)) return false;
        int most = address.Size * 8;
        length = most;
        return slash < 0 || (int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= most);
    }
}
