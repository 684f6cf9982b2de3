using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Linux.Bpf;
using NetVS.Linux.Checks;
using NetVS.Linux.Divert;
using NetVS.Linux.Native;
using NetVS.Linux.Netlink;
using NetVS.Linux.PacketSocket;
using NetVS.Linux.Tap;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Attachment;

/// <summary>
/// Keeps the director's links as the network is: begins to listen on interfaces when they come up, stops when they go, and keeps the
/// diversion maps right.
/// </summary>
/// <remarks>
/// <para>Build it, build the director with it as its <see cref="IDivertSink"/>, build the workers, then <see cref="Start"/>. Everything belongs
/// to the network namespace of the thread that builds and starts it.</para>
/// <para>Threads: any; one lock. <see cref="Apply"/> comes under the director's own lock and is not held up by a slow interface: it takes
/// the program's lock only.</para>
/// <para>Minimum kernel: 5.10 for AF_XDP, 4.20 for AF_PACKET, 6.6 for tcx (else clsact).</para>
/// </remarks>
public sealed class LinkManager : IDivertSink, IDisposable
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly LinkManagerOptions _options;
    private readonly NetworkState _network;
    private readonly Action<string> _report;
    private readonly DivertProgram _program;
    private readonly Dictionary<string, InterfaceAttachment> _attachments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _refusals = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<(ILinkHost Host, ILink Link)>> _transmitOnly = [];
    private readonly List<WorkerMemory> _memories = [];
    private readonly List<(ILinkHost Host, TapLink Link)> _stack = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly Lock _wakeLock = new();
    private bool _isDisposed;
    private IReadOnlyList<ILinkHost> _workers = [];
    private InterfaceAttacher? _attacher;
    private readonly OwnTraffic _ownTraffic;
    private TapDevice? _tap;
    private TcAttachment? _marked;
    private Thread? _thread;
    private volatile bool _isStopping;
    private volatile bool _isKept;
    private int _seenVersion = -1;
    private IReadOnlySet<int> _redirectTargets = new HashSet<int>();

    /// <summary>Loads the eBPF program; attaches nothing yet.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="network">The network; followed while started.</param>
    /// <param name="report">Takes a line for the operator when an interface is attached, lost or refused.</param>
    /// <exception cref="KernelCallException">The kernel refuses the program: no privilege, too old.</exception>
    public LinkManager(LinkManagerOptions options, NetworkState network, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindContradiction() is { } contradiction) throw new ArgumentException(contradiction, nameof(options));
        _options = options;
        _network = network;
        _report = report;
        _program = DivertProgram.Load(options.Flows, options.Pins);
        _ownTraffic = new OwnTraffic(_program, options.AllowTcx, report);
        Checks = new CheckTraffic(options.AllowTcx, report);
    }

    /// <summary>Health checks that go the way of the users' packets.</summary>
    public CheckTraffic Checks { get; }

    /// <summary>Is raised when other devices than before send frames that XDP redirects to them, with all that do. Thread: any, under the lock.</summary>
    public event Action<IReadOnlySet<int>>? RedirectTargetsChanged;

    /// <summary>How many receive queues the busiest of these interfaces has: more workers than that do not help.</summary>
    /// <param name="interfaces">Names; unknown ones are left out.</param>
    public static int CountReceiveQueues(IEnumerable<string> interfaces) =>
        interfaces.Select(name => InterfaceProbe.Read(name).ReceiveQueues).DefaultIfEmpty(1).Max();

    /// <summary>Opens the tap device and all links, and follows the network from then on.</summary>
    /// <param name="workers">The workers, by index.</param>
    /// <exception cref="KernelCallException">The tap device cannot be made. An interface that is refused is reported and retried instead.</exception>
    public void Start(IReadOnlyList<ILinkHost> workers)
    {
        ArgumentNullException.ThrowIfNull(workers);
        lock (_lock)
        {
            _workers = workers;
            _memories.AddRange(workers.Select(_ => new WorkerMemory(_options.ChunksPerWorker)));
            _attacher = new InterfaceAttacher(_options, _program, workers, _memories);
            OpenTap();
            Reconcile();
            RemoveStalePins();
            _program.ForgetInherited();
        }

        _thread = new Thread(Follow) { Name = "netvs links", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Looks at the network now, and not only within the next 200 ms. Thread: any, also one that comes too late.</summary>
    public void NotifyNetworkChanged()
    {
        lock (_wakeLock)
        {
            if (!_isDisposed) _wake.Set();
        }
    }

    /// <inheritdoc/>
    public void Apply(DivertRules rules)
    {
        (bool HasLocalReal, bool HasVirtual) before = (_program.HasLocalReal, _program.HasVirtual);
        try
        {
            _program.Apply(rules);
        }
        catch (KernelCallException refused)
        {
            throw new DivertException($"the diversion maps do not take the rules: {refused.Message}", refused);
        }

        if (before == (_program.HasLocalReal, _program.HasVirtual)) return;
        _seenVersion = -1;
        _wake.Set();
    }

    /// <summary>Every interface the director listens on, would like to, or only sends by.</summary>
    public IReadOnlyList<LinkStatus> ReadStatus()
    {
        lock (_lock)
        {
            var all = new List<LinkStatus>();
            foreach (InterfaceAttachment a in _attachments.Values)
            {
                all.Add(new LinkStatus(
                    a.Interface.Name, a.Interface.Index, true, a.Kind, a.Hook, a.Copy, a.Queues, a.Reason, Sum(a.Links.Select(l => l.Link))));
            }

            foreach ((string name, string reason) in _refusals)
                all.Add(new LinkStatus(name, _network.FindInterface(name)?.Index ?? 0, false, "", "", "", 0, reason, Sum([])));
            foreach ((int index, List<(ILinkHost Host, ILink Link)> links) in _transmitOnly)
            {
                string name = _network.FindInterface(index)?.Name ?? $"interface {index}";
                if (_refusals.ContainsKey(name)) continue;
                all.Add(new LinkStatus(name, index, false, "transmit only", "none", "copy", 0, "not listened on", Sum(links.Select(l => l.Link))));
            }

            if (_tap is not null)
                all.Add(new LinkStatus(_tap.Name, _tap.Index, false, "tap", "none", "copy", 0, "the way to the host's own stack", Sum(_stack.Select(l => l.Link))));
            return [.. all.OrderBy(s => s.Interface, StringComparer.Ordinal)];
        }
    }

    /// <summary>What the eBPF program decided, in frames, by name.</summary>
    public IReadOnlyDictionary<string, long> ReadDivertCounters() => _program.ReadCounters();

    /// <summary>Whether <see cref="Stop"/> leaves the programs at work: established flows are forwarded, and the rest waits.</summary>
    /// <remarks>Only where the attachments are pinned.</remarks>
    public bool KeepsForwarding
    {
        get => _isKept;
        set => _isKept = value && _options.Pins is not null;
    }

    /// <summary>Detaches everything; the kernel has all frames again.</summary>
    public void Stop()
    {
        _isStopping = true;
        NotifyNetworkChanged();
        _thread?.Join();
        _thread = null;
    }

    /// <summary>Stops, and unloads the program.</summary>
    public void Dispose()
    {
        Stop();
        Checks.Dispose();
        _program.Dispose();
        lock (_wakeLock)
        {
            _isDisposed = true;
            _wake.Dispose();
        }
    }

    // On the manager's own thread, which is in the right network namespace whoever calls Stop.
    private void Detach()
    {
        lock (_lock)
        {
            foreach (InterfaceAttachment attachment in _attachments.Values)
            {
                if (_isKept) attachment.Leave();
                else _attacher!.Detach(attachment);
            }

            _attachments.Clear();
            foreach (int index in _transmitOnly.Keys.ToArray()) CloseTransmitOnly(index);
            _ownTraffic.Dispose();
            Checks.Dispose();
            foreach ((ILinkHost host, TapLink link) in _stack) host.Detach(link);
            _stack.Clear();
            _marked?.Dispose();
            _marked = null;
            _tap?.Dispose();
            _tap = null;
            foreach (WorkerMemory memory in _memories) memory.Dispose();
            _memories.Clear();
        }
    }

    private static SortedDictionary<string, long> Sum(IEnumerable<ILink> links)
    {
        var sum = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (ILink link in links)
            foreach ((string name, long value) in link.Counters.ToDictionary())
                sum[name] = sum.GetValueOrDefault(name) + value;
        return sum;
    }

    // Messages of kernel calls begin with what they were about; where that is said already, it is not said again.
    private static string Without(string name, string message) =>
        message.StartsWith(name + ": ", StringComparison.Ordinal) ? message[(name.Length + 2)..] : message;

    // A tap of this or another director: nothing comes or goes by it but what a director puts there.
    private static bool IsTap(NetworkInterface candidate) =>
        candidate.Name.StartsWith("nvs", StringComparison.Ordinal) && candidate.Name.Length > 3 && candidate.Name.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool IsOpenEthernet(NetworkInterface candidate) =>
        candidate is { IsEthernet: true, IsLoopback: false, ParentIndex: 0, IsAdministrativelyUp: true } && !IsTap(candidate);

    private void OpenTap()
    {
        _tap = TapDevice.Create(_workers.Count);
        foreach (string warning in _tap.Warnings) _report(warning);
        for (int i = 0; i < _workers.Count; i++)
        {
            var link = new TapLink(_tap.Queues[i], _tap.Index, _tap.Mac, _tap.Name);
            _stack.Add((_workers[i], link));
            _workers[i].AttachStack(link);
        }

        _program.SetTap(_tap.Index);
        try
        {
            _marked = TcAttachment.Attach(_program.Marked, _tap.Index, _tap.Name, TcDirection.Egress, _options.AllowTcx);
        }
        catch (KernelCallException refused)
        {
            _report($"marks of this host's packet filter are not seen: {refused.Message}");
        }
    }

    private void Follow()
    {
        long lastTry = Environment.TickCount64;
        while (true)
        {
            _wake.WaitOne(s_pollInterval);
            if (_isStopping) break;
            lock (_lock)
            {
                bool isDue = Environment.TickCount64 - lastTry >= s_retryInterval.TotalMilliseconds;
                if (_network.Version == _seenVersion && !isDue) continue;
                lastTry = Environment.TickCount64;
                if (_network.Version != _seenVersion || _refusals.Count > 0) Reconcile();
                else FindRedirectTargets();
            }
        }

        Detach();
    }

    private void Reconcile()
    {
        _seenVersion = _network.Version;
        IReadOnlyList<NetworkInterface> present = _network.Interfaces;
        _program.SetOwnAddresses(_network.Addresses.Select(a => a.Address));
        Dictionary<string, NetworkInterface> wanted = FindWanted(present);
        DetachGone(wanted);
        foreach (NetworkInterface candidate in wanted.Values) AttachOrRefresh(candidate, present);
        OpenTransmitOnly(present);
        _ownTraffic.Set(present, _attachments.Values);
        Checks.Follow([.. present.Where(IsOpenEthernet)]);
        FindRedirectTargets();
    }

    // What a device can do changes without a word by rtnetlink: with an XDP program or GRO at the other end of a veth pair.
    private void FindRedirectTargets()
    {
        if (RedirectTargetsChanged is not { } changed || !_attachments.Values.Any(a => a.Xdp is not null)) return;
        IReadOnlySet<int> targets = NetdevFeatures.TryReadRedirectTargets()
            ?? _attachments.Values.Where(a => a is { IsNativeXdp: true, IsVirtual: false }).Select(a => a.Interface.Index).ToHashSet();
        if (targets.SetEquals(_redirectTargets)) return;
        _redirectTargets = targets;
        changed(targets);
    }

    // What a former daemon listened on, or at another hook, and this one does not.
    private void RemoveStalePins()
    {
        if (_options.Pins is not { } pins) return;
        HashSet<string> held = [.. _attachments.Values.SelectMany(a => (string[])[a.XdpPin, a.Ingress?.Pin ?? ""])];
        foreach (string name in pins.Names)
            if (PinFolder.IsLink(name) && !held.Contains(name)) pins.Remove(name);
    }

    // What to listen on now. A name that is asked for and is not there, or is down, is a refusal that is shown and waited for.
    private Dictionary<string, NetworkInterface> FindWanted(IReadOnlyList<NetworkInterface> present)
    {
        var wanted = new Dictionary<string, NetworkInterface>(StringComparer.Ordinal);
        if (_options.Interfaces.Count == 0)
        {
            foreach (NetworkInterface candidate in present)
                if (IsOpenEthernet(candidate))
                    wanted[candidate.Name] = candidate;
            foreach (string name in _refusals.Keys.Where(n => !wanted.ContainsKey(n)).ToArray()) _refusals.Remove(name);
            return wanted;
        }

        foreach (string name in _options.Interfaces)
        {
            NetworkInterface? found = _network.FindInterface(name);
            if (found is { ParentIndex: not 0, VlanId: not 0 }) found = _network.FindInterface(found.ParentIndex);
            if (found is null) Refuse(name, "there is no such interface; it is used as soon as there is");
            else if (!found.IsEthernet || found.IsLoopback) Refuse(name, "this is no Ethernet interface");
            else if (!found.IsAdministrativelyUp) Refuse(name, $"the interface is down: ip link set {found.Name} up");
            else
            {
                wanted[found.Name] = found;
                if (found.Name != name) _refusals.Remove(name);
            }
        }

        return wanted;
    }

    private void DetachGone(Dictionary<string, NetworkInterface> wanted)
    {
        foreach ((string name, InterfaceAttachment attachment) in _attachments.ToArray())
        {
            bool stays = wanted.TryGetValue(name, out NetworkInterface? now) && now.Index == attachment.Interface.Index
                && (attachment.RingIpMtu == 0 || now.IpMtu <= attachment.RingIpMtu);
            if (stays) continue;
            _attacher!.Detach(attachment);
            _attachments.Remove(name);
            _report($"{name}: no longer listening: {(now is null ? "it is down or gone" : "it has changed")}");
        }
    }

    private void AttachOrRefresh(NetworkInterface candidate, IReadOnlyList<NetworkInterface> present)
    {
        HashSet<MacAddress> macs = [candidate.Mac, .. present.Where(i => i.ParentIndex == candidate.Index).Select(i => i.Mac)];
        try
        {
            if (_attachments.TryGetValue(candidate.Name, out InterfaceAttachment? attachment))
            {
                attachment.Interface = candidate;
                attachment.SetMacs(macs);
                return;
            }

            CloseTransmitOnly(candidate.Index);
            attachment = _attacher!.Attach(candidate, macs);
            _attachments.Add(candidate.Name, attachment);
            _refusals.Remove(candidate.Name);
            _report($"{candidate.Name}: listening by {attachment.Kind}, {attachment.Hook}, {attachment.Copy}, {attachment.Queues} queue(s): {attachment.Reason}");
        }
        catch (KernelCallException refused)
        {
            Refuse(candidate.Name, Without(candidate.Name, refused.Message));
        }
    }

    private void Refuse(string name, string reason)
    {
        if (_refusals.TryGetValue(name, out string? known) && known == reason) return;
        _refusals[name] = reason;
        _report($"{name}: not listening: {reason}");
    }

    private void OpenTransmitOnly(IReadOnlyList<NetworkInterface> present)
    {
        HashSet<int> wanted =
        [
            .. present.Where(i => IsOpenEthernet(i) && !_attachments.ContainsKey(i.Name)).Select(i => i.Index),
        ];
        foreach (int index in _transmitOnly.Keys.Where(i => !wanted.Contains(i)).ToArray()) CloseTransmitOnly(index);
        foreach (int index in wanted.Where(i => !_transmitOnly.ContainsKey(i)))
        {
            var links = new List<(ILinkHost, ILink)>();
            _transmitOnly.Add(index, links);
            try
            {
                foreach (ILinkHost worker in _workers)
                {
                    var link = new TransmitOnlyLink(index, _network.FindInterface(index)?.Name ?? $"interface {index}");
                    links.Add((worker, link));
                    worker.Attach(link);
                }
            }
            catch (KernelCallException gone)
            {
                // It went between being listed and being opened; the network will say so next.
                _report($"cannot send: {gone.Message}");
            }
        }
    }

    private void CloseTransmitOnly(int index)
    {
        if (!_transmitOnly.Remove(index, out List<(ILinkHost Host, ILink Link)>? links)) return;
        foreach ((ILinkHost host, ILink link) in links) host.Detach(link);
    }
}
