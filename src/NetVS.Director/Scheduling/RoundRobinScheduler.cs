// Reference §3.1.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>rr: every eligible destination in turn, whatever its weight.</summary>
/// <remarks>
/// State: the position of the destination chosen last, or -1 before the head. A walk begins behind it, goes round at most once and
/// looks at that destination itself last, so it ends after at most as many steps as there are destinations; begun before the head it
/// is one pass over the list. When nothing is eligible the position stays.
/// A new destination goes to the head: every position moves up by one, and the newcomer's turn comes after the wrap. When the
/// destination chosen last is deleted the position moves back to the one before it, so that the one behind it is still next; a
/// deletion nearer the head only renumbers. Weights matter only as zero or not.
/// </remarks>
internal sealed class RoundRobinScheduler : Scheduler
{
    private int _last = -1;

    /// <inheritdoc/>
    public override string Name => "rr";

    /// <inheritdoc/>
    public override void OnBound(VirtualServiceState service) => _last = -1;

    /// <inheritdoc/>
    public override void OnAdded(VirtualServiceState service, Destination destination)
    {
        if (_last >= 0) _last++;
    }

    /// <inheritdoc/>
    public override void OnDeleted(VirtualServiceState service, Destination destination, int formerPosition)
    {
        if (_last >= formerPosition) _last--;
    }

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        Destination[] destinations = service.Destinations;
        int position = _last, held = -1;
        SlowStart start = service.SlowStart;
        for (int step = 0; step < destinations.Length; step++)
        {
            if (++position == destinations.Length) position = 0;
            if (!IsEligible(destinations[position])) continue;
            if (!start.TakesTurn(destinations[position]))
            {
                if (held < 0) held = position;
                continue;
            }

            _last = position;
            return destinations[position];
        }

        // All others were overloaded meanwhile.
        if (held < 0) return null;
        _last = held;
        return destinations[held];
    }
}
