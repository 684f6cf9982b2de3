using NetVS.Packets;

namespace NetVS.Director.Icmp;

/// <summary>A token bucket that bounds how many ICMP messages a worker sends (RFC 1812 §4.3.2.8, RFC 4443 §2.4 (f)).</summary>
/// <remarks>Thread: the owning worker.</remarks>
internal sealed class IcmpRateLimiter
{
    /// <summary>Messages at once after a pause.</summary>
    public const int Burst = 50;

    private const long Second = 1_000_000_000;

    // What has been saved up, in message-nanoseconds: a second fills in the rate's number of messages, each worth a second.
    private long _saved = Burst * Second;
    private MonotonicTime _filled;

    /// <summary>Takes the right to send one message now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="perSecond">Messages a second in the long run, at most a million; 0 for none at all.</param>
    public bool TryTake(MonotonicTime now, int perSecond)
    {
        if (perSecond == 0) return false;
        if (now > _filled)
        {
            // A pause is counted up to the time that fills the bucket, so that the product stays small.
            long passed = Math.Min(now.Nanoseconds - _filled.Nanoseconds, Burst * Second);
            _saved = Math.Min(Burst * Second, _saved + (passed * perSecond));
            _filled = now;
        }

        if (_saved < Second) return false;
        _saved -= Second;
        return true;
    }
}
