// Reference §3.12.
using System.Runtime.CompilerServices;
using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Scheduling;

/// <summary>lblc: all connections to an address go to one server, until that is overloaded; meant for mark services in front of caches.</summary>
/// <remarks>
/// State: a <see cref="LocalityTable{TValue}"/> from the address packets are sent to (the VIP, but for mark services) to a destination.
/// The remembered one is used while it is in the list, has a weight, and is not locally overloaded; the thresholds' overload mark is
/// not looked at. Otherwise wlc chooses, and its choice is remembered. When the table is full the choice is used all the same. Nothing
/// happens when destinations change: one that is deleted is noticed when it is looked up.
/// </remarks>
internal sealed class LocalityBasedScheduler(DirectorSettings settings) : Scheduler
{
    private readonly LocalityTable<Remembered> _table = new();

    /// <inheritdoc/>
    public override string Name => "lblc";

    /// <summary>Addresses remembered, for tests.</summary>
    internal int Count => _table.Count;

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        ref Remembered remembered = ref _table.Find(request.Virtual, request.Now);
        bool isKnown = !Unsafe.IsNullRef(ref remembered);
        if (isKnown && remembered.Destination is { IsAvailable: true, Weight: > 0 } destination
            && !LocalityLoad.IsOverloaded(destination, service))
            return destination;

        Destination? chosen = WeightedLeastConnectionScheduler.Pick(service);
        if (chosen is null) return null;
        if (!isKnown) remembered = ref _table.TryAdd(request.Virtual, request.Now);
        if (!Unsafe.IsNullRef(ref remembered)) remembered.Destination = chosen;
        return chosen;
    }

    /// <inheritdoc/>
    public override void OnMinute(VirtualServiceState service, MonotonicTime now) =>
        _table.Collect(now, settings.LblcExpiration, keepsAtDeadline: false);

    private struct Remembered
    {
        public Destination? Destination;
    }
}
