using System.Globalization;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Golden.Running;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;
using NetVS.Testing.Packets;

namespace NetVS.Golden.Oracle;

/// <summary>Plays a fixture to the director, writes down what comes of each step, and the same steps for the kernel.</summary>
/// <remarks>Of a fixture only what happens is used here, not what it expects: that is for <see cref="GoldenRun"/>.</remarks>
internal sealed class DirectorPlay : IDisposable
{
    // Of struct virtio_net_hdr.
    private const byte NeedsChecksum = 1;

    private readonly FixtureFile _file;
    private readonly DirectorStage _stage;
    private readonly DirectorTarget _target;
    private readonly PacketLineContext _names;
    private readonly List<PlayedStep> _steps = [];
    private readonly List<string> _interfaces = [];
    private readonly string[] _network;

    /// <param name="file">The fixture.</param>
    /// <param name="network">Lines of an ip -batch file.</param>
    public DirectorPlay(FixtureFile file, string network)
    {
        _file = file;
        _network = [.. network.Split('\n').Where(l => !l.StartsWith('#') && l.Trim().Length > 0)];
        NoteInterfaces(_network);
        _stage = new DirectorStage(network);
        _target = new DirectorTarget(_stage);
        _names = new PacketLineContext { ResolveMac = _stage.ResolveMac };
    }

    /// <summary>What was played, in order.</summary>
    public IReadOnlyList<PlayedStep> Steps => _steps;

    /// <summary>Whether an address is the director's at the end.</summary>
    public bool IsLocal(IpAddress address) => _stage.Network.IsLocal(address);

    /// <summary>Why a kernel cannot be asked about a fixture; null if it can.</summary>
    public static string? WhyNot(FixtureFile file)
    {
        foreach (FixtureStatement s in file.Statements)
        {
            if (s.Keyword is "rules" or "ipvsadm" && s.Lines.Any(IsFullNat)) return "FULLNAT: IPVS has none";
            if (s.Keyword is "rules" or "ipvsadm" && s.Lines.Any(HasServiceOption)) return "options of a service that IPVS has not";
            if (s.Keyword == "in" && s.Text.Contains(" gso ", StringComparison.Ordinal)) return "an unsegmented frame: the kernel cuts it where it leaves";
            if (s.Keyword == "set" && s.Lines.Any(l => l.StartsWith("ftp_ports ", StringComparison.Ordinal))) return "FTP's ports: a parameter of IPVS's module, which is built in here";
            if (s.Keyword == "random") return "the scheduler draws: the kernel's numbers cannot be said beforehand";
        }

        return null;
    }

    /// <summary>The scenario for the kernel.</summary>
    public KernelScenario ToScenario(string name) => new(name, _interfaces, _network, [.. _steps.Select(s => s.Kernel)]);

    /// <summary>Plays all statements.</summary>
    public void Play()
    {
        foreach (FixtureStatement statement in _file.Statements)
        {
            try
            {
                if (statement.Time is { } time) _stage.AdvanceTo(time);
                Execute(statement);
            }
            catch (Exception e) when (e is FormatException or GoldenException)
            {
                throw new GoldenException($"{_file.Path}:{statement.FirstLine + 1}: {e.Message}");
            }
        }
    }

    public void Dispose() => _stage.Dispose();

    private void Execute(FixtureStatement statement)
    {
        string[] lines = [.. statement.Lines.Where(l => l.Length > 0)];
        switch (statement.Keyword)
        {
            case "network":
                NoteInterfaces(lines);
                _stage.ExecuteNetwork(lines);
                Note(statement, new KernelStep(Now, "network") { Lines = lines });
                break;
            case "rules":
                foreach (string line in lines) ExecuteRule(statement, line);
                break;
            case "ipvsadm":
                foreach (string line in lines) RunIpvsadm(statement, Split(line));
                break;
            case "set":
                foreach (string line in lines) Set(statement, line);
                break;
            case "in": Receive(statement, statement.Text); break;
            case "each":
                string[] texts = [.. EachFrame.Expand(statement.Text)];
                for (int i = 0; i < texts.Length; i++) Receive(statement, texts[i], looks: i == texts.Length - 1);
                break;
            case "counters" or "servers" or "table" or "wait": Note(statement, new KernelStep(Now, "look")); break;
            case "differs": Excuse(statement); break;
            default: break;
        }
    }

    private double Now => _stage.Elapsed.TotalMilliseconds;

    private void Excuse(FixtureStatement statement)
    {
        string[] words = statement.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (_steps.Count == 0 || words.Length == 0 || !KnownDifferences.All.ContainsKey(words[0]))
            throw new GoldenException($"'differs {statement.Text}' must stand behind a step and name one of {string.Join(", ", KnownDifferences.All.Keys)}");
        _steps[^1] = _steps[^1] with { Excuse = words[0], IsExcuseLasting = words is [_, "on"] };
    }

