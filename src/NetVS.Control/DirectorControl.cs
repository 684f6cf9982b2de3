using System.Diagnostics;
using System.Reflection;
using NetVS.Control.Configuration;
using NetVS.Control.Rules;
using NetVS.Control.State;
using NetVS.Control.Status;
using NetVS.Director;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control;

/// <summary>The daemon's brain between its API and the director: commands, reloads, settings, status.</summary>
/// <remarks>Threads: any. Commands and reloads are taken one after the other, so that no reload mixes with a command.</remarks>
public sealed partial class DirectorControl
{
    // A year: whoever waits longer means for ever.
    private static readonly TimeSpan s_latestDeadline = TimeSpan.FromDays(365);
    private readonly DirectorEngine _engine;
    private readonly NetworkState _network;
    private readonly IConnectionSource _connections;
    private readonly IDaemonFacts _facts;
    private readonly INameSource _names;
    private readonly DirectorControlOptions _options;
    private readonly Lock _gate = new();
    private readonly KeptServers _kept = new();
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Takes control of a director.</summary>
    public DirectorControl(
        DirectorEngine engine, NetworkState network, IConnectionSource connections, IDaemonFacts facts, INameSource names,
        DirectorControlOptions options)
    {
        _engine = engine;
        _network = network;
        _connections = connections;
        _facts = facts;
        _names = names;
        _options = options;
    }

    /// <summary>NetVS's version.</summary>
    public static string Version { get; } =
        typeof(DirectorControl).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The first line of ipvsadm's listing: IPVS's version and how many connections the table is made for.</summary>
    public string ListingTitle => $"IP Virtual Server version 1.2.1 (size={_options.ConnectionTableSize})";

    /// <summary>Where connections are read.</summary>
    public IConnectionSource Connections => _connections;

    /// <summary>The keepalived.conf the daemon runs with; null when it runs with a rules file, or none. Set before the daemon is ready.</summary>
    public ConfigurationControl? Configuration { get; set; }

    /// <summary>The director's totals.</summary>
    public Director.Statistics.StatisticsView Totals => _engine.Totals;

    /// <summary>The helpers with their ports.</summary>
    public IReadOnlyList<Director.Helpers.HelperView> Helpers => _engine.ListHelpers();

    /// <summary>The three timeouts.</summary>
    public DirectorTimeouts Timeouts => _engine.Timeouts;

    /// <summary>The settings.</summary>
    public DirectorSettings Settings => _engine.Settings;

    /// <summary>All services.</summary>
    public IReadOnlyList<ServiceView> ListServices() => _engine.ListServices();

    /// <summary>One service, or null.</summary>
    public ServiceView? FindService(ServiceKey key) => _engine.FindService(key);

    /// <summary>Carries out one change of the rules by hand.</summary>
    public RuleResult Change(RuleChange change)
    {
        lock (_gate)
        {
            RuleResult result = Take(change);
            if (!result.IsOk) return result;

            // Who changes a real server by hand means what he says; a reload and a health check leave alone what was wanted by hand.
            if (change.Destination is { } destination)
            {
                _engine.RemoveOverride(change.Service, destination.Real);
                _kept.Forget(change.Service, destination.Real);
            }
            else if (change.Kind == RuleChangeKind.DeleteService)
            {
                _engine.RemoveOverrides(change.Service);
                _kept.ForgetAll(change.Service);
            }

            return result;
        }
    }

