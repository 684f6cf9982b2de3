// RFC 9568 §6.4 and RFC 3768 §6.4, with keepalived's additions: FAULT, preempt_delay, floating priority, sync groups.
using NetVS.Packets;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Tracking;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Machine;

/// <summary>One virtual router on this host: its state, its timers, what it makes of adverts.</summary>
/// <remarks>
/// States and what moves them:
/// <code>
///   Initial ---- all it tracks is good ----> Backup  (an owner: Master)
///   Backup  ---- no advert for the master-down time ----> Master
///   Master  ---- a better advert ----> Backup
///   any     ---- something it tracks fails ----> Fault ---- all good again ----> Backup (an owner: Master)
/// </code>
/// Time is handed in; <see cref="Deadline"/> says when <see cref="Tick"/> has something to do. Thread: one, the owner's; the counters may be read by
/// any. Receiving and sending adverts allocates nothing.
/// </remarks>
public sealed partial class VirtualRouter
{
    // At most so many adverts are sent at once, out of turn, for each of the interval's.
    private const int AnswersPerInterval = 10;
    private readonly IVirtualRouterEffects _effects;
    private readonly AdvertTimers _timers = new();
    private AdvertCheck _check;
    private ushort _identification;
    private bool _isDemoted;
    private bool _isReportedOld;

