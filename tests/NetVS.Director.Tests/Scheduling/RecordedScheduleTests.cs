using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Scheduling;

/// <summary>What the kernel's schedulers chose (Recorded/*.txt, written by Recorded/record.py), done again here.</summary>
public sealed class RecordedScheduleTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Scheduling", "Recorded");

    public static TheoryData<string> Scenarios => [.. Directory.GetFiles(s_folder, "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void SameEvents_SameChoicesAsTheKernel(string scenario)
    {
        string[] lines = File.ReadAllLines(Path.Combine(s_folder, scenario + ".txt"));
        var replay = new Replay(lines[0]);
        for (int i = 1; i < lines.Length; i++) replay.Do(lines[i], i + 1);
        replay.Choices.ShouldBeGreaterThan(150);
    }

    [Fact]
    public void Recordings_CoverEverySchedulerButTheRandomOne() =>
        Scenarios.Select(s => s.Data.Split('-')[0]).Distinct().ShouldBe(
            Director.Scheduling.SchedulerTable.Names.Where(n => n != "twos"), ignoreOrder: true);

    private sealed class Replay
    {
        private readonly DirectorEngine _engine = new(new DirectorOptions { Random = new SeededRandom(1) }, new NetworkState());
        private readonly Dictionary<string, Destination> _open = [];
        private readonly List<Destination> _closed = [];
        private readonly bool _isV6;
        private readonly ServiceKey _key;

        public Replay(string header)
        {
            string[] words = header.Split(' ');
            _isV6 = words.Contains("ipv6");
            _key = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse(_isV6 ? "2001:db8::10" : "192.0.2.10"), 80);
            ServiceFlags flags = (header.Contains("flag-1") ? ServiceFlags.Scheduler1 : 0) | (header.Contains("flag-2") ? ServiceFlags.Scheduler2 : 0);
            _engine.AddService(new VirtualServiceRule { Key = _key, Scheduler = words[1], Flags = flags, NetmaskPrefix = _isV6 ? 128u : 32u }).ShouldBe(RuleResult.Ok);
        }

        public int Choices { get; private set; }

        public void Do(string line, int number)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "add":
                    _engine.AddDestination(_key, Rule(words)).ShouldBe(RuleResult.Ok);
                    break;
                case "edit":
                    _engine.EditDestination(_key, Rule(words)).ShouldBe(RuleResult.Ok);
                    break;
                case "delete":
                    _engine.DeleteDestination(_key, Real(words[1])).ShouldBe(RuleResult.Ok);
                    break;
                case "close":
                    // Packets of a deleted server's connection are dropped before the state machine sees them: it stays as it is.
                    Destination closing = _open[$"{words[1]} {words[2]}"];
                    if (!closing.IsAvailable) break;
                    _open.Remove($"{words[1]} {words[2]}");
                    closing.BecomeInactive();
                    _closed.Add(closing);
                    break;
                case "wait":
                    foreach (Destination closed in _closed) closed.Unbind(isTemplate: false, wasActive: false);
                    _closed.Clear();
                    break;
                case "open":
                    Open(words, number);
                    break;
                default:
                    throw new FormatException($"line {number}: {line}");
            }
        }

        private void Open(string[] words, int number)
        {
            var request = new SchedulingRequest
            {
                Client = IpAddress.Parse(words[1]),
                ClientPort = ushort.Parse(words[2]),
                Virtual = _key.Address,
                VirtualPort = 80,
                Protocol = IpProtocol.Tcp,
                Now = MonotonicTime.FromSeconds(1000),
            };
            _engine.Table.TryFind(IpProtocol.Tcp, _key.Address, 80, 0, out VirtualServiceState? service).ShouldBeTrue();
            Destination? chosen = service!.Schedule(in request);
            uint last = chosen is null ? 0 : _isV6 ? unchecked((uint)chosen.Address.V6.Low) : chosen.Address.V4.Value & 0xFF;
            string name = chosen is null ? "-" : $"{(char)('A' + last - 1)}";
            name.ShouldBe(words[3], $"line {number}: {string.Join(' ', words)}");
            Choices++;
            if (chosen is null) return;
            chosen.Bind(isTemplate: false);
            chosen.BecomeActive();
            _open[$"{words[1]} {words[2]}"] = chosen;
        }

        private DestinationRule Rule(string[] words) => new()
        {
            Real = Real(words[1]),
            Weight = int.Parse(words[2]),
            UpperThreshold = words.Length > 3 ? uint.Parse(words[3]) : 0,
            LowerThreshold = words.Length > 4 ? uint.Parse(words[4]) : 0,
        };

        private IpEndpoint Real(string name) =>
            new(IpAddress.Parse(_isV6 ? $"2001:db8:1::{name[0] - 'A' + 1}" : $"10.0.0.{name[0] - 'A' + 1}"), 80);
    }
}
