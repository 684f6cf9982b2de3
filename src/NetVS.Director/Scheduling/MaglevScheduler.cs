// Reference §3.11; the algorithm is that of Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016), §3.4.
using System.Numerics;
using NetVS.Director.Services;
using NetVS.Rules;

namespace NetVS.Director.Scheduling;

/// <summary>mh: the client's address decides by a table in which few slots move when a server comes or goes.</summary>
/// <remarks>
/// <para>State: 4093 slots (a prime), each with a destination. Every destination has its own order of preference over all
/// slots, an arithmetic progression from an offset in steps of a skip, both hashed from its address and port; as the size is
/// prime, every skip visits every slot. The table is filled in rounds over the list: each destination claims, as often as its
/// number of turns, the first slot in its order that is free. It ends when all are claimed. Since the order of preference does not
/// depend on the others, a slot changes hands only where a lost or new server was involved.</para>
/// <para>Turns come from the last weight that was not 0, divided by the greatest common divisor of all and shifted right until the greatest
/// takes six bits; what would become 0 is 1. So setting a weight to 0 moves no slot: its clients get no server, or with
/// mh-fallback another one, and all others stay. The table is built anew on every add, delete and update; with more destinations
/// than slots it stays as it was.</para>
/// <para>A choice is one hash and one look. With mh-fallback, when the destination in the home slot i is not eligible, the client's key is
/// hashed anew with i, i + 1, … added (modulo the size), at most 4093 times; an empty slot, which there is only in an empty
/// table, ends it.</para>
/// </remarks>
internal sealed class MaglevScheduler : Scheduler
{
    private const int Size = 4093;
    private const int WeightBits = 6;
    private readonly Destination?[] _slots = new Destination?[Size];

    /// <inheritdoc/>
    public override string Name => "mh";

    /// <inheritdoc/>
    public override void OnBound(VirtualServiceState service) => Build(service.Destinations);

    /// <inheritdoc/>
    public override void OnAdded(VirtualServiceState service, Destination destination) => Build(service.Destinations);

    /// <inheritdoc/>
    public override void OnDeleted(VirtualServiceState service, Destination destination, int formerPosition) => Build(service.Destinations);

    /// <inheritdoc/>
    public override void OnUpdated(VirtualServiceState service, Destination destination) => Build(service.Destinations);

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        if (service.Rule.Options.HasStableHash) return RendezvousHash.ChooseForClient(service, in request);
        uint key = HashKey.OfClient(service, in request);
        uint home = MaglevHash.Of(MaglevHash.Key1, key) % Size;
        Destination? chosen = _slots[home];
        if (chosen is null || IsEligible(chosen)) return chosen;
        return (service.Rule.Flags & ServiceFlags.Scheduler1) != 0 ? Probe(key, home) : null;
    }

    /// <summary>The destination in a slot, for tests.</summary>
    internal Destination? SlotAt(int slot) => _slots[slot];

    private Destination? Probe(uint key, uint home)
    {
        for (uint n = 0; n < Size; n++)
        {
            uint offset = (n + home) % Size;
            Destination? candidate = _slots[MaglevHash.Of(MaglevHash.Key1, unchecked(key + offset)) % Size];
            if (candidate is null || IsEligible(candidate)) return candidate;
        }

        return null;
    }

    private void Build(Destination[] destinations)
    {
        if (destinations.Length > Size) return;
        int divisor = 0, greatest = 0;
        foreach (Destination destination in destinations)
        {
            if (destination.LastWeight <= 0) continue;
            divisor = WeightMath.GreatestCommonDivisor(divisor, destination.LastWeight);
            greatest = Math.Max(greatest, destination.LastWeight);
        }

        Array.Clear(_slots);
        if (divisor < 1) return;
        int shift = Math.Max(0, 32 - BitOperations.LeadingZeroCount((uint)(greatest / divisor)) - WeightBits);
        var claims = new Claim[destinations.Length];
        for (int i = 0; i < claims.Length; i++) claims[i] = new Claim(destinations[i], divisor, shift);
        Fill(claims);
    }

    private void Fill(Claim[] claims)
    {
        int free = Size;
        while (true)
        {
            foreach (ref Claim claim in claims.AsSpan())
            {
                for (int turn = 0; turn < claim.Turns; turn++)
                {
                    while (_slots[claim.Next] is not null) claim.Next = (claim.Next + claim.Skip) % Size;
                    _slots[claim.Next] = claim.Destination;
                    if (--free == 0) return;
                }
            }
        }
    }

    /// <summary>A destination's order of preference, and how far it has come in it.</summary>
    private struct Claim
    {
        public Claim(Destination destination, int divisor, int shift)
        {
            uint key = unchecked(destination.Address.Fold() + destination.Port);
            Destination = destination;
            Next = (int)(MaglevHash.Of(MaglevHash.Key1, key) % Size);
            Skip = (int)(MaglevHash.Of(MaglevHash.Key2, key) % (Size - 1)) + 1;
            int turns = destination.LastWeight / divisor >> shift;
            Turns = turns == 0 && destination.LastWeight != 0 ? 1 : turns;
        }

        public Destination Destination { get; }

        public int Skip { get; }

        public int Turns { get; }

        public int Next { get; set; }
    }
}
