using System.Globalization;
using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Golden.Running;

/// <summary>Plays a fixture and compares; collects what the file would have to say to be fulfilled.</summary>
internal sealed class GoldenRun : IDisposable
{
    private readonly FixtureFile _file;
    private readonly DirectorStage _stage;
    private readonly CounterBook _counters;
    private readonly PacketLineContext _names;
    private readonly List<string> _faults = [];
    private readonly Dictionary<int, (int Last, IReadOnlyList<string> Lines)> _replaced = [];
    private readonly Dictionary<int, List<string>> _appended = [];
    private readonly long[] _eventsBefore = new long[ForwardingEvents.Count];

    public GoldenRun(FixtureFile file, string standardNetwork, bool isOffloaded = false, KernelTwin? kernel = null)
    {
        _file = file;
        _stage = new DirectorStage(standardNetwork, isOffloaded, kernel: kernel);
        _counters = new CounterBook(_stage.Engine);
        _names = new PacketLineContext { ResolveMac = _stage.ResolveMac };
    }

    /// <summary>Every expectation that was not met.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Frames that never reached the director.</summary>
    public int Forwarded => _stage.Forwarded;

    /// <summary>Plays all statements.</summary>
    public void Play()
    {
        IReadOnlyList<FixtureStatement> statements = _file.Statements;
        for (int i = 0; i < statements.Count; i++)
        {
            FixtureStatement statement = statements[i];
            try
            {
                if (statement.Time is { } time) _stage.AdvanceTo(time);
                int outcomes = 0;
                while (i + 1 + outcomes < statements.Count && statements[i + 1 + outcomes].IsOutcome) outcomes++;
                Execute(statement, [.. statements.Skip(i + 1).Take(outcomes)]);
                i += outcomes;
            }
            catch (Exception e) when (e is FormatException or GoldenException)
            {
                throw new GoldenException($"{_file.Path}:{statement.FirstLine + 1}: {e.Message}");
            }
        }
    }

    /// <summary>The file with every expectation that was not met replaced by what happened.</summary>
    public IEnumerable<string> Rewritten()
    {
        for (int i = 0; i < _file.Lines.Length; i++)
        {
            if (_replaced.TryGetValue(i, out (int Last, IReadOnlyList<string> Lines) instead))
            {
                foreach (string line in instead.Lines) yield return line;
                i = instead.Last;
            }
            else
            {
                yield return _file.Lines[i];
            }

            foreach (string line in _appended.GetValueOrDefault(i) ?? []) yield return line;
        }
    }

    public void Dispose() => _stage.Dispose();

    private void Execute(FixtureStatement statement, IReadOnlyList<FixtureStatement> outcomes)
    {
        if (statement.IsOutcome || (statement.Keyword is not ("in" or "wait") && outcomes.Count > 0))
            throw new GoldenException($"'{(statement.IsOutcome ? statement : outcomes[0]).Keyword}' must stand behind an 'in' or a 'wait'");
        IEnumerable<string> lines = statement.Lines.Where(l => l.Length > 0);
        switch (statement.Keyword)
        {
            case "network": _stage.ExecuteNetwork(lines); break;
            case "rules": foreach (string line in lines) _stage.ExecuteRule(line); break;
            case "set": foreach (string line in lines) Set(line); break;
            case "random": _stage.Script(statement.Text.Split(' ').Select(n => uint.Parse(n, CultureInfo.InvariantCulture))); break;
            case "differs": break;
            case "wait": CompareOutcomes(statement, outcomes, [], _stage.TakeUnasked(), []); break;
            case "in": Receive(statement, outcomes); break;
            case "counters": CompareBlock(statement, [.. _counters.TakeMoves().Select(m => $"{m.Key}: {m.Value}")]); break;
            case "servers": CompareBlock(statement, [.. ReadServers()]); break;
            case "events": CompareBlock(statement, [.. ReadEvents()]); break;
            case "table": CompareTable(statement); break;
            default: throw new GoldenException($"'{statement.Keyword}' is not played");
        }
    }

    private void Set(string line)
    {
        string[] words = line.Split(' ', 2);
        _stage.Set(words[0], words[1].Trim());
    }

    private void Receive(FixtureStatement statement, IReadOnlyList<FixtureStatement> expected)
    {
        var received = ReceivedFrame.Build(statement.Text, _stage, _names);
        Dictionary<DropReason, long> before = CountDrops();
        IReadOnlyList<Outcome> actual = _stage.Process(received.Frame, received.InterfaceIndex, received.Offload, out DropReason reason);
        List<DropReason> drops = [];
        foreach ((DropReason counted, long count) in CountDrops())
        {
            for (long i = before[counted]; i < count; i++) drops.Add(counted);
        }

        if (actual.Count == 0 && (reason == DropReason.None || !drops.Contains(reason)))
            _faults.Add($"{Place(statement)}: dropped without a counted reason ({reason})");
        CompareOutcomes(statement, expected, received.Frame, actual, drops);
    }

