// Reference §3.8.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>ovf: the destination of the greatest weight until it has more active connections than its weight, then the next.</summary>
/// <remarks>
/// No state. As fo among those whose active connections do not exceed their weight; since only exceeding it counts, a server takes
/// weight + 1 active connections. When all are over, nobody gets the connection. UDP connections are never active, so a UDP
/// service never overflows.
/// </remarks>
internal sealed class WeightedOverflowScheduler : Scheduler
{
    /// <inheritdoc/>
    public override string Name => "ovf";

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        Destination? greatest = null;
        int greatestWeight = 0;
        foreach (Destination destination in service.Destinations)
        {
            int weight = destination.Weight;
            if (destination.IsOverloaded || weight <= greatestWeight || destination.ActiveConnections > weight) continue;
            greatest = destination;
            greatestWeight = weight;
        }

        return greatest;
    }
}
