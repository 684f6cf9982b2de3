// Reference §3.2.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>wrr: in turn, and as often as the weight says.</summary>
/// <remarks>
/// <para>State: the position chosen last (-1 before the head), the current level, the step between levels (the greatest common divisor
/// of all positive weights) and the top level (the greatest weight less the step, plus one).</para>
/// <para>A round makes passes over the list at levels top, top - step, … down to 1; a pass gives a turn to each destination that is
/// not overloaded and whose weight reaches the level. So a destination of weight w gets w/step turns a round, spread over its
/// upper passes. The levels end at 1 and not at the step: a weight that just fell below the step still gets its turn.</para>
/// <para>Why it ends: at the end of the list the level falls, and below 1 it begins again at the top. The lowest level of a round
/// (at most the step) takes every destination that can be taken at all. So when a walk that began before the head has gone once
/// through the lowest level, or a walk from the middle has gone through a whole pass of it, there is none; a walk from the middle of
/// that pass goes on at the next round's lowest level up to where it began. Levels that no destination reaches are not walked but
/// computed, so that a choice takes a few passes at most, whatever the weights.</para>
/// <para>Any change of the list or of a weight puts the position before the head and recomputes step and top; the level is kept, or
/// brought onto the new grid. The sequence is disturbed by an edit, not restarted.</para>
/// </remarks>
internal sealed class WeightedRoundRobinScheduler : Scheduler
{
    private int _last = -1;
    private int _level;
    private int _step;
    private int _top;

    /// <inheritdoc/>
    public override string Name => "wrr";

    /// <inheritdoc/>
    public override void OnBound(VirtualServiceState service)
    {
        _last = -1;
        Measure(service);
        _level = _top;
    }

    /// <inheritdoc/>
    public override void OnAdded(VirtualServiceState service, Destination destination) => OnChanged(service);

    /// <inheritdoc/>
    public override void OnDeleted(VirtualServiceState service, Destination destination, int formerPosition) => OnChanged(service);

    /// <inheritdoc/>
    public override void OnUpdated(VirtualServiceState service, Destination destination) => OnChanged(service);

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        if (_top == 0) return null;
        Destination? held = null;

        // All others may have been overloaded meanwhile.
        return Walk(service, ref held) ?? held;
    }

    private Destination? Walk(VirtualServiceState service, ref Destination? held)
    {
        Destination[] destinations = service.Destinations;
        SlowStart slowStart = service.SlowStart;
        int start = _last, end = destinations.Length - 1;
        bool hasWrapped = false, isLowest = false;
        for (int from = start + 1; ; from = 0)
        {
            // Once round, at the lowest level again: only what lies up to the start has not been asked at that level.
            bool isRemainder = hasWrapped && isLowest && start >= 0;
            if (isRemainder) end = start;
            for (int i = from; i <= end; i++)
            {
                if (destinations[i].IsOverloaded || destinations[i].Weight < _level) continue;
                if (!slowStart.TakesTurn(destinations[i]))
                {
                    held ??= destinations[i];
                    continue;
                }

                _last = i;
                return destinations[i];
            }

            if (isRemainder) return null;
            _level -= _step;
            if (_level <= 0)
            {
                _level = _top;
                if (isLowest || start < 0) return null;
                hasWrapped = true;
            }

            SkipLevelsNobodyReaches(destinations);
            isLowest = _level <= _step;
        }
    }

    /// <summary>Leaves out levels above everybody's weight, but never the lowest, for what its walk means.</summary>
    private void SkipLevelsNobodyReaches(Destination[] destinations)
    {
        if (_level <= _step) return;
        int best = 0;
        foreach (Destination destination in destinations)
        {
            if (!destination.IsOverloaded && destination.Weight > best) best = destination.Weight;
        }

        if (_level <= best) return;
        int lowest = ((_level - 1) % _step) + 1;
        _level = best <= lowest ? lowest : best - ((best - lowest) % _step);
    }

    private void OnChanged(VirtualServiceState service)
    {
        _last = -1;
        Measure(service);
        if (_level > _top || _level == 0) _level = _top;
        else if (_step > 1) _level = ((_level / _step) * _step) + 1;
    }

    private void Measure(VirtualServiceState service)
    {
        int divisor = 0, greatest = 0;
        foreach (Destination destination in service.Destinations)
        {
            int weight = destination.Weight;
            if (weight <= 0) continue;
            divisor = WeightMath.GreatestCommonDivisor(divisor, weight);
            greatest = Math.Max(greatest, weight);
        }

        _step = Math.Max(divisor, 1);
        _top = greatest - (_step - 1);
    }
}