    private void CompareOutcomes(
        FixtureStatement received, IReadOnlyList<FixtureStatement> expected, byte[] frame, IReadOnlyList<Outcome> actual, List<DropReason> drops)
    {
        FixtureStatement[] frames = [.. expected.Where(e => e.Keyword != "drop")];
        for (int i = 0; i < Math.Max(frames.Length, actual.Count); i++)
        {
            if (i >= actual.Count) Missing(frames[i], $"nothing came out where '{frames[i].Keyword} {frames[i].Text}' was expected");
            else if (i >= frames.Length) Surplus(received, expected, Describe(actual[i]), $"unexpected: {Describe(actual[i])}");
            else CompareFrame(frames[i], frame, actual[i]);
        }

        foreach (FixtureStatement drop in expected.Where(e => e.Keyword == "drop"))
        {
            if (!DropReasons.TryFind(drop.Text, out DropReason reason)) throw new GoldenException($"'{drop.Text}' is no drop reason");
            if (!drops.Remove(reason)) Missing(drop, $"{drop.Text} was not counted");
        }

        foreach (DropReason reason in drops)
            Surplus(received, expected, $"drop {DropReasons.Name(reason)}", $"unexpected drop: {DropReasons.Name(reason)}");
    }

    private void CompareFrame(FixtureStatement expected, byte[] received, Outcome actual)
    {
        string? fault = FindFault(expected, received, actual);
        if (fault is null) return;
        _faults.Add($"{Place(expected)}: {fault}\n    expected {expected.Keyword} {expected.Text}\n    but was  {Describe(actual)}");
        Replace(expected, [Indent(expected) + Describe(actual)]);
    }

    private string? FindFault(FixtureStatement expected, byte[] received, Outcome actual)
    {
        if (expected.Keyword != actual.Keyword) return "another verdict";
        if (actual.Keyword != "stack" && PacketChecker.FindFaults(actual.Frame, actual.Offload) is { Count: > 0 } faults)
            return string.Join("; ", faults);
        if (expected is { Keyword: "stack", Text: "" })
            return actual.Frame.AsSpan().SequenceEqual(received) ? null : "what goes to the stack was changed";
        (string name, string text) = expected.Keyword == "stack" ? ("", expected.Text) : TakeWord(expected.Text);
        if (name != actual.Interface) return $"another interface, {actual.Interface}";
        PacketLine line = PacketLine.Parse(text, 63, _names);
        line.FillFrom(actual.Frame);
        MacAddress source = actual.Keyword == "stack"
            ? MacAddress.Read(actual.Frame.AsSpan(MacAddress.Size))
            : _stage.Network.FindInterface(actual.InterfaceIndex, line.VlanId)?.Mac ?? default;
        byte[] frame = line.Build(source, MacAddress.Read(actual.Frame));
        if (frame.AsSpan().SequenceEqual(actual.Frame)) return SameOffload(line.Offload, actual.Offload) ? null : "another offload";
        return $"another packet\n    expected {PacketDescriber.Describe(frame)}\n             {Convert.ToHexStringLower(frame)}\n    but was  {Convert.ToHexStringLower(actual.Frame)}";
    }

    private static bool SameOffload(PacketOffload expected, PacketOffload actual) =>
        expected.NeedsChecksum == actual.NeedsChecksum && expected.Gso == actual.Gso && expected.GsoSize == actual.GsoSize
        && (!expected.NeedsChecksum || (expected.ChecksumStart == actual.ChecksumStart && expected.ChecksumOffset == actual.ChecksumOffset));

    private void CompareTable(FixtureStatement statement)
    {
        List<ConnectionView> views = _stage.ListConnections();
        if (_stage.Blur != TimeSpan.Zero && IsExpected(statement, [.. views.Select(v => v with { ExpiresIn = v.ExpiresIn - _stage.Blur })])) return;
        if (IsExpected(statement, views)) return;
        string[] full = [.. views.Select(Describe).Order(StringComparer.Ordinal)];
        CompareBlock(statement, full.Length == 0 ? ["empty"] : full);
    }

    private static bool IsExpected(FixtureStatement statement, List<ConnectionView> views)
    {
        string summary = views.Count switch
        {
            0 => "empty",
            1 => $"1 connection, {views[0].State}, expires in {Seconds(views[0])} s",
            _ => "",
        };
        string[] expected = [.. statement.Lines.Where(l => l.Length > 0).Select(Normalise).Order(StringComparer.Ordinal)];
        return (expected.Length == 1 && expected[0] == summary) || expected.SequenceEqual(views.Select(Describe).Order(StringComparer.Ordinal));
    }

