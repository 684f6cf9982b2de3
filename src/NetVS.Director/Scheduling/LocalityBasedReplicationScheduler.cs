// Reference §3.13.
using System.Runtime.CompilerServices;
using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Scheduling;

/// <summary>lblcr: as lblc, with a set of servers per address that grows under load and shrinks with time.</summary>
/// <remarks>
/// State: a <see cref="LocalityTable{TValue}"/> from the address packets are sent to, to a <see cref="ServerSet"/>. The least loaded member
/// for its weight is chosen. When it is locally overloaded, or no member may be used, wlc chooses among all and its choice joins the set. A
/// set of several that has not changed for <c>lblcr_expiration</c> loses its most loaded member; that happens after the choice, which
/// stands. An unknown address begins with a set of wlc's choice.
/// </remarks>
internal sealed class LocalityBasedReplicationScheduler(DirectorSettings settings) : Scheduler
{
    private readonly LocalityTable<Remembered> _table = new();

    /// <inheritdoc/>
    public override string Name => "lblcr";

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        ref Remembered remembered = ref _table.Find(request.Virtual, request.Now);
        bool isKnown = !Unsafe.IsNullRef(ref remembered);
        if (isKnown)
        {
            ServerSet members = remembered.Members!;
            Destination? least = members.FindLeastLoaded();
            if (members.Count > 1 && request.Now - members.LastChanged > settings.LblcrExpiration) members.RemoveMostLoaded(request.Now);
            if (least is not null && !LocalityLoad.IsOverloaded(least, service)) return least;
        }

        Destination? chosen = WeightedLeastConnectionScheduler.Pick(service);
        if (chosen is null) return null;
        if (!isKnown)
        {
            remembered = ref _table.TryAdd(request.Virtual, request.Now);
            if (Unsafe.IsNullRef(ref remembered)) return chosen;
            remembered.Members ??= new ServerSet();
            remembered.Members.Clear();
        }

        remembered.Members!.Add(chosen, request.Now);
        return chosen;
    }

    /// <inheritdoc/>
    public override void OnMinute(VirtualServiceState service, MonotonicTime now) =>
        _table.Collect(now, settings.LblcrExpiration, keepsAtDeadline: true);

    private struct Remembered
    {
        public ServerSet? Members;
    }
}