    /// <summary>A virtual router that does nothing until started.</summary>
    public VirtualRouter(VirtualRouterOptions options, IReadOnlyList<TrackedCondition> conditions, IVirtualRouterEffects effects)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        Conditions = conditions;
        _effects = effects;
        _check = new AdvertCheck(options);
        EffectivePriority = options.Priority;
        MasterInterval = options.AdvertInterval;
    }

    /// <summary>What was asked for.</summary>
    public VirtualRouterOptions Options { get; private set; }

    /// <summary>What it tracks.</summary>
    public IReadOnlyList<TrackedCondition> Conditions { get; private set; }

    /// <summary>The group, or null.</summary>
    public SyncGroup? Group { get; internal set; }

    /// <summary>The state.</summary>
    public VirtualRouterState State { get; private set; }

    /// <summary>The address adverts are sent from; must be known (through a condition) before the router leaves FAULT.</summary>
    public IpAddress Source { get; set; }

    /// <summary>The priority with what the tracked conditions add: 1 to 254, or 255.</summary>
    public byte EffectivePriority { get; private set; }

    /// <summary>As a backup: the master whose advert was accepted last. As master: itself.</summary>
    public IpAddress MasterAddress { get; private set; }

    /// <summary>That master's priority.</summary>
    public byte MasterPriority { get; private set; }

    /// <summary>That master's interval.</summary>
    public TimeSpan MasterInterval { get; private set; }

    /// <summary>A backup in a group whose timer expired while others did not want to be master.</summary>
    public bool WantsMaster { get; private set; }

    /// <summary>The other router that was master besides this one; none if there was none.</summary>
    public IpAddress OtherMaster { get; private set; }

    /// <summary>When that was seen last.</summary>
    public MonotonicTime OtherMasterSeenAt { get; private set; }

    /// <summary>When the state was entered.</summary>
    public MonotonicTime StateSince { get; private set; }

    /// <summary>Whether it was started and not stopped.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>What it counts.</summary>
    public VirtualRouterCounters Counters { get; private set; } = new();

    /// <summary>When there is something to do next.</summary>
    public MonotonicTime Deadline => _timers.Earliest;

    /// <summary>Until when a master of lower priority is left alone; never while no such delay runs.</summary>
    public MonotonicTime PreemptFrom => _timers.PreemptFrom;

    /// <summary>Until when everything is backup after the start.</summary>
    public MonotonicTime BackupUntil => _timers.BackupFrom;

    internal bool HasFault
    {
        get
        {
            for (int i = 0; i < Conditions.Count; i++) if (Conditions[i].IsFault) return true;
            return false;
        }
    }

    internal bool IsPending
    {
        get
        {
            for (int i = 0; i < Conditions.Count; i++) if (Conditions[i].IsPending) return true;
            return false;
        }
    }

    /// <summary>Starts it: backup, master or fault, by what it tracks. Members of a group are all made before one is started.</summary>
    public void Start(MonotonicTime now)
    {
        IsStarted = true;
        StateSince = now;
        _timers.BackupFrom = now + Options.StartupDelay;
        Evaluate(now);
    }

    /// <summary>Ends it: resigns if it is master.</summary>
    /// <param name="now">The time.</param>
    /// <param name="last">What is told: stop, or what a reload took away (<see cref="Notification.Deleted"/> or <see cref="Notification.Fault"/>).</param>
    public void Stop(MonotonicTime now, Notification last = Notification.Stop)
    {
        if (!IsStarted) return;
        if (State == VirtualRouterState.Master)
        {
            SendAdvert(now, 0);
            LeaveMaster();
        }

        IsStarted = false;
        _timers.Clear();
        SetState(VirtualRouterState.Initial, now);
        _effects.Notify(this, last);
    }

    /// <summary>Takes other options without leaving its state: a reload. A master tells its network at once.</summary>
    public void Change(VirtualRouterOptions options, IReadOnlyList<TrackedCondition> conditions, MonotonicTime now)
    {
        ArgumentNullException.ThrowIfNull(options);
        uint sequence = _check.Sequence;
        TimeSpan before = MasterDownTime;
        Options = options;
        Conditions = conditions;
        _check = new AdvertCheck(options) { Sequence = sequence };
        if (options.Version == 2 || State == VirtualRouterState.Master) MasterInterval = options.AdvertInterval;
        _timers.MasterDown = Move(_timers.MasterDown, MasterDownTime - before);
        Evaluate(now);
        if (State == VirtualRouterState.Master) SendAdvert(now, EffectivePriority);
    }

    /// <summary>Leaves its group, which is about to be replaced.</summary>
    public void Leave() => Group = null;

    /// <summary>Looks at the tracked conditions: to be called after one of them was set.</summary>
    public void Evaluate(MonotonicTime now)
    {
        if (!IsStarted) return;
        UpdatePriority(now);
        if (Group is { } group) group.Evaluate(now);
        else if (HasFault) EnterFault(now, isReason: true);
        else if (!IsPending) LeaveFault(now);
    }

    /// <summary>Does what is due.</summary>
    public void Tick(MonotonicTime now)
    {
        if (State == VirtualRouterState.Backup && now >= _timers.MasterDown) ExpireMasterDown(now);
        if (State != VirtualRouterState.Master) return;
        if (now >= _timers.Advert)
        {
            NoteDelay(now - _timers.Advert);
            SendAdvert(now, EffectivePriority);
            if (now >= _timers.Refresh)
            {
                _timers.Refresh = now + Options.Garp.MasterRefresh;
                _effects.Announce(this, Options.Garp.MasterRefreshRepeat);
            }
        }

        if (now >= _timers.SecondSet)
        {
            _timers.SecondSet = MonotonicTime.Never;
            _effects.Announce(this, Options.Garp.MasterRepeat);
        }

        if (now >= _timers.LowerPrioritySet)
        {
            _timers.LowerPrioritySet = MonotonicTime.Never;
            _effects.Announce(this, Options.Garp.LowerPriorityRepeat);
        }
    }

    /// <summary>Another program took an address, route or rule of a master away: it resigns and comes back after the skew.</summary>
    public void LoseAddresses(MonotonicTime now)
    {
        if (State != VirtualRouterState.Master) return;
        _effects.Report(this, VirtualRouterEvent.AddressesLost, default, 0);
        EnterBackup(now, resigns: true);
        Group?.FollowToBackup(this, now, resigns: true);
    }

    /// <summary>The next advert to be written.</summary>
    /// <param name="destination">The group, or a peer.</param>
    /// <param name="priority">The priority.</param>
    public AdvertWriter.Advert NextAdvert(IpAddress destination, byte priority)
    {
        unchecked
        {
            _identification++;
            if (Options.Authentication == AuthenticationKind.Header) _check.Sequence++;
        }

        Counters.Sent++;
        if (priority == 0) Counters.ZeroSent++;
        return new AdvertWriter.Advert(Source, destination, priority, _identification, _check.Sequence, _check.UsesOldChecksum);
    }

    internal void ForgetWish() => WantsMaster = false;

    internal void EnterMaster(MonotonicTime now)
    {
        if (_check.Sequence == uint.MaxValue) _check.Sequence = 0;
        MasterInterval = Options.AdvertInterval;
        MasterAddress = Source;
        MasterPriority = EffectivePriority;
        WantsMaster = true;
        _timers.Clear();
        SetState(VirtualRouterState.Master, now);
        Counters.BecameMaster++;
        SendAdvert(now, EffectivePriority);
        _effects.Report(this, VirtualRouterEvent.EnteredMaster, default, 0);
        _effects.TakeAddresses(this);
        _effects.Announce(this, Options.Garp.MasterRepeat);
        Notify(Notification.Master);
        if (Options.Garp.MasterDelay > TimeSpan.Zero) _timers.SecondSet = now + Options.Garp.MasterDelay;
        if (Options.Garp.MasterRefresh > TimeSpan.Zero) _timers.Refresh = now + Options.Garp.MasterRefresh;
    }

    internal void EnterBackup(MonotonicTime now, bool resigns)
    {
        bool isStart = State is VirtualRouterState.Initial or VirtualRouterState.Fault;
        if (resigns) SendAdvert(now, 0);
        if (State == VirtualRouterState.Master) LeaveMaster();
        WantsMaster = false;
        _timers.Clear();
        SetState(VirtualRouterState.Backup, now);
        MonotonicTime from = now > _timers.BackupFrom ? now : _timers.BackupFrom;
        _timers.MasterDown = from + (resigns ? VirtualRouterTimes.Skew(Options.Version, EffectivePriority, MasterInterval) : MasterDownTime);
        _effects.Report(this, VirtualRouterEvent.EnteredBackup, default, isStart ? 1 : 0);
        Notify(Notification.Backup);
    }

    internal void EnterFault(MonotonicTime now, bool isReason)
    {
        if (State == VirtualRouterState.Fault || !IsStarted) return;
        bool isStart = State == VirtualRouterState.Initial;
        if (State == VirtualRouterState.Master)
        {
            // The interface may be the reason, and be about to go: the one that failed says it twice.
            SendAdvert(now, 0);
            if (isReason) SendAdvert(now, 0);
            LeaveMaster();
        }

        WantsMaster = false;
        _timers.Clear();
        SetState(VirtualRouterState.Fault, now);
        _effects.Report(this, VirtualRouterEvent.EnteredFault, default, isStart ? 1 : 0);
        Notify(Notification.Fault);
    }

    /// <summary>Leaves FAULT, or INIT.</summary>
    /// <returns>Whether it was there.</returns>
    internal bool LeaveFault(MonotonicTime now)
    {
        if (!IsStarted || State is not (VirtualRouterState.Initial or VirtualRouterState.Fault)) return false;
        bool wasFault = State == VirtualRouterState.Fault;
        MasterInterval = Options.AdvertInterval;
        MasterAddress = default;
        MasterPriority = 0;
        if (Options.IsOwner && !_isDemoted && Group is not { IsOwner: false }) EnterMaster(now);
        else EnterBackup(now, resigns: false);
        if (wasFault && Options.IsUnicast) _effects.AnnounceSource(this);
        return true;
    }

    private TimeSpan MasterDownTime => VirtualRouterTimes.MasterDown(Options.Version, EffectivePriority, MasterInterval, Options.DownTimerAdverts);

    private static MonotonicTime Move(MonotonicTime time, TimeSpan by) => time == MonotonicTime.Never ? time : time + by;

    private void NoteDelay(TimeSpan delay)
    {
        if (delay > Options.AdvertInterval / 10) Counters.Late++;
        if (delay > Counters.LongestDelay) Counters.LongestDelay = delay;
    }

    private void SetState(VirtualRouterState state, MonotonicTime now)
    {
        if (State != state) StateSince = now;
        State = state;
    }

    private void LeaveMaster()
    {
        Counters.ReleasedMaster++;
        _effects.StopAnnouncing(this);
        _effects.ReleaseAddresses(this);
    }

    private void SendAdvert(MonotonicTime now, byte priority)
    {
        _timers.Advert = now + Options.AdvertInterval;
        _effects.SendAdvert(this, priority);
    }

    private void Notify(Notification notification)
    {
        if (Group?.Announced == notification) return;
        _effects.Notify(this, notification);
    }

    private void UpdatePriority(MonotonicTime now)
    {
        int total = Options.Priority;
        for (int i = 0; i < Conditions.Count; i++) total += Conditions[i].Contribution;
        byte priority = !Options.IsOwner ? (byte)Math.Clamp(total, 1, 254) : _isDemoted ? (byte)254 : (byte)255;
        if (priority == EffectivePriority) return;
        TimeSpan before = MasterDownTime;
        EffectivePriority = priority;
        if (State == VirtualRouterState.Master) MasterPriority = priority;
        if (State == VirtualRouterState.Backup) _timers.MasterDown = Move(_timers.MasterDown, MasterDownTime - before);
        _effects.Report(this, VirtualRouterEvent.PriorityChanged, default, priority);
        _effects.NotifyPriority(this);
    }

    private void ExpireMasterDown(MonotonicTime now)
    {
        _effects.Report(this, VirtualRouterEvent.AdvertTimeout, default, 0);
        if (Group is not { } group)
        {
            EnterMaster(now);
            return;
        }

        WantsMaster = true;
        if (group.CanBecomeMaster(this)) group.EnterMaster(this, now);
        else _timers.MasterDown = now + MasterDownTime;
    }
}
