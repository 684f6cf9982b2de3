using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director;

/// <summary>The director: rules, their state, and the workers that forward by them. No I/O, no clock, no thread of its own.</summary>
/// <remarks>Threads: rule commands, listings and <see cref="Tick"/> may come from any thread; they take one lock. Workers never do.</remarks>
public sealed class DirectorEngine
{
    /// <summary>Builds a director without rules.</summary>
    public DirectorEngine(DirectorOptions options, NetworkState network) => throw new NotImplementedException();

    /// <summary>One per partition; each is driven by one thread of the caller's.</summary>
    public IReadOnlyList<DirectorWorker> Workers => throw new NotImplementedException();

    /// <summary>Adds a service (reference §2.2).</summary>
    public RuleResult AddService(VirtualServiceRule rule) => throw new NotImplementedException();

    /// <summary>Changes a service; its connections and destinations stay.</summary>
    public RuleResult EditService(VirtualServiceRule rule) => throw new NotImplementedException();

    /// <summary>Deletes a service with its destinations.</summary>
    public RuleResult DeleteService(ServiceKey key) => throw new NotImplementedException();

    /// <summary>Deletes every service.</summary>
    public void Flush() => throw new NotImplementedException();

    /// <summary>Adds a destination at the head of its service's list (reference §2.3, §2.4).</summary>
    public RuleResult AddDestination(ServiceKey service, DestinationRule rule) => throw new NotImplementedException();

    /// <summary>Changes a destination; its connections stay as they were made.</summary>
    public RuleResult EditDestination(ServiceKey service, DestinationRule rule) => throw new NotImplementedException();

    /// <summary>Deletes a destination (reference §2.6).</summary>
    public RuleResult DeleteDestination(ServiceKey service, IpEndpoint real) => throw new NotImplementedException();

    /// <summary>Adds a FULLNAT local address to a service.</summary>
    public RuleResult AddLocalAddress(ServiceKey service, IpAddress address) => throw new NotImplementedException();

    /// <summary>Deletes a FULLNAT local address; connections that use it live on.</summary>
    public RuleResult DeleteLocalAddress(ServiceKey service, IpAddress address) => throw new NotImplementedException();

    /// <summary>Sets the three timeouts; they act at each connection's next packet.</summary>
    public RuleResult SetTimeouts(DirectorTimeouts timeouts) => throw new NotImplementedException();

    /// <summary>The three timeouts in force.</summary>
    public DirectorTimeouts Timeouts => throw new NotImplementedException();

    /// <summary>Zeroes the counters of one service and its destinations, or with null of everything.</summary>
    public RuleResult Zero(ServiceKey? service) => throw new NotImplementedException();

    /// <summary>All services, in no particular order (ipvsadm sorts).</summary>
    public IReadOnlyList<ServiceView> ListServices() => throw new NotImplementedException();

    /// <summary>One service, or null.</summary>
    public ServiceView? FindService(ServiceKey key) => throw new NotImplementedException();

    /// <summary>The totals over all services.</summary>
    public StatisticsView Totals => throw new NotImplementedException();

    /// <summary>Packets dropped for a reason, over all workers.</summary>
    public long CountDrops(DropReason reason) => throw new NotImplementedException();

    /// <summary>The settings (IPVS's sysctls under their own names) by name; what is not a setting is not found.</summary>
    public DirectorSettings Settings => throw new NotImplementedException();

    /// <summary>Does what is due: rates every 2 s, trash, scheduler garbage. Call it at least every 100 ms.</summary>
    public void Tick(MonotonicTime now) => throw new NotImplementedException();
}
