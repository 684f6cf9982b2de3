// Reference §3.6.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>nq: an idle destination at once; without one, as sed.</summary>
/// <remarks>
/// No state. The pass from the head stops at the first eligible destination without an active connection: the newest idle one, not the
/// best, whatever its weight. Only when none is idle does sed's comparison, made along the way, decide. A server that
/// starts slowly is not taken for being idle, but compared.
/// </remarks>
internal sealed class NeverQueueScheduler : Scheduler
{
    /// <inheritdoc/>
    public override string Name => "nq";

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        Destination? least = null;
        long leastDelay = 0;
        long leastWeight = 0;
        SlowStart start = service.SlowStart;
        foreach (Destination destination in service.Destinations)
        {
            if (!IsEligible(destination)) continue;
            int active = destination.ActiveConnections;
            if (active == 0 && !start.IsHeldBack(destination)) return destination;
            long delay = active + 1L;
            long weight = start.WeightOf(destination);
            if (least is not null && unchecked(leastDelay * weight <= delay * leastWeight)) continue;
            least = destination;
            leastDelay = delay;
            leastWeight = weight;
        }

        return least;
    }
}
