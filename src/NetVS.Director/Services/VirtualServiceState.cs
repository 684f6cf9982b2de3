using NetVS.Director.Persistence;
using NetVS.Director.Protocols;
using NetVS.Director.Scheduling;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>A virtual service and all that changes about it: its rule, its scheduler's state, its destinations.</summary>
/// <remarks>
/// Threads: changed by control under this service's lock. Workers read single members without it (each is one reference, so they
/// see the old or the new) and take it only in <see cref="Schedule"/>, that is for new connections.
/// </remarks>
internal sealed class VirtualServiceState
{
    private readonly Lock _lock = new();
    private readonly SlowStart _slowStart = new();
    private volatile VirtualServiceRule _rule;
    private volatile Scheduler? _scheduler;
    private volatile IPersistenceEngine? _engine;
    private volatile Destination[] _destinations = [];
    private volatile IpAddress[] _localAddresses = [];
    private volatile ServiceLimits? _limits;
    private int _localAddressTurn = -1;

    /// <summary>Makes a service without destinations. A null scheduler ("none") refuses every connection.</summary>
    public VirtualServiceState(int index, VirtualServiceRule rule, Scheduler? scheduler)
    {
        Index = index;
        Key = rule.Key;
        _rule = rule;
        _scheduler = scheduler;
        HasAnyPort = IsForAnyPort(rule);
        _engine = EngineOf(rule);
        _slowStart.SetPeriod(rule.Options.SlowStart, []);
        Timeouts = ServiceTimeouts.Of(rule.Options, null, 0);
        scheduler?.OnBound(this);
    }

    /// <summary>A number no other service of this director ever had.</summary>
    public int Index { get; }

    /// <summary>What identifies the service; never changes.</summary>
    public ServiceKey Key { get; }

    /// <summary>The rule in force.</summary>
    public VirtualServiceRule Rule => _rule;

    /// <summary>
    /// Whether connections to other ports than its own may be the service's: one with port 0, or a persistent FTP service (reference §2.1). Stays true
    /// once it was, for connections that live on. Thread: control.
    /// </summary>
    public bool HasAnyPort { get; private set; }

    /// <summary>Whether a rule makes <see cref="HasAnyPort"/> true.</summary>
    public static bool IsForAnyPort(VirtualServiceRule rule) =>
        rule.Key.Port == 0 || (rule.Key.Port == ServiceTable.FtpPort && rule.Key.Protocol == IpProtocol.Tcp && rule.Flags.HasFlag(ServiceFlags.Persistent));

    /// <summary>The persistence engine, or null; only with persistence.</summary>
    public IPersistenceEngine? Engine => _engine;

    /// <summary>The scheduler, or null for "none".</summary>
    public Scheduler? Scheduler => _scheduler;

    /// <summary>The destinations, newest first. The array never changes; another one takes its place.</summary>
    public Destination[] Destinations => _destinations;

    /// <summary>The FULLNAT local addresses in the order they were added. The array never changes; another one takes its place.</summary>
    public IpAddress[] LocalAddresses => _localAddresses;

    /// <summary>Its counters and rates. Thread: control, under the engine's lock.</summary>
    public TrafficStatistics Statistics { get; } = new();

    /// <summary>Chooses a destination for a new connection, or null when there is none. Takes the service's lock; allocates nothing.</summary>
    public Destination? Schedule(in SchedulingRequest request)
    {
        lock (_lock)
        {
            if (_slowStart.IsUnderWay) _slowStart.Advance(_destinations, request.Now);
            return _scheduler?.Schedule(this, in request);
        }
    }

    /// <summary>How far the servers are that have just come. Under the service's lock, in a scheduler.</summary>
    internal SlowStart SlowStart => _slowStart;

    /// <summary>The turn of the next FULLNAT connection: counts up for ever, shared by all workers. No lock.</summary>
    public uint TakeLocalAddressTurn() => unchecked((uint)Interlocked.Increment(ref _localAddressTurn));

