// Reference §3.4.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>wlc, ipvsadm's default: the destination with the least load for its weight.</summary>
/// <remarks>
/// No state. One pass from the head; a later destination takes the place of the best so far when
/// overhead(best) · weight(later) &gt; overhead(later) · weight(best), that is overhead/weight compared without a division. The
/// comparison is strict, so among equals the newest wins; two idle equal servers give every connection to the newest until its count
/// rises. A weight of 0 makes the left side 0 and never wins.
/// </remarks>
internal sealed class WeightedLeastConnectionScheduler : Scheduler
{
    /// <inheritdoc/>
    public override string Name => "wlc";

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request) => Pick(service);

    /// <summary>The rule itself, which lblc and lblcr use too.</summary>
    internal static Destination? Pick(VirtualServiceState service)
    {
        Destination? least = null;
        long leastOverhead = 0;
        long leastWeight = 0;
        SlowStart start = service.SlowStart;
        foreach (Destination destination in service.Destinations)
        {
            if (!IsEligible(destination)) continue;
            long overhead = Overhead(destination);
            long weight = start.WeightOf(destination);
            if (least is not null && unchecked(leastOverhead * weight <= overhead * leastWeight)) continue;
            least = destination;
            leastOverhead = overhead;
            leastWeight = weight;
        }

        return least;
    }
}
