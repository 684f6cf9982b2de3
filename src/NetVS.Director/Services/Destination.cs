using NetVS.Director.Protocols;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>A real server in one service, and all that changes about it: its rule in force, its connections, its load.</summary>
/// <remarks>
/// It lives as long as connections refer to it, in the trash too (reference §2.6). Threads: the rule is written by control under
/// the service's lock; connection counts by any worker, atomically, and only when a connection begins, ends, or changes between
/// active and inactive; everything is read by anybody. Each word is read and written whole, so a reader sees the old or the new.
/// </remarks>
internal sealed class Destination
{
    private readonly Lock _thresholdLock = new();
    private volatile DestinationRule _rule;
    private volatile VirtualServiceState _service;
    private volatile DestinationOverride? _override;
    private volatile int _weight;
    private volatile int _lastWeight;
    private volatile bool _isAvailable;
    private volatile bool _isOverloaded;
    private volatile uint _upperThreshold;
    private volatile uint _lowerThreshold;
    private volatile int _methodsInUse;
    private volatile ServiceTimeouts? _timeouts;
    private bool _hasReturned;
    private bool _hasAnyPort;
    private int _active;
    private int _total;
    private int _persistent;

    /// <summary>Makes a destination that is in no list yet.</summary>
    public Destination(int index, VirtualServiceState service, DestinationRule rule, DestinationOverride? @override = null)
    {
        Index = index;
        Address = rule.Real.Address;
        Port = rule.Real.Port;
        _service = service;
        _rule = rule;
        Apply(rule, @override, isNew: true);
    }

    /// <summary>Position in the <see cref="DestinationTable"/>; 1 or more, so that 0 in a connection means none.</summary>
    public int Index { get; }

    /// <summary>RIP.</summary>
    public IpAddress Address { get; }

    /// <summary>The real port, host order; 0 means the port the packet came to.</summary>
    public ushort Port { get; }

    /// <summary>The service it belongs to; while it is in the trash, the last one it belonged to.</summary>
    public VirtualServiceState Service
    {
        get => _service;
        set => _service = value;
    }

    /// <summary>The rule in force.</summary>
    public DestinationRule Rule => _rule;

    /// <summary>The service's own timeouts, which its connections are kept by; null where it has none. Thread: control writes, any reads.</summary>
    public ServiceTimeouts? Timeouts
    {
        get => _timeouts;
        set => _timeouts = value;
    }

    /// <summary>How new connections are forwarded; existing ones keep the method they were made with.</summary>
    public ForwardingMethod Method => _rule.Method;

    /// <summary>What an operator wants of it whatever the rule says, or null.</summary>
    public DestinationOverride? Override => _override;

    /// <summary>The weight in force: the override's, else the rule's; 0 quiesces.</summary>
    public int Weight => _weight;

    /// <summary>Whether its persistent clients get another real server, as if <c>expire_quiescent_template</c> were set for it.</summary>
    public bool ReleasesPersistence => _override is { } wanted && (wanted.ReleasesPersistence || wanted.IsOver);

    /// <summary>The last weight that was not 0, or the weight it was added with.</summary>
    public int LastWeight => _lastWeight;

    /// <summary>Whether it is in its service's list; false in the trash.</summary>
    public bool IsAvailable
    {
        get => _isAvailable;
        set => _isAvailable = value;
    }

    /// <summary>Whether it has left the trash for good: nobody will see it available again.</summary>
    public bool IsFreed { get; set; }

    /// <summary>Whether the thresholds keep new connections away (reference §2.5).</summary>
    public bool IsOverloaded => _isOverloaded;

    /// <summary>Connections counted active.</summary>
    public int ActiveConnections => Volatile.Read(ref _active);

    /// <summary>Connections that are not templates, active and inactive.</summary>
    public int TotalConnections => Volatile.Read(ref _total);

    /// <summary>Persistence templates.</summary>
    public int PersistentConnections => Volatile.Read(ref _persistent);

    /// <summary>Whether any connection or template refers to it.</summary>
    public bool IsReferenced => TotalConnections > 0 || PersistentConnections > 0;

    /// <summary>
    /// The methods its connections may have been made with, as bits by the value of <see cref="ForwardingMethod"/>: an edited method
    /// acts on new connections only. Thread: control.
    /// </summary>
    public int MethodsInUse => _methodsInUse;

    /// <summary>What it has left in the snapshots. Thread: control; written by the <see cref="RuleLedger"/> alone.</summary>
    public DestinationTrace Trace { get; set; }

    /// <summary>Its counters and rates. Thread: control, under the engine's lock.</summary>
    public TrafficStatistics Statistics { get; } = new();

    /// <summary>What the workers' counters of <see cref="Index"/> stood at when they were last read. Thread: control.</summary>
    public TrafficCounters LastRead { get; set; }

    /// <summary>A connection or template begins. A new connection is inactive until its state machine says otherwise.</summary>
    public void Bind(bool isTemplate)
    {
        if (isTemplate)
        {
            Interlocked.Increment(ref _persistent);
            return;
        }

        int total = Interlocked.Increment(ref _total);
        uint upper = _upperThreshold;
        if (upper != 0 && (uint)total == upper) Evaluate(ThresholdEvent.ReachedUpper);
    }