    private void CompareBlock(FixtureStatement statement, IReadOnlyList<string> actual)
    {
        string[] expected = [.. statement.Lines.Where(l => l.Length > 0).SelectMany(Subjects).Select(Normalise).Order(StringComparer.Ordinal)];
        string[] found = [.. actual.Order(StringComparer.Ordinal)];
        if (expected is ["nothing"]) expected = [];
        if (expected.SequenceEqual(found)) return;
        _faults.Add($"{Place(statement)}: {statement.Keyword}\n    expected {string.Join("\n             ", expected)}\n    but was  {string.Join("\n             ", found)}");
        string indent = Indent(statement), pad = new(' ', indent.Length);
        IEnumerable<string> lines = found.Length == 0 ? ["nothing"] : found;
        Replace(statement, [.. lines.Select((line, i) => i == 0 ? $"{indent}{statement.Keyword}  {line}" : $"{pad}{new string(' ', statement.Keyword.Length)}  {line}")]);
    }

    // "total service destination: connections +1" is one line for three subjects.
    private static IEnumerable<string> Subjects(string line)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0) return [line];
        string[] subjects = line[..colon].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return subjects.All(s => s is "total" or "service" or "destination") ? subjects.Select(s => s + line[colon..]) : [line];
    }

    private IEnumerable<string> ReadServers()
    {
        _stage.Settle();
        return _stage.Engine.ListServices().SelectMany(s => s.Destinations).Select(Describe);
    }

    private IEnumerable<string> ReadEvents()
    {
        for (int i = 0; i < ForwardingEvents.Count; i++)
        {
            long now = _stage.Worker.CountEvents((ForwardingEvent)i);
            if (now != _eventsBefore[i]) yield return $"{ForwardingEvents.Name((ForwardingEvent)i)} +{now - _eventsBefore[i]}";
            _eventsBefore[i] = now;
        }
    }

    private static string Describe(DestinationView d) =>
        $"{d.Rule.Real} active {d.ActiveConnections} inactive {d.InactiveConnections}{(d.IsOverloaded ? " overloaded" : "")}";

    private static string Describe(ConnectionView c) => string.Create(CultureInfo.InvariantCulture,
        $"{(c.Protocol == IpProtocol.HopByHop ? "ip" : c.Protocol.ToString().ToLowerInvariant())} {c.Client} > {c.Virtual}{(c.Local.Address.IsNone ? "" : $" via {c.Local}")} > {c.Real} {c.State} {Seconds(c)} s");

    private static long Seconds(ConnectionView c) => (long)Math.Round(c.ExpiresIn.TotalSeconds);

    private static string Describe(Outcome outcome) =>
        $"{outcome.Keyword}  {outcome.Interface}{(outcome.Interface.Length > 0 ? "  " : "")}{PacketDescriber.Describe(outcome.Frame)}" +
        (outcome.Offload.Gso != GsoKind.None ? $" gso {outcome.Offload.GsoSize}" : outcome.Offload.NeedsChecksum ? " partial" : "");

    private Dictionary<DropReason, long> CountDrops() => DropReasons.All.ToDictionary(r => r, _stage.Engine.CountDrops);

    private void Missing(FixtureStatement expected, string fault)
    {
        _faults.Add($"{Place(expected)}: {fault}");
        Replace(expected, []);
    }

    private void Surplus(FixtureStatement received, IReadOnlyList<FixtureStatement> expected, string line, string fault)
    {
        _faults.Add($"{Place(received)}: {fault}");
        FixtureStatement after = expected.Count > 0 ? expected[^1] : received;
        if (!_appended.TryGetValue(after.LastLine, out List<string>? lines)) _appended[after.LastLine] = lines = [];
        lines.Add($"        {line}");
    }

    private void Replace(FixtureStatement statement, IReadOnlyList<string> lines) => _replaced[statement.FirstLine] = (statement.LastLine, lines);

    private string Indent(FixtureStatement statement)
    {
        string line = _file.Lines[statement.FirstLine];
        return line[..line.IndexOf(statement.Keyword, StringComparison.Ordinal)];
    }

    private string Place(FixtureStatement statement) => $"{_file.Path}:{statement.FirstLine + 1}";

    private static (string Word, string Remainder) TakeWord(string text)
    {
        string[] words = text.Split((char[])[' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
        return (words[0], words.Length > 1 ? words[1].Trim() : "");
    }

    private static string Normalise(string line) => string.Join(' ', line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
