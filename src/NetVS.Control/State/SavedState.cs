using System.Globalization;
using System.Text;
using NetVS.Director;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;
using NetVS.Rules.RulesFile;

namespace NetVS.Control.State;

/// <summary>What a daemon that was killed leaves to the next one, beside the flows: its rules, settings and the meaning of its indices.</summary>
/// <remarks>
/// A text file, so that a person can read it. First line <c># netvs state 1</c>; then lines <c>timeouts T F U</c>, <c>setting NAME VALUE</c>,
/// <c>slot INDEX -t VIP:PORT -r RIP:PORT</c>; then <c>rules</c>, and all that follows is a rules file.
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

    /// <summary>The rules.</summary>
    public required RuleSet Rules { get; init; }

    /// <summary>The file's text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Title).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"timeouts {Timeouts.Tcp} {Timeouts.TcpFin} {Timeouts.Udp}\n");
        foreach ((string name, string value) in Settings) text.Append(CultureInfo.InvariantCulture, $"setting {name} {value}\n");
        foreach (DestinationSlot slot in Slots)
            text.Append(CultureInfo.InvariantCulture, $"slot {slot.Index} {SaveWriter.FormatService(slot.Service)} -r {slot.Real}\n");
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
        for (int i = 1; i < rules; i++)
        {
            string[] words = lines[i].Split(' ');
            bool isGood = words switch
            {
                ["timeouts", var tcp, var tcpFin, var udp] => TryReadTimeouts(tcp, tcpFin, udp, out timeouts),
                ["setting", var name, var value] => Add(settings, (name, value)),
                ["slot", var index, .. var server] => TryReadSlot(index, server) is { } slot && Add(slots, slot),
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

        return new SavedState { Timeouts = timeouts, Settings = settings, Slots = slots, Rules = document.Rules };
    }

    private static bool TryReadTimeouts(string tcp, string tcpFin, string udp, out DirectorTimeouts timeouts)
    {
        bool isGood = TryNumber(tcp, out int a) & TryNumber(tcpFin, out int b) & TryNumber(udp, out int c);
        timeouts = new DirectorTimeouts(a, b, c);
        return isGood;
    }

    private static DestinationSlot? TryReadSlot(string index, string[] server)
    {
        if (!TryNumber(index, out int number) || number == 0) return null;
        IpvsadmParse parse = IpvsadmParser.Parse(["-d", .. server], NoNames.Instance);
        return parse.Command is { Service: { } service, Destination: { } destination }
            ? new DestinationSlot(number, service, destination.Real)
            : null;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool Add<T>(List<T> list, T item)
    {
        list.Add(item);
        return true;
    }
}
