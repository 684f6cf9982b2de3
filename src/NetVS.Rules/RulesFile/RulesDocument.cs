using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.RulesFile;

/// <summary>A rules file: the lines of <c>ipvsadm -S</c> and mark rules (<c>mark tcp 192.0.2.0/24 80 7</c>), with comments (from <c>#</c> to the end of the line) and empty lines.</summary>
/// <remarks>
/// Only lines that add belong in it: <c>-A</c>, <c>-a</c>, <c>-P</c> and <c>mark</c>; a leading word <c>ipvsadm</c> is skipped. It describes a
/// whole set of rules, not a sequence of commands (but mark rules, of which the first that matches decides), so a server may not stand before its service and nothing may stand twice.
/// </remarks>
public sealed class RulesDocument
{
    private const string MarkWord = "mark";

    private readonly string _file;
    private readonly Dictionary<object, int> _lines = [];
    private readonly List<RuleDiagnostic> _problems = [];
    private readonly List<Entry> _services = [];
    private readonly Dictionary<ServiceKey, Entry> _byKey = [];
    private readonly List<MarkRule> _marks = [];

    private RulesDocument(string file) => _file = file;

    /// <summary>The rules; only meaningful when there are no problems.</summary>
    public RuleSet Rules { get; private set; } = RuleSet.Empty;

    /// <summary>Everything that is wrong, in the order of the lines.</summary>
    public IReadOnlyList<RuleDiagnostic> Problems => _problems;

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="file">The file's name, for diagnostics.</param>
    /// <param name="names">For names of hosts and ports.</param>
    public static RulesDocument Parse(string text, string file, INameSource names)
    {
        var document = new RulesDocument(file);
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines()) document.ReadLine(line, ++number, names);
        document.Rules = new RuleSet([.. document._services.Select(s => new ServiceRules(s.Rule, s.Destinations, s.LocalAddresses))], document._marks);
        return document;
    }

    /// <summary>The diagnostic that says why the director refused a step that came from this file.</summary>
    public RuleDiagnostic Blame(RuleChange change, RuleResult result)
    {
        object key = change.Kind == RuleChangeKind.SetMarks ? MarkWord
            : change.Destination is { } d ? (change.Service, d.Real)
            : !change.LocalAddress.IsNone ? (change.Service, change.LocalAddress) : change.Service;
        string message = result.Detail ?? IpvsadmMessages.Format(change.Verb, result);
        return new RuleDiagnostic(_file, _lines.GetValueOrDefault(key, 1), 1, message);
    }

    private sealed record Entry(VirtualServiceRule Rule, List<DestinationRule> Destinations, List<IpAddress> LocalAddresses);

    private void ReadLine(ReadOnlySpan<char> line, int number, INameSource names)
    {
        var words = new List<string>();
        var columns = new List<int>();
        int comment = line.IndexOf('#');
        if (comment >= 0) line = line[..comment];
        for (int i = 0; i < line.Length;)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
                continue;
            }

            int start = i;
            while (i < line.Length && !char.IsWhiteSpace(line[i])) i++;
            if (words.Count == 0 && line[start..i] is "ipvsadm" && columns.Count == 0) continue;
            words.Add(line[start..i].ToString());
            columns.Add(start + 1);
        }

        if (words.Count == 0) return;
        if (words[0] == MarkWord)
        {
            AddMark(words, number, columns[0]);
            return;
        }

        IpvsadmParse parse = IpvsadmParser.Parse(words, names);
        if (parse.Failure is { } failure)
        {
            int column = failure.WordIndex >= 0 && failure.WordIndex < columns.Count ? columns[failure.WordIndex] : columns[0];
            string text = failure == IpvsadmParser.NotACommand ? $"'{words[0]}' is no command: a line begins with -A, -a, -P or mark" : failure.Text.TrimEnd();
            Report(number, column, text);
            return;
        }

        Add(parse.Command!, words[0], number, columns[0]);
    }

    private void AddMark(List<string> words, int line, int column)
    {
        if (!MarkRule.TryParse(words[1..], out MarkRule? rule, out string? problem)) Report(line, column, problem);
        else if (_marks.Find(m => m.MatchesTheSameAs(rule)) is { } first) Report(line, column, $"never matches: line {_lines[first]} takes the same packets");
        else if (_marks.Count == MarkRule.MostRules) Report(line, column, $"there are more than {MarkRule.MostRules} mark rules");
        else
        {
            _marks.Add(rule);
            _lines[rule] = line;
            _lines.TryAdd(MarkWord, line);
        }
    }

    private void Report(int line, int column, string message) => _problems.Add(new RuleDiagnostic(_file, line, column, message));

    private void Add(IpvsadmCommand command, string word, int line, int column)
    {
        if (command.Verb is not (IpvsadmVerb.AddService or IpvsadmVerb.AddServer or IpvsadmVerb.AddLocalAddress))
        {
            Report(line, column, $"'{word}' does not belong in a rules file: only -A, -a, -P and mark do");
            return;
        }

        ServiceKey key = command.Service!.Value;
        if (command.Verb == IpvsadmVerb.AddService)
        {
            var entry = new Entry(command.ServiceRule!, [], []);
            if (!_byKey.TryAdd(key, entry))
            {
                Report(line, column, $"service {key} is already defined on line {_lines[key]}");
                return;
            }

            if (ServiceOptionChecks.FindProblem(entry.Rule) is { } problem) Report(line, column, problem);
            _lines[key] = line;
            _services.Add(entry);
            return;
        }

        if (!_byKey.TryGetValue(key, out Entry? service))
        {
            Report(line, column, $"service {key} is not defined: its -A line must come first");
            return;
        }

        object what = command.Verb == IpvsadmVerb.AddServer ? (key, command.Destination!.Real) : (key, command.LocalAddress);
        if (!_lines.TryAdd(what, line))
        {
            string name = command.Verb == IpvsadmVerb.AddServer ? $"server {command.Destination!.Real}" : $"local address {command.LocalAddress}";
            Report(line, column, $"{name} of {key} is already defined on line {_lines[what]}");
        }
        else if (command.Verb == IpvsadmVerb.AddLocalAddress)
        {
            service.LocalAddresses.Add(command.LocalAddress);
        }
        else
        {
            if (command.Destination!.LowerThreshold > command.Destination.UpperThreshold)
                Report(line, column, "the lower threshold (-y) is above the upper one (-x)");
            service.Destinations.Add(command.Destination);
        }
    }
}
