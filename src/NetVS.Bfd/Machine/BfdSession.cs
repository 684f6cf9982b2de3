// Read first: RFC 5880 §6.2 (states), §6.8.2 to §6.8.4 (timers), §6.8.6 (reception), §6.8.7 (transmission).
using NetVS.Bfd.Wire;
using NetVS.Packets;

namespace NetVS.Bfd.Machine;

/// <summary>One session in asynchronous mode: packets and time in, packets and changes of state out.</summary>
/// <remarks>
/// <para>Each end sends at the slower of what it wants and what the other end can take, less a random part of a quarter; each gives the other up when
/// nothing was heard for the other's multiplier times the slower of the other's wish and its own ability. A change of these numbers while the session is up is asked
/// for by a poll, and what would make either side late counts from the answer on.</para>
/// <para>Demand mode is respected and never asked for; no echoes, no authentication. Thread: the owner's. Allocates nothing after it was made.</para>
/// </remarks>
public sealed class BfdSession
{
    private static readonly TimeSpan s_leastIdle = TimeSpan.FromSeconds(1);
    private readonly IBfdEffects _effects;
    private BfdOptions _options;
    private uint _random;
    private uint _remote;
    private BfdState _remoteState = BfdState.Down;
    private TimeSpan _remoteReceive = Microseconds(1);
    private TimeSpan _remoteTransmit;
    private byte _remoteMultiplier;
    private bool _isRemoteDemand;
    private bool _isPolling;
    private TimeSpan _transmit;
    private TimeSpan _receive;
    private MonotonicTime _sendAt = MonotonicTime.Never;
    private MonotonicTime _expiresAt = MonotonicTime.Never;

    /// <summary>Makes a session that is down and does nothing until <see cref="Start"/>.</summary>
    /// <param name="options">What is asked of it.</param>
    /// <param name="discriminator">Its number: not 0, and no other session's of this host.</param>
    /// <param name="effects">What it acts by.</param>
    public BfdSession(BfdOptions options, uint discriminator, IBfdEffects effects)
    {
        ArgumentOutOfRangeException.ThrowIfZero(discriminator);
        _options = options;
        _effects = effects;
        _random = discriminator;
        Discriminator = discriminator;
        _transmit = WantedTransmit;
        _receive = options.MinReceive;
    }

    /// <summary>Its name.</summary>
    public string Name => _options.Name;

    /// <summary>Its number.</summary>
    public uint Discriminator { get; }

    /// <summary>Its state.</summary>
    public BfdState State { get; private set; } = BfdState.Down;

    /// <summary>Why it last left Up.</summary>
    public BfdDiagnostic Diagnostic { get; private set; }

    /// <summary>What the other end says about itself.</summary>
    public BfdDiagnostic RemoteDiagnostic { get; private set; }

    /// <summary>Since when it has its state.</summary>
    public MonotonicTime Since { get; private set; }

    /// <summary>Packets taken.</summary>
    public long Received { get; private set; }

    /// <summary>Packets sent.</summary>
    public long Sent { get; private set; }

    /// <summary>How often it came up.</summary>
    public long CameUp { get; private set; }

    /// <summary>How often it is sent now, before the random part is taken off.</summary>
    public TimeSpan Interval => Longest(_transmit, _remoteReceive);

    /// <summary>After how much silence the other end counts as gone; zero while nothing is known of it.</summary>
    public TimeSpan DetectionTime => _remoteMultiplier * Longest(_receive, _remoteTransmit);

    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public MonotonicTime Deadline => _sendAt < _expiresAt ? _sendAt : _expiresAt;

    // While it is not up, at least a second lies between two packets.
    private TimeSpan WantedTransmit => State == BfdState.Up ? _options.MinTransmit : Longest(_options.IdleTransmit, s_leastIdle);

    /// <summary>Begins.</summary>
    public void Start(MonotonicTime now)
    {
        Since = now;
        if (!_options.IsPassive) _sendAt = now;
    }

    /// <summary>Takes other options: a reload.</summary>
    public void Change(BfdOptions options, MonotonicTime now)
    {
        _options = options;
        _isPolling = State == BfdState.Up;

        // While it is up only what makes nobody late counts at once, the rest from the answer to the poll on.
        if (!_isPolling || WantedTransmit < _transmit) _transmit = WantedTransmit;
        if (!_isPolling || options.MinReceive > _receive) _receive = options.MinReceive;
        if (!options.IsPassive || _remote != 0) Schedule(now, isSooner: true);
    }

    /// <summary>Does what is due.</summary>
    public void Tick(MonotonicTime now)
    {
        if (now >= _expiresAt) Expire(now);
        if (now < _sendAt) return;
        Send(isFinal: false);
        Schedule(now, isSooner: false);
    }