    /// <summary>Adds a real server, or takes one out, so that it stays so whatever is loaded and whatever checks find, until it is changed by hand again.</summary>
    /// <param name="change">The addition or deletion of a destination.</param>
    public RuleResult ChangeAndKeep(RuleChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Kind is not (RuleChangeKind.AddDestination or RuleChangeKind.DeleteDestination))
            throw new ArgumentException("only the addition and the deletion of a real server are kept", nameof(change));
        lock (_gate)
        {
            bool isAdded = change.Kind == RuleChangeKind.AddDestination;
            RuleResult result = Take(change);

            // A real server that is down is not among the rules, and can be taken out all the same.
            if (!isAdded && result.Status == RuleStatus.ENOENT) result = RuleResult.Ok;
            if (!result.IsOk) return result;
            _engine.RemoveOverride(change.Service, change.Destination!.Real);
            if (!_kept.TrySet(new KeptServer(change.Service, change.Destination.Real, isAdded ? change.Destination : null)))
                return new RuleResult(RuleStatus.ENOMEM, $"{KeptServers.Capacity} real servers are kept already: this one is {(isAdded ? "added" : "deleted")} until the next reload");
            _options.Changed();
            return result;
        }
    }

    /// <summary>Carries out a change that a health check wants: what was wanted by hand stays.</summary>
    public RuleResult ChangeByCheck(RuleChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate) return change.Destination is { } destination && _kept.IsTakenOut(change.Service, destination.Real) ? RuleResult.Ok : Take(change);
    }

    /// <summary>The real servers that operators have added or taken out for good.</summary>
    public IReadOnlyList<KeptServer> ListKept()
    {
        lock (_gate) return _kept.All;
    }

    /// <summary>The mark rules, first match first.</summary>
    public IReadOnlyList<MarkRule> Marks => _engine.Marks;

    /// <summary>Puts a mark rule into the list.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="position">Before which rule, counted from 1; null for the end.</param>
    public RuleResult AddMark(MarkRule rule, int? position)
    {
        lock (_gate)
        {
            List<MarkRule> marks = [.. _engine.Marks];
            if (marks.Find(m => m.MatchesTheSameAs(rule)) is { } same) return new RuleResult(RuleStatus.EEXIST, $"there is a rule for the same packets: mark {same}");
            if (position < 1 || position > marks.Count + 1)
                return new RuleResult(RuleStatus.EINVAL, $"there is no place {position} in a list of {marks.Count} mark rules");
            marks.Insert(position - 1 ?? marks.Count, rule);
            return SetMarks(marks);
        }
    }

    /// <summary>Takes a mark rule out of the list.</summary>
    public RuleResult DeleteMark(MarkRule rule)
    {
        lock (_gate)
        {
            List<MarkRule> marks = [.. _engine.Marks];
            return marks.Remove(rule) ? SetMarks(marks) : new RuleResult(RuleStatus.ENOENT, $"there is no rule: mark {rule}");
        }
    }

    /// <summary>Replaces the list of mark rules.</summary>
    public RuleResult SetMarks(IReadOnlyList<MarkRule> rules) => Change(new RuleChange { Kind = RuleChangeKind.SetMarks, Service = default, Marks = rules });

    /// <summary>Deletes every service.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            _engine.Flush();
            _engine.RemoveOverrides(null);
            _kept.ForgetAll(null);
        }

        _options.Changed();
        _options.Report("rules: -C");
    }

    /// <summary>What operators want of real servers whatever the rules say.</summary>
    public IReadOnlyList<OverrideView> ListOverrides() => _engine.ListOverrides();

    /// <summary>Gives a real server another weight than its rule says, across reloads and health checks.</summary>
    public RuleResult OverrideWeight(ServiceKey service, IpEndpoint real, int weight)
    {
        lock (_gate) return Overridden(service, real, $"weight {weight}", _engine.OverrideWeight(service, real, weight));
    }

    /// <summary>Begins to empty a real server; see <see cref="DirectorEngine.Drain"/>.</summary>
    public RuleResult Drain(ServiceKey service, IpEndpoint real, bool releasesPersistence, TimeSpan? deadline)
    {
        if (deadline < TimeSpan.Zero || deadline > s_latestDeadline)
            return new RuleResult(RuleStatus.ERANGE, $"a deadline is from 0 to {s_latestDeadline.TotalSeconds} seconds away");
        lock (_gate)
        {
            string what = $"drain{(deadline is { } left ? $" within {left.TotalSeconds:0} s" : "")}{(releasesPersistence ? ", persistent clients are released" : "")}";
            return Overridden(service, real, what, _engine.Drain(service, real, releasesPersistence, deadline));
        }
    }

    /// <summary>Lets a real server's rule be in force again.</summary>
    public RuleResult RemoveOverride(ServiceKey service, IpEndpoint real)
    {
        lock (_gate) return Overridden(service, real, "as its rule says", _engine.RemoveOverride(service, real));
    }

    /// <summary>Sets the timeouts; 0 leaves one as it is.</summary>
    public RuleResult SetTimeouts(DirectorTimeouts timeouts)
    {
        if (timeouts.Tcp < 0 || timeouts.TcpFin < 0 || timeouts.Udp < 0)
            return new RuleResult(RuleStatus.EINVAL, "a timeout is not below 0");
        lock (_gate)
        {
            DirectorTimeouts now = _engine.Timeouts;
            RuleResult result = _engine.SetTimeouts(new DirectorTimeouts(
                timeouts.Tcp == 0 ? now.Tcp : timeouts.Tcp,
                timeouts.TcpFin == 0 ? now.TcpFin : timeouts.TcpFin,
                timeouts.Udp == 0 ? now.Udp : timeouts.Udp));
            if (!result.IsOk) return result;
            _options.Report($"timeouts: tcp {_engine.Timeouts.Tcp} tcpfin {_engine.Timeouts.TcpFin} udp {_engine.Timeouts.Udp}");
            _options.Changed();
            return result;
        }
    }

    /// <summary>The synchronisation daemons that run, master first.</summary>
    public IReadOnlyList<SyncDaemonRule> ListSyncDaemons() => _options.Sync?.List() ?? [];

    /// <summary>Starts a synchronisation daemon.</summary>
    public RuleResult StartSyncDaemon(SyncDaemonRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (_options.Sync is not { } daemons) return new RuleResult(RuleStatus.EOPNOTSUPP, "there is no network here to synchronise over");
        return Reported($"start the {(rule.IsMaster ? "master" : "backup")}, interface {rule.Interface}, syncid {rule.SyncId}", daemons.Start(rule));
    }

    /// <summary>Stops a synchronisation daemon.</summary>
    public RuleResult StopSyncDaemon(bool isMaster) =>
        Reported($"stop the {(isMaster ? "master" : "backup")}", _options.Sync?.Stop(isMaster) ?? RuleStatus.ESRCH);

    /// <summary>Zeroes the counters of a service, or of everything.</summary>
    public RuleResult Zero(ServiceKey? service) => _engine.Zero(service);

    /// <summary>Sets a setting.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Set(string name, string value)
    {
        if (!_engine.Settings.TrySet(name, value, out string? error)) return error;
        _options.Report($"settings: {name} = {value}");
        _options.Changed();
        return null;
    }

    /// <summary>What a successor needs to go on from here.</summary>
    public SavedState ReadState()
    {
        lock (_gate)
        {
            return new SavedState
            {
                Timeouts = _engine.Timeouts,
                Settings =
                [
                    .. DirectorSettings.Descriptions.Where(d => Read(d.Name) != d.DefaultText)
                        .Select(d => (d.Name, Read(d.Name))),
                ],
                Slots = _engine.ListDestinationSlots(),
                Counted = _engine.ReadCounted(),
                Rules = RuleApplier.Read(_engine),
                Overrides = _engine.ListOverrides(),
                Kept = _kept.All,
            };
        }
    }

    /// <summary>Takes over what a former daemon left; only before there are rules. What is no longer possible is reported and left out.</summary>
    public void Restore(SavedState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            foreach ((string name, string value) in state.Settings)
                if (!_engine.Settings.TrySet(name, value, out string? error)) _options.Report($"left by the former daemon, and left out: {error}");
            _engine.SetTimeouts(state.Timeouts);
            _engine.PreferDestinationSlots(state.Slots);
            foreach (KeptServer kept in state.Kept) _kept.TrySet(kept);
            foreach (OverrideView o in state.Overrides) _engine.GoOnWith(o.Service, o.Real, o.Override, o.TimeLeft);
            foreach (RuleChange step in RuleSetDiff.Between(RuleSet.Empty, state.Rules))
            {
                RuleResult result = RuleApplier.Take(_engine, step);
                if (!result.IsOk) _options.Report($"left by the former daemon, and left out: {step}: {result.Detail ?? result.Status.ToString()}");
            }

            _engine.GoOnFrom(state.Counted);
        }
    }

    /// <summary>Packets dropped, by reason; reasons that never counted are left out unless all are wanted.</summary>
    public IReadOnlyList<DropCount> ReadDrops(bool all) =>
    [
        .. DropReasons.All.Select(r => new DropCount(DropReasons.Name(r), _engine.CountDrops(r), DropReasons.Explain(r)))
            .Where(d => all || d.Packets > 0),
    ];

    /// <summary>What happened without a packet being dropped; events that never counted are left out unless all are wanted.</summary>
    public IReadOnlyList<EventCount> ReadEvents(bool all) =>
    [
        .. ForwardingEvents.All.Select(e => new EventCount(ForwardingEvents.Name(e), _engine.CountEvents(e), ForwardingEvents.Explain(e)))
            .Where(e => all || e.Count > 0),
    ];

    /// <summary>The daemon at a glance.</summary>
    public DaemonStatus ReadStatus()
    {
        IReadOnlyList<ServiceView> services = _engine.ListServices();
        return new DaemonStatus(
            Version, Environment.ProcessId, Stopwatch.GetElapsedTime(_began), _connections.WorkerCount, _connections.ConnectionCount,
            _options.MaxConnections, services.Count, services.Sum(s => s.Destinations.Count), _options.RulesFile,
            _engine.Totals, _engine.Timeouts, _facts.ReadInterfaces(), ReadDrops(all: false), ReadEvents(all: false), Helpers, _facts.ReadDivertCounters(), _engine.Offload?.Status,
            ListSyncDaemons(), _options.Sync?.ReadCounters() ?? new Dictionary<string, long>(), ReadPeers(),
            Configuration?.ReadParts() ?? [], Configuration?.ReadHealth(), Configuration?.ReadVrrp());
    }

    private PeersStatus? ReadPeers() => _options.Peers is { } peers ? new PeersStatus(peers.Listening, peers.LastRefusal, peers.ReadStatus()) : null;

    private RuleResult Take(RuleChange change)
    {
        RuleResult result = RuleApplier.Take(_engine, change);
        if (result.IsOk) _options.Changed();
        _options.Report(result.IsOk ? $"rules: {change.ToString().Replace("\n", ", ", StringComparison.Ordinal)}" : $"rules: {change}: refused: {result.Status}{(result.Detail is { } d ? ": " + d : "")}");
        return result;
    }

    private RuleResult Reported(string what, RuleResult result)
    {
        _options.Report(result.IsOk ? $"sync: {what}" : $"sync: {what}: refused: {result.Status}{(result.Detail is { } d ? ": " + d : "")}");
        return result;
    }

    private RuleResult Overridden(ServiceKey service, IpEndpoint real, string what, RuleResult result)
    {
        if (result.IsOk) _options.Changed();
        _options.Report($"by hand: {real} in {service}: {what}{(result.IsOk ? "" : $": refused: {result.Detail ?? result.Status.ToString()}")}");
        return result;
    }

    private string Read(string setting) => _engine.Settings.TryGet(setting, out string value, out _) ? value : "";
}
