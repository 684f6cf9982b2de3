using System.Text;
using System.Text.RegularExpressions;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Probes;

/// <summary>A regular expression for a page's body.</summary>
/// <remarks>
/// keepalived uses PCRE2, NetVS the framework's expressions, which know most of the same language. The body is matched as octets (ISO 8859-1), with the
/// option <c>utf</c> as UTF-8. A match may take a second at most. What cannot be done the same way is refused when the configuration is read.
/// </remarks>
internal sealed class PagePattern
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, RegexOptions> s_options = new()
    {
        ["caseless"] = RegexOptions.IgnoreCase,
        ["dotall"] = RegexOptions.Singleline,
        ["multiline"] = RegexOptions.Multiline,
        ["extended"] = RegexOptions.IgnorePatternWhitespace,
        ["no_auto_capture"] = RegexOptions.ExplicitCapture,

        // These change how PCRE2 works, not what it finds here.
        ["utf"] = RegexOptions.None,
        ["auto_callout"] = RegexOptions.None,
        ["dupnames"] = RegexOptions.None,
        ["never_ucp"] = RegexOptions.None,
        ["never_utf"] = RegexOptions.None,
        ["no_auto_possess"] = RegexOptions.None,
        ["no_dotstar_anchor"] = RegexOptions.None,
        ["no_start_optimize"] = RegexOptions.None,
        ["use_offset_limit"] = RegexOptions.None,
    };

    private readonly Regex _regex;
    private readonly HttpPage _page;

    private PagePattern(Regex regex, HttpPage page)
    {
        _regex = regex;
        _page = page;
    }

    /// <summary>Why a page's pattern cannot be used, or null.</summary>
    public static string? FindProblem(HttpPage page)
    {
        if (page.PatternOptions.FirstOrDefault(o => !s_options.ContainsKey(o)) is { } unknown)
            return $"regex_options {unknown} is not supported: {string.Join(", ", s_options.Keys.Order(StringComparer.Ordinal))} are";
        try
        {
            Compile(page);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"regex: {e.Message}";
        }
    }

    /// <summary>Makes it; the pattern has no problem.</summary>
    public static PagePattern Make(HttpPage page) => new(Compile(page), page);

    /// <summary>What is wrong with a body, or null.</summary>
    public string? Judge(ReadOnlySpan<byte> body)
    {
        string text = (_page.PatternOptions.Contains("utf") ? Encoding.UTF8 : Encoding.Latin1).GetString(body);
        bool isFound;
        try
        {
            isFound = Finds(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return "the regular expression takes too long";
        }

        if (isFound != _page.IsPatternNegated) return null;
        return isFound ? "the body matches the regular expression" : "the body does not match the regular expression";
    }

    private bool Finds(string text)
    {
        long from = _page.PatternMinOffset ?? 0;
        if (from > text.Length) return false;
        Match match = _regex.Match(text, (int)from);
        return match.Success && match.Index < (_page.PatternMaxOffset ?? long.MaxValue);
    }

    private static Regex Compile(HttpPage page) => new(
        page.Pattern!, page.PatternOptions.Aggregate(RegexOptions.CultureInvariant, (all, name) => all | s_options[name]), s_patience);
}
