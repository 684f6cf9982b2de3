// The language of ip-route(8) and ip-rule(8), as far as rtnetlink takes it without names of the system's own files.
using NetVS.Keepalived.Model;
using NetVS.Linux.Vrrp;
using NetVS.Packets;

namespace NetVS.Failover.Plan;

/// <summary>Reads the words of routes and rules; what it does not speak, it refuses by name.</summary>
internal static class RouteWords
{
    private const int RTAX_CC_ALGO = 16;
    private const byte RTN_LOCAL = 2, RTN_BROADCAST = 3, RTN_ANYCAST = 4, RTN_MULTICAST = 5;
    private const uint MainTable = 254, LocalTable = 255;

    private static readonly Dictionary<string, uint> s_preferences = new(StringComparer.Ordinal) { ["medium"] = 0, ["high"] = 1, ["low"] = 3 };

    /// <summary>Reads a route; null where it is refused.</summary>
    public static RoutePlan? ReadRoute(RouteEntry entry, string? defaultInterface, PlanProblems problems)
    {
        var words = new Queue<string>(entry.Words);
        string text = string.Join(' ', entry.Words);
        var route = new RouteRequest { Family = IpFamily.None };
        var metrics = new List<(int, uint)>();
        string? device = defaultInterface;
        var hops = new List<RouteHopPlan>();
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
                    if (RouteNumbers.Next(words) is { } hop && IpAddress.TryParse(hop, out IpAddress gateway)) route = route with { Gateway = gateway };
                    else bad = word;
                    break;
                case "dev" or "oif":
                    device = RouteNumbers.Next(words);
                    break;
                case "src":
                    if (IpAddress.TryParse(RouteNumbers.Next(words) ?? "", out IpAddress source)) route = route with { Source = source };
                    else bad = word;
                    break;
                case "table":
                    route = route with { Table = RouteNumbers.Number(words, RouteNumbers.Tables, ref bad, word) };
                    break;
                case "scope":
                    route = route with { Scope = (byte)RouteNumbers.Number(words, RouteNumbers.Scopes, ref bad, word) };
                    break;
                case "protocol":
                    route = route with { Protocol = (byte)RouteNumbers.Number(words, RouteNumbers.Protocols, ref bad, word) };
                    break;
                case "tos" or "dsfield":
                    route = route with { Tos = (byte)RouteNumbers.Number(words, null, ref bad, word) };
                    break;
                case "metric" or "priority" or "preference":
                    route = route with { Metric = RouteNumbers.Number(words, null, ref bad, word) };
                    break;
                case "nexthop":
                    hops.Add(RouteHopWords.Read(words, ref bad));
                    break;
                case "encap":
                    route = route with { Encapsulation = RouteHopWords.ReadEncapsulation(words, ref bad) };
                    break;
                case "from":
                    if (RouteNumbers.TryPrefix(RouteNumbers.Next(words) ?? "", out IpAddress from, out int fromLength)) route = route with { From = from, FromLength = fromLength };
                    else bad = word;
                    break;
                case "realms":
                    route = route with { Realms = RouteNumbers.Realms(words, ref bad, word) };
                    break;
                case "pref":
                    route = route with { Preference = (byte)RouteNumbers.Number(words, s_preferences, ref bad, word) };
                    break;
                case "expires":
                    route = route with { Expires = RouteNumbers.Number(words, null, ref bad, word) };
                    break;
                case "congctl":
                    TakeLock(words, RTAX_CC_ALGO, ref route);
                    route = route with { CongestionControl = RouteNumbers.Next(words) };
                    break;
                case "append" or "prepend":
                    route = route with { IsBeforeOthers = word == "prepend" };
                    break;
                case "onlink":
                    route = route with { IsOnLink = true };
                    break;
                case var metric when RouteNumbers.Metrics.TryGetValue(metric, out int kind):
                    TakeLock(words, kind, ref route);
                    metrics.Add((kind, RouteNumbers.Number(words, null, ref bad, word)));
                    break;
                case var time when RouteNumbers.Times.TryGetValue(time, out (int Kind, uint PerMillisecond) measure):
                    TakeLock(words, measure.Kind, ref route);
                    metrics.Add((measure.Kind, RouteNumbers.Time(words, measure.PerMillisecond, ref bad, word)));
                    break;
                case var type when !hasDestination && RouteNumbers.Types.TryGetValue(type, out byte number):
                    route = route with { Type = number };
                    break;
                default:
                    if (!RouteNumbers.TryPrefix(word, out IpAddress prefix, out int length) || hasDestination) bad = word;
                    route = route with { Destination = prefix, PrefixLength = length, Family = prefix.IsNone ? route.Family : prefix.Family };
                    hasDestination = true;
                    break;
            }
        }

        if (route.Family == IpFamily.None)
        {
            IpFamily gateway = hops.Select(h => h.Request.Gateway.Family).Append(route.Gateway.Family).FirstOrDefault(f => f != IpFamily.None);
            route = route with { Family = gateway == IpFamily.None ? IpFamily.V4 : gateway };
        }

        bad ??= FindMismatch(route, hops);
        if (bad is null && !hasDestination) bad = "";
        if (bad is null)
        {
            return new RoutePlan(Complete(route) with { Metrics = metrics }, hops.Count > 0 ? null : device, text, entry.Position)
            {
                Hops = hops, IsUntracked = entry.IsUntracked || (device is null && hops.All(h => h.Interface is null)),
            };
        }

        problems.Refuse(entry.Position, $"route {text}: {(bad.Length == 0 ? "there is no destination" : $"'{bad}' is not supported here")}", "write what 'ip route add' takes, numbers for names; set anything else in a notify script");
        return null;
    }

    private static string? FindMismatch(RouteRequest route, List<RouteHopPlan> hops)
    {
        if (!route.Gateway.IsNone && route.Gateway.Family != route.Family) return "via of another family";
        if (hops.Exists(h => !h.Request.Gateway.IsNone && h.Request.Gateway.Family != route.Family)) return "nexthop of another family";
        if (hops.Count > 0 && !route.Gateway.IsNone) return "via besides nexthop";
        return route.Family == IpFamily.V4 && (route.Expires is not null || route.FromLength > 0 || route.Preference is not null) ? "expires, from or pref in IPv4" : null;
    }

    // What ip-route(8) fills in for kinds of route that are not unicast.
    private static RouteRequest Complete(RouteRequest route)
    {
        if (route.Type is not (RTN_LOCAL or RTN_BROADCAST or RTN_ANYCAST or RTN_MULTICAST)) return route;
        bool isOfLocalTable = route.Type != RTN_MULTICAST && route.Table == MainTable;
        byte? scope = route.Scope ?? (route.Family == IpFamily.V6 ? null : route.Type == RTN_LOCAL ? (byte)254 : (byte)253);
        return route with { Table = isOfLocalTable ? LocalTable : route.Table, Scope = scope };
    }

    private static void TakeLock(Queue<string> words, int kind, ref RouteRequest route)
    {
        if (!words.TryPeek(out string? locked) || locked != "lock") return;
        words.Dequeue();
        route = route with { Locked = route.Locked | (1u << kind) };
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
                    if (RouteNumbers.TryPrefix(RouteNumbers.Next(words) ?? "", out IpAddress from, out int fromLength)) rule = rule with { From = from, FromLength = fromLength, Family = from.IsNone ? rule.Family : from.Family };
                    else bad = word;
                    break;
                case "to":
                    if (RouteNumbers.TryPrefix(RouteNumbers.Next(words) ?? "", out IpAddress to, out int toLength)) rule = rule with { To = to, ToLength = toLength, Family = to.IsNone ? rule.Family : to.Family };
                    else bad = word;
                    break;
                case "table" or "lookup":
                    rule = rule with { Table = RouteNumbers.Number(words, RouteNumbers.Tables, ref bad, word) };
                    break;
                case "preference" or "order" or "priority" or "prio":
                    rule = rule with { Preference = RouteNumbers.Number(words, null, ref bad, word) };
                    hasPreference = true;
                    break;
                case "tos" or "dsfield":
                    rule = rule with { Tos = (byte)RouteNumbers.Number(words, null, ref bad, word) };
                    break;
                case "fwmark":
                    string[] mark = (RouteNumbers.Next(words) ?? "").Split('/');
                    if (RouteNumbers.TryNumber(mark[0], out uint value)) rule = rule with { Mark = value };
                    else bad = word;
                    if (mark.Length > 1 && RouteNumbers.TryNumber(mark[1], out uint mask)) rule = rule with { MarkMask = mask };
                    else if (mark.Length > 1) bad = word;
                    break;
                case "iif" or "dev":
                    rule = rule with { InputInterface = RouteNumbers.Next(words) };
                    break;
                case "oif":
                    rule = rule with { OutputInterface = RouteNumbers.Next(words) };
                    break;
                case "type":
                    if (RouteNumbers.Types.TryGetValue(RouteNumbers.Next(words) ?? "", out byte action) && action is 1 or 6 or 7 or 8) rule = rule with { Action = action };
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
        return new RulePlan(rule.Family == IpFamily.None ? rule with { Family = IpFamily.V4 } : rule, text) { IsUntracked = entry.IsUntracked };
    }
}
