// Reference §3.10.
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>dh: the address the packet was sent to decides; meant for mark services in front of caches.</summary>
/// <remarks>
/// State: 256 buckets, filled from the head with one destination each, round and round; weights play no part, so a server of weight 0
/// keeps its buckets. Filled anew when a destination comes or goes; a changed weight changes nothing. A choice is one look, and
/// fails when the destination there has left, has weight 0 or is overloaded: no other bucket is tried.
/// </remarks>
internal sealed class DestinationHashingScheduler : Scheduler
{
    private const int Bits = 8;
    private const int Size = 1 << Bits;
    private readonly Destination?[] _buckets = new Destination?[Size];

    /// <inheritdoc/>
    public override string Name => "dh";

    /// <inheritdoc/>
    public override void OnBound(VirtualServiceState service) => Fill(service);

    /// <inheritdoc/>
    public override void OnAdded(VirtualServiceState service, Destination destination) => Fill(service);

    /// <inheritdoc/>
    public override void OnDeleted(VirtualServiceState service, Destination destination, int formerPosition) => Fill(service);

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        if (service.Rule.Options.HasStableHash) return RendezvousHash.Choose(service.Destinations, request.Virtual, 0, usesWeights: false);
        Destination? chosen = _buckets[WeightMath.Hash(request.Virtual.Fold(), Bits)];
        return chosen is not null && chosen.IsAvailable && IsEligible(chosen) ? chosen : null;
    }

    private void Fill(VirtualServiceState service)
    {
        Destination[] destinations = service.Destinations;
        for (int bucket = 0; bucket < Size; bucket++)
            _buckets[bucket] = destinations.Length == 0 ? null : destinations[bucket % destinations.Length];
    }
}
