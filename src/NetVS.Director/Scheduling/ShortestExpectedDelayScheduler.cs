// Reference §3.5.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>sed: the destination where the new connection is expected to wait least, (active + 1) / weight.</summary>
/// <remarks>
/// As wlc, with active + 1 in place of the overhead: the new connection itself counts, inactive ones do not. So of idle servers the one
/// of the greatest weight is chosen, and not the newest as wlc would.
/// </remarks>
internal sealed class ShortestExpectedDelayScheduler : Scheduler
{
    /// <inheritdoc/>
    public override string Name => "sed";

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
            long delay = destination.ActiveConnections + 1L;
            long weight = start.WeightOf(destination);
            if (least is not null && unchecked(leastDelay * weight <= delay * leastWeight)) continue;
            least = destination;
            leastDelay = delay;
            leastWeight = weight;
        }

        return least;
    }
}
