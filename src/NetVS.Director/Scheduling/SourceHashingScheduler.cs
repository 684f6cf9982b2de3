// Reference §3.9.
using NetVS.Director.Services;
using NetVS.Rules;

namespace NetVS.Director.Scheduling;

/// <summary>sh: the client's address decides, so that a client always comes to the same server.</summary>
/// <remarks>
/// <para>State: 256 buckets, each with a destination. They are filled from the head of the list: each destination takes as many
/// buckets in a row as its weight, at least one even with weight 0, and after the last destination the first follows again until
/// all are taken. Weights above 256 in sum starve the end of the list. The table is filled anew on every add, delete and
/// update, for every client then.</para>
/// <para>A choice is one look: the client's address (and with sh-port its port) hashed to a bucket. If the destination there is not
/// eligible the connection fails; with sh-fallback other buckets are tried. The probe at offset r looks at bucket r + H(key), and
/// begins with r = H(key): the home bucket is added twice, so the first probe is at twice the home bucket. It ends after 256
/// probes, or at an empty bucket, which there is only without any destination.</para>
/// </remarks>
internal sealed class SourceHashingScheduler : Scheduler
{
    private const int Bits = 8;
    private const int Size = 1 << Bits;
    private readonly Destination?[] _buckets = new Destination?[Size];

    /// <inheritdoc/>
    public override string Name => "sh";

    /// <inheritdoc/>
    public override void OnBound(VirtualServiceState service) => Fill(service);

    /// <inheritdoc/>
    public override void OnAdded(VirtualServiceState service, Destination destination) => Fill(service);

    /// <inheritdoc/>
    public override void OnDeleted(VirtualServiceState service, Destination destination, int formerPosition) => Fill(service);

    /// <inheritdoc/>
    public override void OnUpdated(VirtualServiceState service, Destination destination) => Fill(service);

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        if (service.Rule.Options.HasStableHash) return RendezvousHash.ChooseForClient(service, in request);
        uint home = WeightMath.Hash(HashKey.OfClient(service, in request), Bits);
        Destination? chosen = _buckets[home];
        if (chosen is null || IsEligible(chosen)) return chosen;
        return (service.Rule.Flags & ServiceFlags.Scheduler1) != 0 ? Probe(home) : null;
    }

    private Destination? Probe(uint home)
    {
        for (uint n = 0; n < Size; n++)
        {
            uint offset = (n + home) % Size;
            Destination? candidate = _buckets[(offset + home) % Size];
            if (candidate is null || IsEligible(candidate)) return candidate;
        }

        return null;
    }

    private void Fill(VirtualServiceState service)
    {
        Destination[] destinations = service.Destinations;
        if (destinations.Length == 0)
        {
            Array.Clear(_buckets);
            return;
        }

        int position = 0, taken = 0;
        for (int bucket = 0; bucket < Size; bucket++)
        {
            _buckets[bucket] = destinations[position];
            if (++taken < destinations[position].Weight) continue;
            taken = 0;
            if (++position == destinations.Length) position = 0;
        }
    }
}
