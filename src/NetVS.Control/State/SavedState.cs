using System.Globalization;
using System.Text;
using NetVS.Control.Rules;
using NetVS.Director;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;
using NetVS.Rules.RulesFile;

namespace NetVS.Control.State;

/// <summary>What a daemon that was killed leaves to the next one, beside the flows: its rules, settings and the meaning of its indices.</summary>
/// <remarks>
/// A text file, so that a person can read it. First line <c># netvs state 1</c>; then lines <c>timeouts T F U</c>, <c>setting NAME VALUE</c>,
/// <c>slot INDEX -t VIP:PORT -r RIP:PORT</c>, <c>override WEIGHT serve|drain keep|release SECONDS|- -t VIP:PORT -r RIP:PORT</c>, <c>kept -a|-d …</c>, and counters in the order connections, packets in and out, octets in and out: <c>total</c>,
/// <c>service -t VIP:PORT</c>, <c>destination INDEX</c> (then those of the fast path); then <c>rules</c>, and all that follows is a rules file.
/// </remarks>
public sealed record SavedState
{
    private const string Title = "# netvs state 1";
    private const string RulesTitle = "rules";

    /// <summary>The three timeouts.</summary>
    public required DirectorTimeouts Timeouts { get; init; }

    /// <summary>Settings that are not at their defaults.</summary>
    public required IReadOnlyList<(string Name, string Value)> Settings { get; init; }

    /// <summary>What the director's indices mean.</summary>
    public required IReadOnlyList<DestinationSlot> Slots { get; init; }

    /// <summary>All counters.</summary>
    public required CountedTraffic Counted { get; init; }

    /// <summary>The rules.</summary>
    public required RuleSet Rules { get; init; }

    /// <summary>What operators want of real servers whatever the rules say.</summary>
    public IReadOnlyList<OverrideView> Overrides { get; init; } = [];

    /// <summary>Real servers that operators have added or taken out for good.</summary>
    public IReadOnlyList<KeptServer> Kept { get; init; } = [];

