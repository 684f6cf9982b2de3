// The language of ip-route(8) and ip-rule(8), as far as rtnetlink requests of one next hop go.
using System.Globalization;
using NetVS.Keepalived.Model;
using NetVS.Linux.Vrrp;
using NetVS.Packets;

namespace NetVS.Failover.Plan;

/// <summary>Reads the words of routes and rules; what it does not speak, it refuses by name.</summary>
internal static class RouteWords
{
    private static readonly Dictionary<string, byte> s_types = new(StringComparer.Ordinal)
    {
        ["unicast"] = 1, ["blackhole"] = 6, ["unreachable"] = 7, ["prohibit"] = 8, ["throw"] = 9,
    };

    private static readonly Dictionary<string, uint> s_tables = new(StringComparer.Ordinal) { ["default"] = 253, ["main"] = 254, ["local"] = 255 };

    private static readonly Dictionary<string, uint> s_scopes = new(StringComparer.Ordinal)
    {
        ["global"] = 0, ["universe"] = 0, ["site"] = 200, ["link"] = 253, ["host"] = 254, ["nowhere"] = 255,
    };

    private static readonly Dictionary<string, uint> s_protocols = new(StringComparer.Ordinal)
    {
        ["redirect"] = 1, ["kernel"] = 2, ["boot"] = 3, ["static"] = 4, ["keepalived"] = 18,
    };

    // RTAX_* that are plain numbers in ip's words.
    private static readonly Dictionary<string, int> s_metrics = new(StringComparer.Ordinal)
    {
        ["mtu"] = 2, ["window"] = 3, ["cwnd"] = 7, ["advmss"] = 8, ["reordering"] = 9, ["hoplimit"] = 10, ["initcwnd"] = 11, ["initrwnd"] = 14, ["quickack"] = 15,
    };

    /// <summary>Reads a route; null where it is refused.</summary>
    public static RoutePlan? ReadRoute(RouteEntry entry, string? defaultInterface, PlanProblems problems)
    {
        var words = new Queue<string>(entry.Words);
        string text = string.Join(' ', entry.Words);
        var route = new RouteRequest { Family = IpFamily.None };
        var metrics = new List<(int, uint)>();
        string? device = defaultInterface;
        bool hasDestination = false;
        string? bad = null;
        while (bad is null && words.TryDequeue(out string? word))
        {
            switch (word)
            {
                case "to" or "inet" or "inet6" or "add":
                    if (word.StartsWith("inet", StringComparison.Ordinal)) route = route with { Family = word == "inet6" ? IpFamily.V6 : IpFamily.V4 };
                    break;
                case "via" or "gw":
                    if (words.TryPeek(out string? family) && family is "inet" or "inet6") words.Dequeue();
                    if (Next(words) is { } hop && IpAddress.TryParse(hop, out IpAddress gateway)) route = route with { Gateway = gateway };
                    else bad = word;
                    break;
                case "dev" or "oif":
                    device = Next(words);
                    break;
                case "src":
                    if (IpAddress.TryParse(Next(words) ?? "", out IpAddress source)) route = route with { Source = source };
                    else bad = word;
                    break;
                case "table":
                    route = route with { Table = Number(words, s_tables, ref bad, word) };
                    break;
                case "scope":
                    route = route with { Scope = (byte)Number(words, s_scopes, ref bad, word) };
                    break;
                case "protocol":
                    route = route with { Protocol = (byte)Number(words, s_protocols, ref bad, word) };
                    break;
                case "tos" or "dsfield":
                    route = route with { Tos = (byte)Number(words, null, ref bad, word) };
                    break;
                case "metric" or "priority" or "preference":
                    route = route with { Metric = Number(words, null, ref bad, word) };
                    break;
                case "onlink":
                    route = route with { IsOnLink = true };
                    break;
                case var metric when s_metrics.TryGetValue(metric, out int kind):
                    if (words.TryPeek(out string? locked) && locked == "lock")
                    {
                        words.Dequeue();
                        route = route with { Locked = route.Locked | (1u << kind) };
                    }

                    metrics.Add((kind, Number(words, null, ref bad, word)));
                    break;
                case var type when !hasDestination && s_types.TryGetValue(type, out byte number):
                    route = route with { Type = number };
                    break;
                default:
                    if (!TryPrefix(word, out IpAddress prefix, out int length) || hasDestination) bad = word;
                    route = route with { Destination = prefix, PrefixLength = length, Family = prefix.IsNone ? route.Family : prefix.Family };
                    hasDestination = true;
                    break;
            }
        }

        if (route.Family == IpFamily.None) route = route with { Family = route.Gateway.Family == IpFamily.None ? IpFamily.V4 : route.Gateway.Family };
        if (bad is null && !route.Gateway.IsNone && route.Gateway.Family != route.Family) bad = "via of another family";
        if (bad is null && hasDestination) return new RoutePlan(route with { Metrics = metrics }, device, text, entry.Position);
        problems.Refuse(entry.Position, $"route {text}: {(bad is null ? "there is no destination" : $"'{bad}' is not supported here")}", "write what 'ip route add' takes with one next hop; set anything else in a notify script");
        return null;
    }

