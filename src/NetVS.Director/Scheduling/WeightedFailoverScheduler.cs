// Reference §3.7.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>fo: always the destination of the greatest weight.</summary>
/// <remarks>
/// No state. One pass over the eligible destinations; among equal weights the newest. The next one takes over only when the greatest
/// is set to weight 0, overloaded or deleted, and gives back when it returns.
/// </remarks>
internal sealed class WeightedFailoverScheduler : Scheduler
{
    /// <inheritdoc/>
    public override string Name => "fo";

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        Destination? greatest = null;
        int greatestWeight = 0;
        foreach (Destination destination in service.Destinations)
        {
            int weight = destination.Weight;
            if (destination.IsOverloaded || weight <= greatestWeight) continue;
            greatest = destination;
            greatestWeight = weight;
        }

        return greatest;
    }
}