    /// <summary>The file's text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Title).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"timeouts {Timeouts.Tcp} {Timeouts.TcpFin} {Timeouts.Udp}\n");
        foreach ((string name, string value) in Settings) text.Append(CultureInfo.InvariantCulture, $"setting {name} {value}\n");
        foreach (DestinationSlot slot in Slots)
            text.Append(CultureInfo.InvariantCulture, $"slot {slot.Index} {SaveWriter.FormatService(slot.Service)} -r {slot.Real}\n");
        foreach (OverrideView o in Overrides) text.Append(Format(o));
        foreach (KeptServer kept in Kept) text.Append("kept ").Append(kept).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"total{Format(Counted.Total)}\n");
        foreach ((ServiceKey service, TrafficCounters counted) in Counted.Services)
            text.Append(CultureInfo.InvariantCulture, $"service {SaveWriter.FormatService(service)}{Format(counted)}\n");
        foreach (CountedDestination d in Counted.Destinations)
            text.Append(CultureInfo.InvariantCulture, $"destination {d.Index}{Format(d.Counted)}{Format(d.ByFastPath)}\n");
        text.Append(RulesTitle).Append('\n');
        foreach (RuleChange step in RuleSetDiff.Between(RuleSet.Empty, Rules)) text.Append(step).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads a file's text.</summary>
    /// <returns>Null when it is not such a file, or damaged; <paramref name="problem"/> says what is wrong.</returns>
    public static SavedState? Parse(string text, out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] lines = text.Split('\n');
        int rules = Array.IndexOf(lines, RulesTitle);
        problem = lines[0] != Title ? "it is no state file of this version" : rules < 0 ? "it ends before its rules" : null;
        if (problem is not null) return null;
        var timeouts = default(DirectorTimeouts);
        var settings = new List<(string, string)>();
        var slots = new List<DestinationSlot>();
        var overrides = new List<OverrideView>();
        var keptServers = new List<KeptServer>();
        TrafficCounters total = default;
        var services = new List<(ServiceKey, TrafficCounters)>();
        var destinations = new List<CountedDestination>();
        for (int i = 1; i < rules; i++)
        {
            string[] words = lines[i].Split(' ');
            bool isGood = words switch
            {
                ["timeouts", var tcp, var tcpFin, var udp] => TryReadTimeouts(tcp, tcpFin, udp, out timeouts),
                ["setting", var name, .. { Length: > 0 } value] => Add(settings, (name, string.Join(' ', value))),
                ["slot", var index, .. var server] => TryReadSlot(index, server) is { } slot && Add(slots, slot),
                ["override", var weight, var mode, var persistence, var left, .. var server] =>
                    TryReadOverride(weight, mode, persistence, left, server) is { } o && Add(overrides, o),
                ["kept", .. var command] => ReadKept(command) is { } kept && Add(keptServers, kept),
                ["total", .. var counts] => TryReadCounters(counts, 0, 5, out total),
                ["service", "-f", var mark, "-6", .. var counts] => TryReadCounters(counts, 0, 5, out TrafficCounters counted)
                    && IpvsadmParser.Parse(["-D", "-f", mark, "-6"], NoNames.Instance).Command?.Service is { } key && Add(services, (key, counted)),
                ["service", var option, var address, .. var counts] => TryReadCounters(counts, 0, 5, out TrafficCounters counted)
                    && IpvsadmParser.Parse(["-D", option, address], NoNames.Instance).Command?.Service is { } key && Add(services, (key, counted)),
                ["destination", var index, .. var counts] => TryNumber(index, out int number) && TryReadCounters(counts, 0, 10, out TrafficCounters all)
                    && TryReadCounters(counts, 5, 10, out TrafficCounters part) && Add(destinations, new CountedDestination(number, all, part)),
                _ => false,
            };
            if (isGood) continue;
            problem = $"line {i + 1} is not understood";
            return null;
        }

        RulesDocument document = RulesDocument.Parse(string.Join('\n', lines[(rules + 1)..]), "state", NoNames.Instance);
        if (document.Problems.Count > 0)
        {
            problem = document.Problems[0].Message;
            return null;
        }

        return new SavedState
        {
            Timeouts = timeouts, Settings = settings, Slots = slots, Overrides = overrides, Kept = keptServers, Rules = document.Rules,
            Counted = new CountedTraffic(total, [.. services.DistinctBy(s => s.Item1)], [.. destinations.DistinctBy(d => d.Index)]),
        };
    }

    private static bool TryReadTimeouts(string tcp, string tcpFin, string udp, out DirectorTimeouts timeouts)
    {
        bool isGood = TryNumber(tcp, out int a) & TryNumber(tcpFin, out int b) & TryNumber(udp, out int c);
        timeouts = new DirectorTimeouts(a, b, c);
        return isGood;
    }

    private static DestinationSlot? TryReadSlot(string index, string[] server) =>
        TryNumber(index, out int number) && number != 0 && ReadServer(server) is var (service, real) ? new DestinationSlot(number, service, real) : null;

    private static KeptServer? ReadKept(string[] words) =>
        IpvsadmParser.Parse(words, NoNames.Instance).Command is { Service: { } service, Destination: { } destination }
            ? new KeptServer(service, destination.Real, words[0] == "-a" ? destination : null)
            : null;

    private static (ServiceKey Service, IpEndpoint Real)? ReadServer(string[] words) =>
        IpvsadmParser.Parse(["-d", .. words], NoNames.Instance).Command is { Service: { } service, Destination: { } destination }
            ? (service, destination.Real)
            : null;

    // A tick is 100 ms: the seconds are rounded up, so that no time is lost by handing over often.
    private static string Format(OverrideView o)
    {
        string left = o.Override.IsOver ? "0" : o.TimeLeft is { } time ? Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture) : "-";
        string how = $"{(o.Override.IsDrain ? "drain" : "serve")} {(o.Override.ReleasesPersistence ? "release" : "keep")}";
        return string.Create(CultureInfo.InvariantCulture, $"override {o.Override.Weight} {how} {left} {SaveWriter.FormatService(o.Service)} -r {o.Real}\n");
    }

    private static OverrideView? TryReadOverride(string weight, string mode, string persistence, string left, string[] server)
    {
        int seconds = 0;
        bool isGood = TryNumber(weight, out int number) && mode is "serve" or "drain" && persistence is "keep" or "release" && (left == "-" || TryNumber(left, out seconds));
        if (!isGood || ReadServer(server) is not var (service, real)) return null;
        var wanted = new DestinationOverride { Weight = number, IsDrain = mode == "drain", ReleasesPersistence = persistence == "release" };
        return new OverrideView(service, real, wanted, left == "-" ? null : TimeSpan.FromSeconds(seconds));
    }

    private static string Format(in TrafficCounters c) => string.Create(
        CultureInfo.InvariantCulture, $" {c.Connections} {c.InboundPackets} {c.OutboundPackets} {c.InboundBytes} {c.OutboundBytes}");

    private static bool TryReadCounters(string[] words, int from, int length, out TrafficCounters counters)
    {
        counters = default;
        if (words.Length != length) return false;
        ulong[] numbers = new ulong[5];
        for (int i = 0; i < numbers.Length; i++)
            if (!ulong.TryParse(words[from + i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return false;
        counters = new TrafficCounters(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        return true;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool Add<T>(List<T> list, T item)
    {
        list.Add(item);
        return true;
    }
}
