// Reference §3.3.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>lc: the destination with the least load, whatever the weights.</summary>
/// <remarks>
/// No state. One pass from the head over the eligible destinations; the load is <see cref="Scheduler.Overhead"/>, so one active
/// connection outweighs 256 inactive ones. The comparison is strict: among equals the one nearest the head, the newest, wins. During
/// a slow start the load is divided by the share.
/// </remarks>
internal sealed class LeastConnectionScheduler : Scheduler
{
    /// <inheritdoc/>
    public override string Name => "lc";

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        Destination? least = null;
        long leastOverhead = 0;
        int leastShare = 0;
        SlowStart start = service.SlowStart;
        foreach (Destination destination in service.Destinations)
        {
            if (!IsEligible(destination)) continue;
            long overhead = Overhead(destination);
            int share = start.ShareOf(destination);
            if (least is not null && overhead * leastShare >= leastOverhead * share) continue;
            least = destination;
            leastOverhead = overhead;
            leastShare = share;
        }

        return least;
    }
}
