using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Packets;

namespace NetVS.Keepalived.Values;

/// <summary>A line of virtual_ipaddress, virtual_ipaddress_excluded or static_ipaddress (reference §4.1).</summary>
internal static class AddressEntry
{
    private const int LongestLabel = 15;

    private static readonly string[] s_scopes = ["host", "link", "site", "global", "nowhere", "universe"];

    private sealed class Reading(BlockReader reader, Statement line, IConfigurationBlock record, bool isStatic)
    {
        public BlockReader Reader => reader;

        public Statement Line => line;

        public IConfigurationBlock Record => record;

        public bool IsStatic => isStatic;

        public required ConfiguredAddress Entry { get; set; }

        public bool IsDropped { get; set; }

        public void Drop(Word word, string message)
        {
            Reader.Error(word, Record, message);
            IsDropped = true;
        }
    }

    // Options with a value: what is done with it.
    private static readonly Dictionary<string, Action<Reading, Word>> s_options = new(StringComparer.Ordinal)
    {
        ["dev"] = (r, w) => SetInterface(r, w),
        ["scope"] = SetScope,
        ["label"] = SetLabel,
        ["peer"] = SetPeer,
        ["brd"] = SetBroadcast,
        ["broadcast"] = SetBroadcast,
        ["preferred_lft"] = SetLifetime,
        ["track_group"] = (r, w) => r.Entry = r.Entry with { TrackGroup = w.Text },
    };

    private static readonly Dictionary<string, Func<ConfiguredAddress, ConfiguredAddress>> s_flags = new(StringComparer.Ordinal)
    {
        ["home"] = e => e with { IsHome = true },
        ["-nodad"] = e => e with { HasDuplicateDetection = true },
        ["mngtmpaddr"] = e => e with { HasTemporaryAddresses = true },
        ["noprefixroute"] = e => e with { HasNoPrefixRoute = true },
        ["autojoin"] = e => e with { IsAutojoin = true },
        ["no_track"] = e => e with { IsUntracked = true },
        ["use_vmac"] = e => e with { UsesVirtualMac = true },
    };

    /// <summary>Reads a line.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="line">The line.</param>
    /// <param name="record">The block.</param>
    /// <param name="family">The family it must have; none for any.</param>
    /// <param name="isStatic">Whether it is a static address.</param>
    public static ConfiguredAddress? Read(BlockReader reader, Statement line, IConfigurationBlock record, IpFamily family, bool isStatic)
    {
        if (line[0] is not { } first) return null;
        if (!AddressText.TryReadPrefix(reader, first, record, out IpAddress address, out int length))
        {
            reader.Error(first, record, "VRRP parsed invalid IP %v. skipping IP...", "an entry begins with a numeric address");
            return null;
        }

        if (family != IpFamily.None && address.Family != family)
        {
            reader.Error(first, record, "(%n): address family must match VRRP instance [%v] - ignoring", "put addresses of the other family into virtual_ipaddress_excluded");
            return null;
        }

        var reading = new Reading(reader, line, record, isStatic) { Entry = new ConfiguredAddress { Address = address, PrefixLength = length, Position = first.Position } };
        for (int i = 1; i < line.Words.Count && !reading.IsDropped; i++)
        {
            Word word = line[i]!;
            bool isKnown = s_options.TryGetValue(word.Text, out Action<Reading, Word>? set) && (word.Text != "track_group" || isStatic);
            if (isKnown)
            {
                if (line[++i] is { } value) set!(reading, value);
                else reading.Drop(word, $"No {word.Text} parameter specified for {first.Text}");
            }
            else if (s_flags.TryGetValue(word.Text, out Func<ConfiguredAddress, ConfiguredAddress>? flag))
            {
                reading.Entry = flag(reading.Entry);
            }
            else
            {
                reader.Error(word, record, "Unknown configuration entry '%v' for ip address - ignoring", "take it out");
            }
        }

        return reading.IsDropped ? null : reading.Entry;
    }

    private static void SetInterface(Reading r, Word word)
    {
        r.Entry = r.Entry with { Interface = word.Text };
        if (r.Reader.Host.HasInterface(word.Text)) return;
        Interfaces.ReportMissing(r.Reader, word, $"WARNING - interface {word.Text} for ip address {r.Entry.Address} doesn't exist");
    }

    private static void SetScope(Reading r, Word word)
    {
        if (s_scopes.Contains(word.Text) || byte.TryParse(word.Text, out _)) r.Entry = r.Entry with { Scope = word.Text };
        else r.Reader.Error(word, r.Record, $"Invalid scope '%v' specified for {r.Line.Words[0].Text} - ignoring", $"one of {string.Join(", ", s_scopes)}, or a number below 256");
    }

    private static void SetLabel(Reading r, Word word)
    {
        if (r.Entry.Address.Family == IpFamily.V6)
            r.Reader.Error(word, r.Record, $"Cannot specify label for IPv6 addresses ({r.Line.Words[0].Text}) - ignoring label", "take the label out");
        else if (word.Text.Length > LongestLabel)
            r.Drop(word, $"Address label {word.Text} is longer than maximum length {LongestLabel} - removing address");
        else
            r.Entry = r.Entry with { Label = word.Text };
    }

    private static void SetPeer(Reading r, Word word)
    {
        if (!AddressText.TryReadPrefix(r.Reader, word, r.Record, out IpAddress peer, out int length))
        {
            r.Drop(word, $"Invalid peer address {word.Text}");
        }
        else if (peer.Family != r.Entry.Address.Family)
        {
            r.Drop(word, $"Peer address {word.Text} does not match address family");
        }
        else
        {
            if (r.Line.Words[0].Text.Contains('/')) r.Reader.Error(word, r.Record, "Cannot specify address prefix when specifying peer address - ignoring", "put the prefix length at the peer");
            r.Entry = r.Entry with { Peer = peer, PrefixLength = length };
        }
    }

    private static void SetBroadcast(Reading r, Word word)
    {
        if (r.Entry.Address.Family == IpFamily.V6)
            r.Drop(word, $"VRRP is trying to assign a broadcast {word.Text} to the IPv6 address {r.Line.Words[0].Text} !!?? WTF... skipping VIP...");
        else if (word.Text is "+" or "-" && r.Entry.PrefixLength > 30)
            r.Reader.Error(word, r.Record, $"Address prefix length {r.Entry.PrefixLength} too long for broadcast", "take brd out, or write the prefix length");
        else if (word.Text is "+" or "-" || IpAddress.TryParse(word.Text, out IpAddress broadcast) && broadcast.Family == IpFamily.V4)
            r.Entry = r.Entry with { Broadcast = word.Text };
        else
            r.Drop(word, $"VRRP is trying to assign invalid broadcast {word.Text}. skipping VIP...");
    }

    private static void SetLifetime(Reading r, Word word)
    {
        if (word.Text == "forever" || NumberText.TryParse(word.Text, 0, uint.MaxValue, out _, out string complaint))
            r.Entry = r.Entry with { PreferredLifetime = word.Text };
        else
            r.Reader.BadNumber(word, r.Record, complaint, "preferred_lft %v is invalid");
    }
}