    /// <summary>How many connections it lets be; null for as many as there come. Thread: control writes, any reads.</summary>
    public ServiceLimits? Limits
    {
        get => _limits;
        set => _limits = value;
    }

    /// <summary>Its own timeouts, or null. Thread: control.</summary>
    public ServiceTimeouts? Timeouts { get; private set; }

    /// <summary>Puts a rule in force. The scheduler's state survives unless another scheduler is asked for. Thread: control.</summary>
    /// <param name="rule">The new rule, same key.</param>
    /// <param name="makeScheduler">Makes the scheduler if the name changed; null result means "none".</param>
    /// <param name="timeoutVersion">The version of all timeouts that another timeout of this service makes.</param>
    public void Edit(VirtualServiceRule rule, Func<string, Scheduler?> makeScheduler, int timeoutVersion = 0)
    {
        lock (_lock)
        {
            bool keepsScheduler = _rule.Scheduler == rule.Scheduler;
            _rule = rule;
            _engine = EngineOf(rule);
            HasAnyPort |= IsForAnyPort(rule);
            _slowStart.SetPeriod(rule.Options.SlowStart, _destinations);
            Timeouts = ServiceTimeouts.Of(rule.Options, Timeouts, timeoutVersion);
            foreach (Destination destination in _destinations) destination.Timeouts = Timeouts;
            if (keepsScheduler) return;
            Scheduler? scheduler = makeScheduler(rule.Scheduler);
            scheduler?.OnBound(this);
            _scheduler = scheduler;
        }
    }

    /// <summary>Puts a destination at the head of the list. Thread: control.</summary>
    public void Add(Destination destination)
    {
        lock (_lock)
        {
            _destinations = [destination, .. _destinations];
            destination.Timeouts = Timeouts;
            destination.IsAvailable = true;
            _slowStart.Note(destination);
            _scheduler?.OnAdded(this, destination);
        }
    }

    /// <summary>Puts a destination's new rule in force, and what overrides it. Thread: control.</summary>
    public void Update(Destination destination, DestinationRule rule, DestinationOverride? @override)
    {
        lock (_lock)
        {
            destination.Apply(rule, @override, isNew: false);
            _slowStart.Note(destination);
            _scheduler?.OnUpdated(this, destination);
        }
    }

    /// <summary>Takes a destination out of the list. Thread: control.</summary>
    public void Remove(Destination destination)
    {
        lock (_lock)
        {
            int position = Array.IndexOf(_destinations, destination);
            destination.IsAvailable = false;
            _destinations = [.. _destinations[..position], .. _destinations[(position + 1)..]];
            _scheduler?.OnDeleted(this, destination, position);
        }
    }

    /// <summary>Takes the service down: nothing is scheduled any more, by whoever still holds it. Thread: control.</summary>
    /// <returns>The destinations it had.</returns>
    public Destination[] Close()
    {
        lock (_lock)
        {
            Destination[] former = _destinations;
            _scheduler = null;
            _destinations = [];
            foreach (Destination destination in former) destination.IsAvailable = false;
            return former;
        }
    }

    /// <summary>Lets the scheduler collect its garbage; once a minute. Thread: control.</summary>
    public void OnMinute(MonotonicTime now)
    {
        lock (_lock) _scheduler?.OnMinute(this, now);
    }

    /// <summary>Replaces the local addresses. Thread: control.</summary>
    public void SetLocalAddresses(IpAddress[] addresses) => _localAddresses = addresses;

    private static IPersistenceEngine? EngineOf(VirtualServiceRule rule) =>
        (rule.Flags & ServiceFlags.Persistent) != 0 && EngineTable.TryFind(rule.PersistenceEngine, out IPersistenceEngine? engine) ? engine : null;

    /// <summary>The destination with this address and port, or null. Thread: control.</summary>
    public Destination? Find(IpEndpoint real)
    {
        foreach (Destination destination in _destinations)
        {
            if (destination.Address == real.Address && destination.Port == real.Port) return destination;
        }

        return null;
    }
}