    /// <summary>Takes a packet that is the session's and has no problem.</summary>
    public void Receive(in BfdPacket packet, MonotonicTime now)
    {
        if (State == BfdState.AdminDown) return;
        Received++;
        _remote = packet.Mine;
        _remoteState = packet.State;
        _isRemoteDemand = packet.IsDemand;
        _remoteReceive = Microseconds(packet.RequiredReceive);
        _remoteTransmit = Microseconds(packet.DesiredTransmit);
        _remoteMultiplier = packet.Multiplier;
        RemoteDiagnostic = packet.Diagnostic;
        if (packet.IsFinal && _isPolling)
        {
            _isPolling = false;
            _transmit = WantedTransmit;
            _receive = _options.MinReceive;
        }

        BfdState former = State;
        switch (packet.State)
        {
            case BfdState.AdminDown or BfdState.Down when State == BfdState.Up:
            case BfdState.AdminDown when State == BfdState.Init:
                Enter(BfdState.Down, BfdDiagnostic.NeighbourSignalledDown, now);
                break;
            case BfdState.Down when State == BfdState.Down:
                Enter(BfdState.Init, Diagnostic, now);
                break;
            case BfdState.Init when State is BfdState.Down or BfdState.Init:
            case BfdState.Up when State == BfdState.Init:
                Enter(BfdState.Up, BfdDiagnostic.None, now);
                break;
        }

        _expiresAt = now + DetectionTime;

        // Who has another state says so at once; the answer to a poll is never kept waiting.
        if (packet.IsPoll) Send(isFinal: true);
        if (former != State) Send(isFinal: false);
        Schedule(now, isSooner: former == State && !packet.IsPoll);
    }

    /// <summary>Ends: tells the other end that this one is held down, and does nothing any more.</summary>
    public void Stop(MonotonicTime now)
    {
        if (State == BfdState.AdminDown) return;
        bool isKnown = _remote != 0;
        Enter(BfdState.AdminDown, BfdDiagnostic.AdministrativelyDown, now);
        if (isKnown) Send(isFinal: false);
        _sendAt = _expiresAt = MonotonicTime.Never;
    }

    private void Expire(MonotonicTime now)
    {
        // Of whom nothing is heard nothing is known (RFC 5880 §6.8.1).
        _expiresAt = MonotonicTime.Never;
        _remote = 0;
        _remoteState = BfdState.Down;
        _remoteReceive = Microseconds(1);
        _remoteMultiplier = 0;
        _isRemoteDemand = false;
        if (State is BfdState.Init or BfdState.Up)
        {
            Enter(BfdState.Down, BfdDiagnostic.DetectionTimeExpired, now);
            if (!_options.IsPassive) Send(isFinal: false);
        }

        Schedule(now, isSooner: false);
    }

    private void Enter(BfdState state, BfdDiagnostic diagnostic, MonotonicTime now)
    {
        BfdState former = State;
        State = state;
        Diagnostic = diagnostic;
        Since = now;
        _transmit = WantedTransmit;
        _receive = _options.MinReceive;
        _isPolling = state == BfdState.Up;
        if (state == BfdState.Up) CameUp++;
        _effects.Change(this, former);
    }

    private void Send(bool isFinal)
    {
        Sent++;
        _effects.Send(this, new BfdPacket(
            State, Diagnostic, _isPolling && !isFinal, isFinal, IsDemand: false, _options.Multiplier, Discriminator, _remote,
            ToMicroseconds(WantedTransmit), ToMicroseconds(_options.MinReceive)));
    }

    private void Schedule(MonotonicTime now, bool isSooner)
    {
        bool isSilent = State == BfdState.AdminDown || _remoteReceive == TimeSpan.Zero || (_options.IsPassive && _remote == 0)
            || (_isRemoteDemand && State == BfdState.Up && _remoteState == BfdState.Up && !_isPolling);
        if (isSilent)
        {
            _sendAt = MonotonicTime.Never;
            return;
        }

        // A multiplier of 1 leaves no packet to be late: then at least a tenth is taken off (RFC 5880 §6.8.7).
        int least = _options.Multiplier == 1 ? 10 : 0;
        MonotonicTime next = now + (Interval * ((100 - NextBetween(least, 25)) / 100.0));
        if (!isSooner || next < _sendAt) _sendAt = next;
    }

    // Xorshift: whoever knows the discriminator may know the pauses.
    private int NextBetween(int least, int most)
    {
        unchecked
        {
            _random ^= _random << 13;
            _random ^= _random >> 17;
            _random ^= _random << 5;
            return least + (int)(_random % (uint)(most - least + 1));
        }
    }

    private static TimeSpan Longest(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Microseconds(uint count) => TimeSpan.FromTicks(count * TimeSpan.TicksPerMicrosecond);

    private static uint ToMicroseconds(TimeSpan span) => (uint)(span.Ticks / TimeSpan.TicksPerMicrosecond);
}
