using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Packets;

namespace NetVS.Keepalived.Values;

/// <summary>A route or a rule in iproute2's words (reference §4.2, §4.3).</summary>
/// <remarks>The words are checked one by one and kept as they are: the one who carries them out speaks the same language.</remarks>
internal static class RouteLine
{
    private static readonly HashSet<string> s_types =
        ["unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole", "nat", "anycast"];

    private static readonly HashSet<string> s_routeFlags =
        ["onlink", "add", "prepend", "append", "ttl-propagate", "fastopen_no_cookie", "lock", "or", "inet", "inet6"];

    // Words that a value follows.
    private static readonly HashSet<string> s_routeOptions =
    [
        "to", "via", "gw", "dev", "oif", "src", "from", "table", "scope", "protocol", "tos", "dsfield", "metric", "priority", "preference",
        "mtu", "hoplimit", "advmss", "rtt", "rttvar", "reordering", "window", "cwnd", "ssthresh", "rto_min", "initcwnd", "initrwnd",
        "quickack", "realms", "congctl", "pref", "expires", "vrf", "weight", "as", "features",
    ];

    private static readonly HashSet<string> s_ruleFlags = ["inet", "inet6", "not", "l3mdev", "nop"];

    private static readonly HashSet<string> s_ruleOptions =
    [
        "from", "to", "table", "lookup", "preference", "order", "priority", "prio", "tos", "dsfield", "fwmark", "realms", "suppress_prefixlength",
        "suppress_ifgroup", "iif", "dev", "oif", "tunnel-id", "uidrange", "protocol", "ipproto", "sport", "dport", "goto", "type",
    ];

    /// <summary>Reads a route.</summary>
    public static RouteEntry? ReadRoute(BlockReader reader, Statement line, IConfigurationBlock record) => Read(reader, line, record, isRule: false);

    /// <summary>Reads a rule.</summary>
    public static RouteEntry? ReadRule(BlockReader reader, Statement line, IConfigurationBlock record) => Read(reader, line, record, isRule: true);

    private static RouteEntry? Read(BlockReader reader, Statement line, IConfigurationBlock record, bool isRule)
    {
        var words = new List<string>();
        var entry = new RouteEntry { Position = line.Position };
        bool hasDestination = isRule, hasDevice = false, isNextHop = false;
        for (int i = 0; i < line.Words.Count; i++)
        {
            Word word = line.Words[i];
            string text = word.Text;
            if (text == "no_track")
            {
                entry = entry with { IsUntracked = true };
            }
            else if (text == "track_group")
            {
                if (!reader.TryTake(line, ++i, out Word group)) return null;
                entry = entry with { TrackGroup = group.Text };
            }
            else if (text is "nexthop" or "encap")
            {
                // Both have a little language of their own up to the end of the line.
                isNextHop = hasDevice = true;
                words.Add(text);
            }
            else if (isNextHop || (isRule ? s_ruleFlags : s_routeFlags).Contains(text) || (!isRule && !hasDestination && s_types.Contains(text)))
            {
                words.Add(text);
            }
            else if ((isRule ? s_ruleOptions : s_routeOptions).Contains(text))
            {
                if (!reader.TryTake(line, i + 1, out Word value)) return null;
                words.Add(text);
                hasDevice |= text is "dev" or "oif";
                if (text == "to")
                {
                    hasDestination = true;
                    if (!TryPrefix(reader, value, record)) return null;
                }
                else if (text == "from" && value.Text != "all" && !TryPrefix(reader, value, record))
                {
                    return null;
                }
                else if (text is "via" or "gw" && value.Text is not ("inet" or "inet6") && !IpAddress.TryParse(value.Text, out _))
                {
                    reader.Error(value, record, "invalid route via address %v", "write a numeric address");
                    return null;
                }

                words.Add(value.Text);
                i++;
            }
            else if (!hasDestination)
            {
                if (!TryPrefix(reader, word, record)) return null;
                hasDestination = true;
                words.Add(text);
            }
            else
            {
                reader.Error(word, record, isRule ? "Unknown rule keyword %v" : "unknown route keyword %v", "the words are those of 'ip route add' and 'ip rule add'");
                return null;
            }
        }

        if (!isRule && !hasDevice && !entry.IsUntracked)
            reader.Diagnostics.Warn(line.Position, $"Warning - cannot track route {words.FirstOrDefault(w => !s_types.Contains(w))} with no interface specified, not tracking", "add dev, or no_track");
        return entry with { Words = words };
    }

    private static bool TryPrefix(BlockReader reader, Word word, IConfigurationBlock record)
    {
        if (word.Text is "default" or "all" or "any" || AddressText.TryReadPrefix(reader, word, record, out _, out _)) return true;
        reader.Error(word, record, "VRRP parsed invalid IP %v. skipping IP...", "write an address with a prefix length, or default");
        return false;
    }
}
