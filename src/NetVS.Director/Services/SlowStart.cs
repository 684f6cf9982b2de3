using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>The slow start of a service: how much of its weight a server has that has just come, or come back.</summary>
/// <remarks>
/// <para>A server's share grows from 1/256 to its whole over the period, in steps of 1/256. It begins with the first connection that is scheduled
/// after the server was added or got a weight again, not before: until then nothing could warm it up, and time is only known from packets. So servers
/// that come together, as all do when a director starts, have the same share at every moment, and schedulers, which compare, see no difference.</para>
/// <para>Schedulers that compare loads by weight compare with the share as a factor of the weight. Those that take turns leave out turns: a server
/// gets a part of a turn each time, its share of the greatest share that any server has, and takes one when the parts make a whole.</para>
/// <para>State: in the servers, when each began, its share as of the connection being scheduled, its parts of a turn. While none is under way
/// schedulers compute with plain weights, as IPVS does, and a connection costs one test more. Thread: whoever holds the service's lock.</para>
/// </remarks>
internal sealed class SlowStart
{
    /// <summary>The whole share.</summary>
    public const int Whole = 256;

    private TimeSpan _period;
    private int _greatest = Whole;

    /// <summary>Whether any server may have less than its whole share.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Puts a period in force, for those under way too. A server that came while there was none has its whole share.</summary>
    /// <param name="seconds">The period; 0 is off.</param>
    /// <param name="destinations">The service's destinations.</param>
    public void SetPeriod(uint seconds, Destination[] destinations)
    {
        _period = TimeSpan.FromSeconds(seconds);
        if (seconds != 0) return;
        IsUnderWay = false;
        foreach (Destination destination in destinations) End(destination);
    }

    /// <summary>A destination's rule was put in force: it may have come, or come back.</summary>
    public void Note(Destination destination)
    {
        if (!destination.TakeReturn()) return;
        End(destination);
        if (_period == TimeSpan.Zero) return;
        destination.StartedAt = MonotonicTime.Never;
        IsUnderWay = true;
    }

    /// <summary>A connection is about to be scheduled: those that came begin now, and those whose period is over have their whole share.</summary>
    public void Advance(Destination[] destinations, MonotonicTime now)
    {
        bool isUnderWay = false;
        int greatest = 1;
        foreach (Destination destination in destinations)
        {
            if (destination.StartedAt is { } startedAt)
            {
                if (startedAt == MonotonicTime.Never) destination.StartedAt = startedAt = now;
                long share = (now - startedAt).Ticks * Whole / _period.Ticks;
                if (share < Whole)
                {
                    // Another worker's batch may have begun later than this one, and its time be ahead.
                    destination.StartShare = (int)Math.Max(share, 1);
                    isUnderWay = true;
                }
                else
                {
                    End(destination);
                }
            }

            if (destination.Weight > 0 && !destination.IsOverloaded) greatest = Math.Max(greatest, destination.StartShare);
        }

        _greatest = greatest;
        IsUnderWay = isUnderWay;
    }

    /// <summary>A factor for a destination's weight, which only compares with that of another destination of the service.</summary>
    public int ShareOf(Destination destination) => IsUnderWay ? destination.StartShare : 1;

    /// <summary>A destination's weight, times its share.</summary>
    public long WeightOf(Destination destination) => (long)destination.Weight * ShareOf(destination);

    /// <summary>Whether others of the service are further than it.</summary>
    public bool IsHeldBack(Destination destination) => IsUnderWay && destination.StartShare < _greatest;

    /// <summary>Whether a destination takes its turn, which has come; otherwise it has had a part of one.</summary>
    public bool TakesTurn(Destination destination)
    {
        if (!IsHeldBack(destination)) return true;
        destination.StartCredit += destination.StartShare;
        if (destination.StartCredit < _greatest) return false;
        destination.StartCredit -= _greatest;
        return true;
    }

    private static void End(Destination destination)
    {
        destination.StartedAt = null;
        destination.StartShare = Whole;
        destination.StartCredit = 0;
    }
}
