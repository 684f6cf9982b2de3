using NetVS.Director.Network;
using NetVS.Linux.Attachment;
using NetVS.Linux.Netlink;
using NetVS.Links;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.Linux.Tests.Attachment;

/// <summary>A director's namespace with interface f0 (peer p0 in another), its monitor, and as many link managers as a test starts.</summary>
internal sealed class ManagedNamespace : IDisposable
{
    private readonly List<LinkManager> _managers = [];
    private readonly NetworkMonitor _monitor = new();

    public ManagedNamespace()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        Director = NetworkNamespace.Create("dir");
        Peer = NetworkNamespace.Create("peer");
        NetworkNamespace.Connect(Director, "f0", Peer, "p0");
        Director.Ip("addr add 192.0.2.1/24 dev f0");
        Director.Run(() => _monitor.Start(Network));
    }

    public NetworkNamespace Director { get; }

    public NetworkNamespace Peer { get; }

    public NetworkState Network { get; } = new();

    public List<string> Reports { get; } = [];

    public InlineHost Host { get; } = new();

    public LinkManager Start(LinkManagerOptions options, ILinkHost? host = null)
    {
        LinkManager manager = Director.Run(() =>
        {
            var made = new LinkManager(options, Network, line =>
            {
                lock (Reports) Reports.Add(line);
            });
            made.Start([host ?? Host]);
            return made;
        });
        _managers.Add(manager);
        return manager;
    }

    public static LinkStatus StatusOf(LinkManager manager, string name) =>
        manager.ReadStatus().SingleOrDefault(s => s.Interface == name)
        ?? new LinkStatus(name, 0, false, "", "", "", 0, "no status", new Dictionary<string, long>());

    public static LinkStatus WaitFor(LinkManager manager, string name, Predicate<LinkStatus> condition)
    {
        LinkStatus status = StatusOf(manager, name);
        Patience.WaitFor(() => condition(status = StatusOf(manager, name)), name, more: () => $"last: {status}");
        return status;
    }

    /// <summary>Programs at the devices, as ip and bpftool show them.</summary>
    public string Programs() => Director.ReadLinks() + Director.Execute("bpftool", "net show");

    public void Dispose()
    {
        foreach (LinkManager manager in _managers) manager.Dispose();
        _monitor.Dispose();
        Director.Dispose();
        Peer.Dispose();
    }

    /// <summary>A worker without a thread.</summary>
    internal sealed class InlineHost : ILinkHost
    {
        public List<ILink> Links { get; } = [];

        public int Index => 0;

        public ILink? Stack { get; private set; }

        public void Attach(ILink link)
        {
            lock (Links) Links.Add(link);
            link.Receive(new ReceivedFrames(), 1);
            link.Release();
        }

        public void Detach(ILink link)
        {
            lock (Links) Links.Remove(link);
            if (ReferenceEquals(link, Stack)) Stack = null;
            link.Dispose();
        }

        public void AttachStack(ILink link) => Stack = link;
    }
}