    private void ExecuteRule(FixtureStatement statement, string line)
    {
        string[] words = Split(line);
        if (words is not (["mark", ..] or ["no-marks"]))
        {
            RunIpvsadm(statement, words);
            return;
        }

        _stage.ExecuteRule(line);
        Note(statement, new KernelStep(Now, "marks") { Lines = [.. _stage.Engine.Marks.Select(ToNft)] });
    }

    private void RunIpvsadm(FixtureStatement statement, string[] words)
    {
        _stage.Settle();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var program = new IpvsadmProgram(_target, NoNames.Instance, TextReader.Null, output, error);
        int status = program.RunAsync(words).GetAwaiter().GetResult();

        // A worker takes in what control has changed; the kernel's work queue has done the same when ipvsadm has ended.
        _stage.AdvanceWorker();
        Note(statement, new KernelStep(Now, "ipvsadm") { Words = words }, s => s with { Output = output.ToString(), Error = error.ToString(), Status = status });
    }

    private void Set(FixtureStatement statement, string line)
    {
        string[] words = line.Split(' ', 2);
        _stage.Set(words[0], words[1].Trim());
        Note(statement, new KernelStep(Now, "set") { Name = words[0], Value = words[1].Trim() });
    }

    private void Receive(FixtureStatement statement, string text, bool looks = true)
    {
        var received = ReceivedFrame.Build(text, _stage, _names);
        IReadOnlyList<Outcome> outcomes = _stage.Process(received.Frame, received.InterfaceIndex, received.Offload, out DropReason reason);
        byte[] sent = received.IsFromStack ? received.Frame[FrameText.IpOffset(received.Frame)..] : received.Frame;
        Note(
            statement,
            new KernelStep(Now, "in") { Looks = looks, Interface = received.Interface, Frame = Convert.ToHexStringLower(sent), Header = HeaderOf(received.Offload) },
            s => s with { Received = received, Outcomes = [.. outcomes], Reason = reason });
    }

    private void Note(FixtureStatement statement, KernelStep kernel, Func<PlayedStep, PlayedStep>? complete = null)
    {
        using var services = new StringWriter();
        using var connections = new StringWriter();
        using var statistics = new StringWriter();
        if (kernel.Looks)
        {
            ProcWriter.WriteServices(services, DirectorTarget.Title, _target.ListServices());
            ProcWriter.WriteConnectionTitle(connections);
            foreach (ConnectionListing c in _target.ListConnections()) ProcWriter.WriteConnection(connections, c);
            ProcWriter.WriteStatistics(statistics, _target.Totals);
        }

        var step = new PlayedStep($"{Path.GetFileName(_file.Path)}:{statement.FirstLine + 1}", kernel)
        {
            ShowsCounters = statement.Keyword == "counters",
            Services = services.ToString(), Connections = connections.ToString(), Statistics = statistics.ToString(),
        };
        _steps.Add(complete is null ? step : complete(step));
    }

    private void NoteInterfaces(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (Split(line) is ["link", "set", "dev", var name, ..] && !name.Contains('.') && !_interfaces.Contains(name)) _interfaces.Add(name);
        }
    }

    /// <summary>A mark rule as a rule of nftables; the first that matches decides there too.</summary>
    private static string ToNft(MarkRule rule)
    {
        string family = rule.Network.Family == IpFamily.V4 ? "ip" : "ip6";
        string where = rule.PrefixLength == 0
            ? $"meta nfproto {(family == "ip" ? "ipv4" : "ipv6")}"
            : string.Create(CultureInfo.InvariantCulture, $"{family} daddr {rule.Network}/{rule.PrefixLength}");
        string protocol = rule.Protocol is { } one ? one.ToString().ToLowerInvariant() : "{ tcp, udp, sctp }";
        string ports = rule is { FirstPort: 0, LastPort: ushort.MaxValue }
            ? "" : string.Create(CultureInfo.InvariantCulture, $" th dport {rule.FirstPort}-{rule.LastPort}");
        return string.Create(CultureInfo.InvariantCulture, $"{where} meta l4proto {protocol}{ports} meta mark set {rule.Mark} accept");
    }

    private static string? HeaderOf(PacketOffload offload)
    {
        if (!offload.NeedsChecksum) return null;
        byte[] header = new byte[10];
        header[0] = NeedsChecksum;
        BitConverter.TryWriteBytes(header.AsSpan(6), offload.ChecksumStart);
        BitConverter.TryWriteBytes(header.AsSpan(8), offload.ChecksumOffset);
        return Convert.ToHexStringLower(header);
    }

    private static bool HasServiceOption(string line) => Split(line).Any(word => ServiceOptionTable.All.Any(o => word == $"--{o.Name}"));

    private static bool IsFullNat(string line) => Split(line) is [_, ..] words && (words[0] is "-P" or "-Q" || (words[0] is "-a" or "-e" && words.Contains("-b")));

    private static string[] Split(string line)
    {
        string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words is ["ipvsadm", ..] ? words[1..] : words;
    }
}
