using NetVS.Director.Forwarding;
using NetVS.Director.Offload;
using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Statistics;

/// <summary>Sums what the workers count into destinations, services and the total, and runs the two-second estimator (reference §15).</summary>
/// <remarks>Thread: control, under the engine's lock.</remarks>
internal sealed class TrafficBook(WorkerCounters[] workers, FlowCounters? flows = null)
{
    /// <summary>After this many missed periods every rate that is not fed is zero, so more need not be made up for.</summary>
    private const int MostPeriodsAtOnce = 256;
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);
    private MonotonicTime? _nextEstimate;

    /// <summary>The totals over all services.</summary>
    public TrafficStatistics Totals { get; } = new();

    /// <summary>Makes room for a destination's counters and notes where they stand.</summary>
    public void Prepare(Destination destination)
    {
        foreach (WorkerCounters worker in workers) worker.Prepare(destination.Index);
        destination.LastRead = Read(destination);
        Restore(destination);
    }

    /// <summary>The fast path is to forward to a destination again.</summary>
    public void Restore(Destination destination) => flows?.SetWithdrawn(destination.Index, isWithdrawn: false);

    /// <summary>The fast path is to forward to a destination no more: its flows' packets go to the director.</summary>
    public void Withdraw(Destination destination) => flows?.SetWithdrawn(destination.Index, isWithdrawn: true);

    /// <summary>Takes in what was counted for a destination since the last time.</summary>
    public void Collect(Destination destination)
    {
        TrafficCounters read = Read(destination);
        TrafficCounters counted = read - destination.LastRead;
        destination.LastRead = read;
        destination.Statistics.Add(counted);
        destination.Service.Statistics.Add(counted);
        Totals.Add(counted);
    }

    /// <summary>Estimates if two seconds have passed; periods that were missed count as periods without traffic.</summary>
    /// <param name="now">The time.</param>
    /// <param name="services">The services in force.</param>
    /// <param name="trash">Deleted destinations: what a worker counted for one just after its deletion belongs to its service still.</param>
    public void Advance(MonotonicTime now, IReadOnlyCollection<VirtualServiceState> services, IReadOnlyCollection<TrashedDestination> trash)
    {
        if (_nextEstimate is not { } next)
        {
            _nextEstimate = now + s_period;
            return;
        }

        for (int done = 0; next <= now; next += s_period)
        {
            if (done++ < MostPeriodsAtOnce) Estimate(services, trash);
            else next = now;
        }

        _nextEstimate = next;
    }

    /// <summary>Forgets when the estimator ran: it begins anew at the next call.</summary>
    public void Pause() => _nextEstimate = null;

    /// <summary>Packets dropped for a reason, over all workers.</summary>
    public long CountDrops(DropReason reason) => workers.Sum(worker => worker.ReadDrops(reason));

    /// <summary>Zeroes a service and its destinations.</summary>
    public static void Zero(VirtualServiceState service)
    {
        service.Statistics.Zero();
        foreach (Destination destination in service.Destinations) destination.Statistics.Zero();
    }

    private void Estimate(IReadOnlyCollection<VirtualServiceState> services, IReadOnlyCollection<TrashedDestination> trash)
    {
        foreach (TrashedDestination trashed in trash) Collect(trashed.Destination);
        foreach (VirtualServiceState service in services)
        {
            foreach (Destination destination in service.Destinations)
            {
                Collect(destination);
                destination.Statistics.Estimate();
            }

            service.Statistics.Estimate();
        }

        Totals.Estimate();
    }

    private TrafficCounters Read(Destination destination)
    {
        TrafficCounters sum = default;
        foreach (WorkerCounters worker in workers) sum += worker.Read(destination.Index);
        return flows is null ? sum : sum + flows.Read(destination.Index);
    }
}