    /// <summary>Reads a rule; null where it is refused.</summary>
    public static RulePlan? ReadRule(RouteEntry entry, ref uint nextPreference, PlanProblems problems)
    {
        var words = new Queue<string>(entry.Words);
        string text = string.Join(' ', entry.Words);
        var rule = new RuleRequest { Family = IpFamily.None };
        bool hasPreference = false;
        string? bad = null;
        while (bad is null && words.TryDequeue(out string? word))
        {
            switch (word)
            {
                case "inet" or "inet6":
                    rule = rule with { Family = word == "inet6" ? IpFamily.V6 : IpFamily.V4 };
                    break;
                case "not":
                    rule = rule with { IsInverted = true };
                    break;
                case "from":
                    if (TryPrefix(Next(words) ?? "", out IpAddress from, out int fromLength)) rule = rule with { From = from, FromLength = fromLength, Family = from.IsNone ? rule.Family : from.Family };
                    else bad = word;
                    break;
                case "to":
                    if (TryPrefix(Next(words) ?? "", out IpAddress to, out int toLength)) rule = rule with { To = to, ToLength = toLength, Family = to.IsNone ? rule.Family : to.Family };
                    else bad = word;
                    break;
                case "table" or "lookup":
                    rule = rule with { Table = Number(words, s_tables, ref bad, word) };
                    break;
                case "preference" or "order" or "priority" or "prio":
                    rule = rule with { Preference = Number(words, null, ref bad, word) };
                    hasPreference = true;
                    break;
                case "tos" or "dsfield":
                    rule = rule with { Tos = (byte)Number(words, null, ref bad, word) };
                    break;
                case "fwmark":
                    string[] mark = (Next(words) ?? "").Split('/');
                    if (TryNumber(mark[0], out uint value)) rule = rule with { Mark = value };
                    else bad = word;
                    if (mark.Length > 1 && TryNumber(mark[1], out uint mask)) rule = rule with { MarkMask = mask };
                    else if (mark.Length > 1) bad = word;
                    break;
                case "iif" or "dev":
                    rule = rule with { InputInterface = Next(words) };
                    break;
                case "oif":
                    rule = rule with { OutputInterface = Next(words) };
                    break;
                case "type":
                    if (s_types.TryGetValue(Next(words) ?? "", out byte action) && action != 9) rule = rule with { Action = action };
                    else bad = word;
                    break;
                default:
                    bad = word;
                    break;
            }
        }

        if (bad is not null)
        {
            problems.Refuse(entry.Position, $"rule {text}: '{bad}' is not supported here", "set it in a notify script");
            return null;
        }

        if (!hasPreference) rule = rule with { Preference = nextPreference-- };
        return new RulePlan(rule.Family == IpFamily.None ? rule with { Family = IpFamily.V4 } : rule, text);
    }

    private static string? Next(Queue<string> words) => words.TryDequeue(out string? word) ? word : null;

    private static uint Number(Queue<string> words, Dictionary<string, uint>? names, ref string? bad, string keyword)
    {
        string text = Next(words) ?? "";
        if (names is not null && names.TryGetValue(text, out uint named)) return named;
        if (!TryNumber(text, out uint number)) bad = keyword;
        return number;
    }

    private static bool TryNumber(string text, out uint number) => text.StartsWith("0x", StringComparison.Ordinal)
        ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryPrefix(string text, out IpAddress address, out int length)
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
