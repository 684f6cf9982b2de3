using NetVS.Director;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Linux.Attachment;
using NetVS.Linux.Native;
using NetVS.Linux.Netlink;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Namespaces;
using NetVS.Workers;

namespace NetVS.EndToEnd;

/// <summary>A whole director in this process, its threads and sockets in a namespace: monitor, links, workers, engine.</summary>
internal sealed class RunningDirector : IDisposable
{
    private readonly Timer _tick;
    private readonly List<string> _reports = [];

    public RunningDirector(NetworkNamespace where, LinkManagerOptions options, int workers = 1)
    {
        Monitor = new NetworkMonitor();
        where.Run(() => Monitor.Start(Network));
        Links = where.Run(() => new LinkManager(options, Network, Report));
        Engine = new DirectorEngine(
            new DirectorOptions
            {
                Workers = workers, MaxConnectionsV4 = 1 << 16, MaxConnectionsV6 = 1 << 14, Random = new Randomness(), Divert = Links, HashKey = 12345,
            },
            Network);
        Workers = new WorkerGroup(Engine, Network, () => new Poller());
        where.Run(() =>
        {
            Workers.Start();
            Links.Start(Workers.Loops);
        });
        _tick = new Timer(_ => Engine.Tick(MonotonicClock.Now), null, 100, 100);
    }

    public NetworkState Network { get; } = new();

    public NetworkMonitor Monitor { get; }

    public LinkManager Links { get; }

    public DirectorEngine Engine { get; }

    public WorkerGroup Workers { get; }

    public string[] Reports
    {
        get
        {
            lock (_reports) return [.. _reports];
        }
    }

    public void AddService(string @virtual, string scheduler = "rr", IpProtocol protocol = IpProtocol.Tcp)
    {
        uint prefix = @virtual.StartsWith('[') ? 128u : 32u;
        RuleResult result = Engine.AddService(
            new VirtualServiceRule { Key = Key(@virtual, protocol), Scheduler = scheduler, NetmaskPrefix = prefix });
        result.Status.ShouldBe(RuleStatus.Ok, result.Detail);
    }

    public void AddDestination(string @virtual, string real, ForwardingMethod method, IpProtocol protocol = IpProtocol.Tcp)
    {
        RuleResult result = Engine.AddDestination(Key(@virtual, protocol), new DestinationRule { Real = Endpoint(real), Method = method });
        result.Status.ShouldBe(RuleStatus.Ok, result.Detail);
    }

    public void AddLocalAddress(string @virtual, string address) =>
        Engine.AddLocalAddress(Key(@virtual, IpProtocol.Tcp), IpAddress.Parse(address)).Status.ShouldBe(RuleStatus.Ok);

    public static ServiceKey Key(string text, IpProtocol protocol) => ServiceKey.Of(protocol, Endpoint(text).Address, Endpoint(text).Port);

    public static IpEndpoint Endpoint(string text)
    {
        int colon = text.LastIndexOf(':');
        return new IpEndpoint(IpAddress.Parse(text[..colon].Trim('[', ']')), ushort.Parse(text[(colon + 1)..]));
    }

    /// <summary>What was dropped, and what the links lost, for messages.</summary>
    public string Describe()
    {
        IEnumerable<string> drops = DropReasons.All.Where(r => Engine.CountDrops(r) > 0).Select(r => $"{DropReasons.Name(r)}: {Engine.CountDrops(r)}");
        IEnumerable<string> links = Links.ReadStatus().Select(s =>
            $"{s.Interface} {s.Link} {s.Hook}: {string.Join(", ", s.Counters.Where(c => c.Value > 0).Select(c => $"{c.Key} {c.Value}"))} ({s.Reason})");
        IEnumerable<string> divert = Links.ReadDivertCounters().Where(c => c.Value > 0).Select(c => $"{c.Key} {c.Value}");
        return string.Join("\n", [.. drops, .. links, .. divert, .. Reports]);
    }

    public void Dispose()
    {
        _tick.Dispose();
        Links.Dispose();
        Workers.Dispose();
        Monitor.Dispose();
    }

    private void Report(string line)
    {
        lock (_reports) _reports.Add(line);
    }

    private sealed class Randomness : IRandomSource
    {
        private readonly Random _random = new(7);

        public uint NextBelow(uint bound) => (uint)_random.NextInt64(bound);
    }
}