    /// <summary>A connection or template ends.</summary>
    /// <param name="isTemplate">As it was bound.</param>
    /// <param name="wasActive">Whether it was counted active until now.</param>
    public void Unbind(bool isTemplate, bool wasActive)
    {
        if (isTemplate)
        {
            Interlocked.Decrement(ref _persistent);
            return;
        }

        if (wasActive) Interlocked.Decrement(ref _active);
        int total = Interlocked.Decrement(ref _total);
        if (_upperThreshold != 0 && (long)total + 1 == EffectiveLower()) Evaluate(ThresholdEvent.FellBelowLower);
    }

    /// <summary>A connection changes from inactive to active.</summary>
    public void BecomeActive() => Interlocked.Increment(ref _active);

    /// <summary>A connection changes from active to inactive.</summary>
    public void BecomeInactive() => Interlocked.Decrement(ref _active);

    /// <summary>Whether its connections are to be ended now, because it is drained.</summary>
    /// <param name="protocol">The connections' protocol: UDP moves as soon as a drain begins.</param>
    public bool EndsConnections(IpProtocol protocol) => _override is { IsDrain: true } drain && (drain.IsOver || protocol == IpProtocol.Udp);

    /// <summary>Puts a rule in force, and what overrides it. Thread: control, under the service's lock.</summary>
    public void Apply(DestinationRule rule, DestinationOverride? @override, bool isNew)
    {
        _rule = rule;
        _override = @override;
        _methodsInUse |= 1 << (int)rule.Method;
        int weight = @override?.Weight ?? rule.Weight;
        _hasReturned |= weight > 0 && (isNew || _weight == 0);
        _weight = weight;
        if (isNew) _lastWeight = rule.Weight;
        if (_weight != 0) _lastWeight = _weight;
        if (_upperThreshold == rule.UpperThreshold && _lowerThreshold == rule.LowerThreshold) return;
        _upperThreshold = rule.UpperThreshold;
        _lowerThreshold = rule.LowerThreshold;
        Evaluate(ThresholdEvent.Edited);
    }

    /// <summary>When its slow start began; null while none is under way. Under the service's lock.</summary>
    public MonotonicTime? StartedAt { get; set; }

    /// <summary>Its share of its weight in 256ths while servers of the service start slowly. Under the service's lock.</summary>
    public int StartShare { get; set; } = SlowStart.Whole;

    /// <summary>Parts of a turn that it has not had, in 256ths, while it starts slowly. Under the service's lock.</summary>
    public int StartCredit { get; set; }

    /// <summary>Whether it was added, or has a weight again, since this was asked last. Under the service's lock.</summary>
    public bool TakeReturn()
    {
        bool hasReturned = _hasReturned;
        _hasReturned = false;
        return hasReturned;
    }

    /// <summary>Whether connections to other ports than the service's may be left. Thread: control.</summary>
    public bool HasAnyPort => _hasAnyPort;

    /// <summary>Forgets former methods and ports once no connection is left. Thread: control.</summary>
    /// <param name="hasHelper">Whether a helper reads its control connections.</param>
    /// <returns>Whether its trace is another one now.</returns>
    public bool ForgetFormer(bool hasHelper)
    {
        int current = 1 << (int)Method;
        if (_methodsInUse == current && _hasAnyPort == WantsAnyPort(hasHelper)) return false;
        if (IsReferenced) return !_hasAnyPort && WantsAnyPort(hasHelper);
        _methodsInUse = current;
        _hasAnyPort = WantsAnyPort(hasHelper);
        return true;
    }

    /// <summary>What it leaves in the snapshots as it is now. Thread: control.</summary>
    /// <param name="isInForce">Whether it is in its service's list; otherwise it lingers.</param>
    /// <param name="hasHelper">Whether a helper reads its control connections: data connections of any port follow.</param>
    public DestinationTrace ToTrace(bool isInForce, bool hasHelper)
    {
        // Connections to other ports than the service's live on, whatever becomes of the service.
        _hasAnyPort |= WantsAnyPort(hasHelper);
        return
        new(Service.Key, _rule.Real, _methodsInUse, isInForce && Method == ForwardingMethod.Nat, _hasAnyPort, DestinationTrace.TunnelEndOf(_rule));
    }

    // Data connections that a helper expects may have any port.
    private bool WantsAnyPort(bool hasHelper) => Service.HasAnyPort || (hasHelper && (_methodsInUse & (1 << (int)ForwardingMethod.Nat)) != 0);

    /// <summary>The lower threshold in force: the one asked for, or three quarters of the upper one, rounded up.</summary>
    private uint EffectiveLower()
    {
        uint lower = _lowerThreshold, upper = _upperThreshold;
        return lower != 0 ? lower : upper - (upper >> 2);
    }

    /// <summary>Sets, keeps or clears the overload mark by the number of connections now (reference §2.5, rules A, B, C).</summary>
    /// <remarks>
    /// The two limits make a hysteresis: the mark is set when the total reaches the upper one and stays until the total falls
    /// below the lower one. A rule only looks where its event says something happened, and by the time it has the lock the total
    /// may have moved on; each rule therefore leans to the side of its own event, so that two crossing workers cannot leave the
    /// mark set below the lower limit or clear at the upper one.
    /// </remarks>
    private void Evaluate(ThresholdEvent cause)
    {
        lock (_thresholdLock)
        {
            uint upper = _upperThreshold;
            if (upper == 0)
            {
                _isOverloaded = false;
                return;
            }

            uint lower = EffectiveLower();
            long total = TotalConnections;
            if (total >= (cause == ThresholdEvent.ReachedUpper ? lower : upper)) _isOverloaded = true;
            else if (total < (cause == ThresholdEvent.FellBelowLower ? upper : lower)) _isOverloaded = false;
        }
    }
}
