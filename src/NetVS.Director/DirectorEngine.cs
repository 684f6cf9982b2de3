using NetVS.Director.Defence;
using NetVS.Director.Forwarding;
using NetVS.Director.Fragments;
using NetVS.Director.Helpers;
using NetVS.Director.Icmp;
using NetVS.Director.Network;
using NetVS.Director.Offload;
using NetVS.Director.Persistence;
using NetVS.Director.Protocols;
using NetVS.Director.Scheduling;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director;

/// <summary>The director: rules, their state, and the workers that forward by them. No I/O, no clock, no thread of its own.</summary>
/// <remarks>Threads: rule commands, listings and <see cref="Tick"/> may come from any thread; they take one lock. Workers never do.</remarks>
public sealed partial class DirectorEngine
{
    private static readonly TimeSpan s_minute = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    // Datagrams whose fragments are told apart at once; a megabyte's worth.
    private const int DatagramsUnderWay = 1024;

    private readonly Lock _lock = new();
    private readonly RuleBook _rules;
    private readonly TrafficBook _traffic;
    private readonly DirectorWorker[] _workers;
    private MonotonicTime _now;
    private MonotonicTime? _nextMinute;
    private MonotonicTime _nextDefence;
    private int _destinationSweeps;
    private int _destinationChanges;

