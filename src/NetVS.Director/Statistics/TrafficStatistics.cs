namespace NetVS.Director.Statistics;

/// <summary>Counters and rates of a service, a destination or the total, as reference §15 has them.</summary>
/// <remarks>
/// <para>What users see is a snapshot that the estimator takes every two seconds; between two of them nothing moves. Zeroing makes
/// the last snapshot the new zero point, so traffic since then appears at the next one.</para>
/// <para>A rate is an exponential average with weight 1/4 per two seconds, kept as an integer: connections and packets per second
/// times 2^10, octets per second times 2^5. A sample is the difference over two seconds, shifted left by one bit less than the
/// scale (which divides by the two seconds); the average moves by a quarter of its distance, rounded towards minus infinity.</para>
/// Thread: control, under the engine's lock.
/// </remarks>
internal sealed class TrafficStatistics
{
    private TrafficCounters _live;
    private TrafficCounters _snapshot;
    private TrafficCounters _zero;
    private long _connections, _inboundPackets, _outboundPackets, _inboundBytes, _outboundBytes;

    /// <summary>Everything counted since the last zeroing, what is not shown yet included.</summary>
    public TrafficCounters Counted => _live - _zero;

    /// <summary>Goes on from what another director has counted; rates begin at zero.</summary>
    public void GoOnFrom(in TrafficCounters counted)
    {
        _live = _snapshot = counted;
        _zero = default;
    }

    /// <summary>Takes in what was counted; it is seen after the next <see cref="Estimate"/>.</summary>
    public void Add(in TrafficCounters counted) => _live += counted;

    /// <summary>The two-second job: takes the snapshot and moves the rates.</summary>
    public void Estimate()
    {
        TrafficCounters delta = _live - _snapshot;
        _snapshot = _live;
        unchecked
        {
            Move(ref _connections, (long)(delta.Connections << 9));
            Move(ref _inboundPackets, (long)(delta.InboundPackets << 9));
            Move(ref _outboundPackets, (long)(delta.OutboundPackets << 9));
            Move(ref _inboundBytes, (long)(delta.InboundBytes << 4));
            Move(ref _outboundBytes, (long)(delta.OutboundBytes << 4));
        }
    }

    /// <summary>Counters and rates start again from zero.</summary>
    public void Zero()
    {
        _zero = _snapshot;
        _connections = _inboundPackets = _outboundPackets = _inboundBytes = _outboundBytes = 0;
    }

    /// <summary>The numbers as a listing shows them.</summary>
    public StatisticsView ToView()
    {
        TrafficCounters shown = _snapshot - _zero;
        return new StatisticsView(
            shown.Connections, shown.InboundPackets, shown.OutboundPackets, shown.InboundBytes, shown.OutboundBytes,
            PerSecond(_connections), PerSecond(_inboundPackets), PerSecond(_outboundPackets),
            OctetsPerSecond(_inboundBytes), OctetsPerSecond(_outboundBytes));
    }

    private static void Move(ref long average, long sample) => average = unchecked(average + ((sample - average) >> 2));

    private static ulong PerSecond(long average) => unchecked((ulong)((average + 0x1FF) >> 10));

    private static ulong OctetsPerSecond(long average) => unchecked((ulong)((average + 0xF) >> 5));
}
