using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Scheduling;

/// <summary>Chooses the real server of a new connection; one object per service, holding that service's scheduling state.</summary>
/// <remarks>
/// Reference §3. Every scheduler walks <see cref="VirtualServiceState.Destinations"/> from the head, so the most recently added
/// server is looked at first. Thread: whoever holds the service's lock; all members are called under it. Adding a scheduler is
/// one file here, one line in <see cref="SchedulerTable"/>, one test file.
/// </remarks>
internal abstract class Scheduler
{
    /// <summary>The kernel's short name, which is the scheduler's identity.</summary>
    public abstract string Name { get; }

    /// <summary>Chooses a destination, or null when none may take the connection. Allocates nothing.</summary>
    public abstract Destination? Schedule(VirtualServiceState service, in SchedulingRequest request);

    /// <summary>The scheduler was just bound to a service that may have destinations already.</summary>
    public virtual void OnBound(VirtualServiceState service)
    {
    }

    /// <summary>A destination was put at the head of the list.</summary>
    public virtual void OnAdded(VirtualServiceState service, Destination destination)
    {
    }

    /// <summary>A destination was taken out of the list.</summary>
    /// <param name="service">The service, its list without the destination already.</param>
    /// <param name="destination">The one that is gone.</param>
    /// <param name="formerPosition">Where it was in the list, from the head.</param>
    public virtual void OnDeleted(VirtualServiceState service, Destination destination, int formerPosition)
    {
    }

    /// <summary>A destination's rule changed; its place in the list did not.</summary>
    public virtual void OnUpdated(VirtualServiceState service, Destination destination)
    {
    }

    /// <summary>Sixty seconds have passed: the time for garbage collection.</summary>
    public virtual void OnMinute(VirtualServiceState service, MonotonicTime now)
    {
    }

    /// <summary>Whether the destination may be given connections: weight above zero and not overloaded (reference §3).</summary>
    internal static bool IsEligible(Destination destination) => destination.Weight > 0 && !destination.IsOverloaded;

    /// <summary>The load as lc, wlc, lblc, lblcr and twos see it: an active connection counts 257, an inactive one 1.</summary>
    internal static long Overhead(Destination destination) =>
        ((long)destination.ActiveConnections << 8) + destination.TotalConnections;
}