    /// <summary>Builds a director without rules.</summary>
    public DirectorEngine(DirectorOptions options, NetworkState network)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
        Options = options;
        Network = network;
        Fragments = new FragmentTable(DatagramsUnderWay, options.HashKey);
        Random = new SharedRandomSource(options.Random);
        Defence = new OverloadDefence(Settings);
        Counters = new WorkerCounters[options.Workers];
        for (int i = 0; i < Counters.Length; i++) Counters[i] = new WorkerCounters();
        if (options.Flows is { } flows && options.Workers <= DirectorOffload.MaxWorkers) Offload = new DirectorOffload(flows, network.NextHops, options.Workers);
        _traffic = new TrafficBook(Counters, Offload?.Counters);
        _rules = new RuleBook(new SchedulerContext(Random, Settings), network, _traffic, ProtocolTimeouts, ClientCounting = new ClientCountBook(options.HashKey), options.Divert);
        TemplatesV4 = new TemplateTable<Ipv4Family, Ipv4Address>(options.MaxConnectionsV4, options.HashKey, Destinations);
        TemplatesV6 = new TemplateTable<Ipv6Family, Ipv6Address>(options.MaxConnectionsV6, options.HashKey, Destinations);
        HelperSessions = new HelperSessions(checked(options.MaxConnectionsV4 + options.MaxConnectionsV6));
        ExpectationsV4 = new ExpectationTable<Ipv4Family, Ipv4Address>(options.MaxConnectionsV4, options.HashKey, Destinations, HelperSessions);
        ExpectationsV6 = new ExpectationTable<Ipv6Family, Ipv6Address>(options.MaxConnectionsV6, options.HashKey, Destinations, HelperSessions);
        Sync = new DirectorSync(this);
        _workers = new DirectorWorker[options.Workers];
        for (int i = 0; i < _workers.Length; i++) _workers[i] = new DirectorWorker(this, i);
    }

    /// <summary>
    /// Returns the memory of all tables, at once: a director that is made for a moment does not leave it to the garbage collector, which knows nothing of its
    /// size. Neither the director nor its workers may be used any more.
    /// </summary>
    public void ReleaseMemory()
    {
        foreach (DirectorWorker worker in _workers) worker.Dispose();
        TemplatesV4.Dispose();
        TemplatesV6.Dispose();
        ExpectationsV4.Dispose();
        ExpectationsV6.Dispose();
        HelperSessions.Dispose();
    }

    /// <summary>One per partition; each is driven by one thread of the caller's.</summary>
    public IReadOnlyList<DirectorWorker> Workers => _workers;

    /// <summary>The settings (IPVS's sysctls under their own names) by name; what is not a setting is not found.</summary>
    public DirectorSettings Settings { get; } = new();

    /// <summary>The three timeouts in force.</summary>
    public DirectorTimeouts Timeouts => ProtocolTimeouts.Current;

    /// <summary>The flow table that is shared with the fast path; null where there is none.</summary>
    public DirectorOffload? Offload { get; }

    /// <summary>What is exchanged with other directors.</summary>
    public DirectorSync Sync { get; }

    /// <summary>The totals over all services.</summary>
    public StatisticsView Totals
    {
        get
        {
            lock (_lock) return _traffic.Totals.ToView();
        }
    }

    /// <summary>What the director was built with.</summary>
    internal DirectorOptions Options { get; }

    /// <summary>How long connections are kept, by protocol and state.</summary>
    internal ProtocolTimeouts ProtocolTimeouts { get; } = new();

    /// <summary>The counts of clients' connections.</summary>
    internal ClientCountBook ClientCounting { get; }

    /// <summary>What is given up under overload.</summary>
    internal OverloadDefence Defence { get; }

    /// <summary>The ports of datagrams in fragments, shared by all workers.</summary>
    internal FragmentTable Fragments { get; }

    /// <summary>Path MTUs learned about tunnels, shared by all workers.</summary>
    internal PathMtuTable PathMtus { get; } = new();

    /// <summary>IPv4's persistence templates, shared by all workers.</summary>
    internal TemplateTable<Ipv4Family, Ipv4Address> TemplatesV4 { get; }

    /// <summary>IPv6's persistence templates, shared by all workers.</summary>
    internal TemplateTable<Ipv6Family, Ipv6Address> TemplatesV6 { get; }

    /// <summary>The control connections that helpers look after.</summary>
    internal HelperSessions HelperSessions { get; }

    /// <summary>IPv4's data connections that were announced, shared by all workers.</summary>
    internal ExpectationTable<Ipv4Family, Ipv4Address> ExpectationsV4 { get; }

    /// <summary>IPv6's data connections that were announced, shared by all workers.</summary>
    internal ExpectationTable<Ipv6Family, Ipv6Address> ExpectationsV6 { get; }

    /// <summary>Links, addresses, routes and next hops.</summary>
    internal NetworkState Network { get; }

    /// <summary>Random numbers for new connections; may be drawn from any thread.</summary>
    internal IRandomSource Random { get; }

    /// <summary>What each worker counts, by the worker's index.</summary>
    internal WorkerCounters[] Counters { get; }

    /// <summary>The rules as workers know them. Read it once per packet or batch; it is replaced as a whole.</summary>
    internal ServiceTable Table => _rules.Table;

    /// <summary>Changes when the tunnel of a destination that may have connections is another one. Thread: any.</summary>
    internal int TunnelVersion => _rules.TunnelVersion;

    /// <summary>All destinations by index.</summary>
    internal DestinationTable Destinations => _rules.Destinations;

    /// <summary>The usage of the FULLNAT local addresses.</summary>
    internal LocalAddressTable LocalAddresses => _rules.LocalAddresses;

    /// <summary>
    /// Counts up whenever a destination was deleted while <c>expire_nodest_conn</c> was set, or is to be drained: each worker that sees another number
    /// than before ends every connection whose destination does not want it any more (reference §2.6). Thread: any.
    /// </summary>
    internal int DestinationSweeps => Volatile.Read(ref _destinationSweeps);

    /// <summary>Counts up whenever a destination or a local address was added or changed: what has none yet may find one. Thread: any.</summary>
    internal int DestinationChanges => Volatile.Read(ref _destinationChanges);

    /// <summary>
    /// Gets ready for many commands, which are announced to the links at once instead of one after the other; <see cref="EndBatch"/> must follow, and no
    /// other commands may come in between.
    /// </summary>
    /// <returns>False if that cannot be: then each command is taken, or refused, by itself, and there is nothing to end.</returns>
    public bool TryBeginBatch(IReadOnlyList<RuleChange> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        lock (_lock) return _rules.TryBeginBatch(steps);
    }

    /// <summary>Ends what <see cref="TryBeginBatch"/> began.</summary>
    public void EndBatch()
    {
        lock (_lock) _rules.EndBatch();
    }

    /// <summary>Adds a service (reference §2.2).</summary>
    public RuleResult AddService(VirtualServiceRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        lock (_lock) return _rules.AddService(rule);
    }

    /// <summary>Changes a service; its connections and destinations stay.</summary>
    public RuleResult EditService(VirtualServiceRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        lock (_lock) return _rules.EditService(rule);
    }

    /// <summary>Deletes a service with its destinations.</summary>
    public RuleResult DeleteService(ServiceKey key)
    {
        lock (_lock) return Swept(_rules.DeleteService(key));
    }

    /// <summary>Deletes every service.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            _rules.Flush();
            Swept(RuleResult.Ok);
        }
    }

    /// <summary>Adds a destination at the head of its service's list (reference §2.3, §2.4).</summary>
    public RuleResult AddDestination(ServiceKey service, DestinationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);

        // Reference §14.1: what cannot be synchronised is not added while it is asked for.
        bool isMixed = rule.Real.Address.Family != service.Family;
        if (isMixed && (Sync.IsBackup || Sync.Outlet is not null))
            return new RuleResult(RuleStatus.EINVAL, "a synchronisation daemon runs, whose messages cannot say that a real server is of another family than its service");
        lock (_lock) return Noted(_rules.AddDestination(service, rule));
    }

    /// <summary>Changes a destination; its connections stay as they were made.</summary>
    public RuleResult EditDestination(ServiceKey service, DestinationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        lock (_lock) return Noted(_rules.EditDestination(service, rule));
    }

    /// <summary>Deletes a destination (reference §2.6).</summary>
    public RuleResult DeleteDestination(ServiceKey service, IpEndpoint real)
    {
        lock (_lock) return Swept(_rules.DeleteDestination(service, real));
    }

    /// <summary>Adds a FULLNAT local address to a service.</summary>
    public RuleResult AddLocalAddress(ServiceKey service, IpAddress address)
    {
        lock (_lock) return Noted(_rules.AddLocalAddress(service, address));
    }

    /// <summary>Deletes a FULLNAT local address; connections that use it live on.</summary>
    public RuleResult DeleteLocalAddress(ServiceKey service, IpAddress address)
    {
        lock (_lock) return _rules.DeleteLocalAddress(service, address);
    }

    /// <summary>The mark rules in force, first match first.</summary>
    public IReadOnlyList<MarkRule> Marks
    {
        get
        {
            lock (_lock) return _rules.Marks;
        }
    }

    /// <summary>Puts another list of mark rules in the former one's place; connections live on.</summary>
    public RuleResult SetMarks(IReadOnlyList<MarkRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        lock (_lock) return _rules.SetMarks(rules);
    }

    /// <summary>Sets the three timeouts; they act at each connection's next packet.</summary>
    public RuleResult SetTimeouts(DirectorTimeouts timeouts)
    {
        lock (_lock)
        {
            return ProtocolTimeouts.TrySet(timeouts)
                ? RuleResult.Ok
                : new RuleResult(RuleStatus.EINVAL, $"a timeout is a number of seconds from 1 to {ProtocolTimeouts.Maximum}, or 0 to leave it as it is");
        }
    }

    /// <summary>Zeroes the counters of one service and its destinations, or with null of everything.</summary>
    public RuleResult Zero(ServiceKey? service)
    {
        lock (_lock)
        {
            if (service is { } key)
            {
                if (_rules.Find(key) is not { } state) return RuleStatus.ESRCH;
                TrafficBook.Zero(state);
                return RuleResult.Ok;
            }

            foreach (VirtualServiceState state in _rules.Services) TrafficBook.Zero(state);
            _traffic.Totals.Zero();
            return RuleResult.Ok;
        }
    }

    /// <summary>
    /// Makes the connections of the flows that a director before this one left, as far as the rules in force know them; frees the others. Before the
    /// workers are driven.
    /// </summary>
    /// <returns>Connections that go on, and lines that were freed.</returns>
    public (int Adopted, int Freed) AdoptFlows(MonotonicTime now)
    {
        if (Offload is not { } offload) return (0, 0);
        (int adoptedV4, int freedV4) = FlowAdoption.Run(offload.LinesV4, [.. _workers.Select(w => w.V4)], now);
        (int adoptedV6, int freedV6) = FlowAdoption.Run(offload.LinesV6, [.. _workers.Select(w => w.V6)], now);
        foreach (DirectorWorker worker in _workers) worker.SettleAdopted(now);
        return (adoptedV4 + adoptedV6, freedV4 + freedV6);
    }

    /// <summary>Whether as many connections and templates of both families are there as <c>conn_max</c> allows. Thread: any; several workers at once may go a few beyond.</summary>
    internal bool HasConnMax
    {
        get
        {
            int most = Settings.ConnMax;
            if (most >= 2L * ((long)Options.MaxConnectionsV4 + Options.MaxConnectionsV6)) return false;
            long count = (long)TemplatesV4.Count + TemplatesV6.Count;
            foreach (DirectorWorker worker in _workers) count += worker.ConnectionCount;
            return count >= most;
        }
    }

    /// <summary>Does what is due: rates every 2 s, trash, scheduler garbage. Call it at least every 100 ms.</summary>
    public void Tick(MonotonicTime now)
    {
        Offload?.Heartbeat(now);
        TemplatesV4.Advance(now);
        TemplatesV6.Advance(now);
        ExpectationsV4.Advance(now);
        ExpectationsV6.Advance(now);
        Defend(now);
        lock (_lock)
        {
            _now = now;
            if (_rules.EndDrains(now)) Sweep();
            _rules.Maintain();
            if (Settings.RunsEstimation) _traffic.Advance(now, _rules.Services, _rules.Trash);
            else _traffic.Pause();
            if (_nextMinute is not { } due)
            {
                _nextMinute = now + s_minute;
                return;
            }

            if (now < due) return;
            _nextMinute = now - due < s_minute ? due + s_minute : now + s_minute;
            _rules.ScanTrash(now);
            foreach (VirtualServiceState service in _rules.Services) service.OnMinute(now);
        }
    }

    private void Defend(MonotonicTime now)
    {
        if (now < _nextDefence) return;
        _nextDefence = now + s_second;
        long v4 = 0, v6 = 0;
        foreach (DirectorWorker worker in _workers)
        {
            v4 += worker.V4.Connections.Count;
            v6 += worker.V6.Connections.Count;
        }

        long freePages = Settings.HasAutomaticDefence && Options.ReadFreePages is { } read ? read() : long.MaxValue;
        if (!Defence.Update(freePages, [(v4, Options.MaxConnectionsV4), (v6, Options.MaxConnectionsV6)])) return;
        TemplatesV4.ThinOut(Random, now);
        TemplatesV6.ThinOut(Random, now);
    }

    private RuleResult Noted(RuleResult change)
    {
        // Partner: DestinationChanges, read by the workers.
        if (change.IsOk) Volatile.Write(ref _destinationChanges, unchecked(_destinationChanges + 1));
        return change;
    }

    private RuleResult Swept(RuleResult deletion)
    {
        if (deletion.IsOk && (Settings.ExpireNodestConn || _rules.HasResets)) Sweep();
        return deletion;
    }

    private void Sweep()
    {
        TemplatesV4.EndUnwanted(Settings.ExpireNodestConn);
        TemplatesV6.EndUnwanted(Settings.ExpireNodestConn);

        // Partner: DestinationSweeps, read by the workers.
        Volatile.Write(ref _destinationSweeps, unchecked(_destinationSweeps + 1));
    }
}
