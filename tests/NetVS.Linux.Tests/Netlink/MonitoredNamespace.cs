using NetVS.Director.Network;
using NetVS.Linux.Netlink;
using NetVS.Packets;
using NetVS.Testing.Namespaces;

namespace NetVS.Linux.Tests.Netlink;

/// <summary>A director's namespace with a monitor, and a neighbour's namespace: dir f0 -- peer p0.</summary>
internal sealed class MonitoredNamespace : IDisposable
{
    private readonly List<InterfaceChange> _changes = [];
    private readonly List<string> _warnings = [];

    public MonitoredNamespace(NetworkMonitorOptions? options = null, bool isStarted = true)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        Director = NetworkNamespace.Create("dir");
        Peer = NetworkNamespace.Create("peer");
        NetworkNamespace.Connect(Director, "f0", Peer, "p0");
        Director.Ip("addr add 192.0.2.1/24 dev f0");
        Director.Ip("addr add 2001:db8::1/64 dev f0 nodad");
        Peer.Ip("addr add 192.0.2.9/24 dev p0");
        Peer.Ip("addr add 2001:db8::9/64 dev p0 nodad");
        Monitor = new NetworkMonitor(options);
        Monitor.InterfaceChanged += change =>
        {
            lock (_changes) _changes.Add(change);
        };
        Monitor.Warning += text =>
        {
            lock (_warnings) _warnings.Add(text);
        };
        if (isStarted) Start();
    }

    public NetworkNamespace Director { get; }

    public NetworkNamespace Peer { get; }

    public NetworkMonitor Monitor { get; }

    public NetworkState State { get; } = new();

    public InterfaceChange[] Changes
    {
        get
        {
            lock (_changes) return [.. _changes];
        }
    }

    public string[] Warnings
    {
        get
        {
            lock (_warnings) return [.. _warnings];
        }
    }

    public int F0 => State.FindInterface("f0")?.Index ?? 0;

    public void Start() => Director.Run(() => Monitor.Start(State));

    public RouteLookup Find(string destination, uint flow = 0)
    {
        State.TryFindRoute(IpAddress.Parse(destination), flow, out RouteLookup route);
        return route;
    }

    public string Via(string destination, uint flow = 0) => State.NextHops.Describe(Find(destination, flow).NextHop).Address.ToString();

    public void Dispose()
    {
        Monitor.Dispose();
        Director.Dispose();
        Peer.Dispose();
    }
}
