using NetVS.Director.Forwarding;
using NetVS.Director.Helpers;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director;

/// <content>What the director shows of itself, and hands on to the next one.</content>
public sealed partial class DirectorEngine
{
    /// <summary>All services, in no particular order (ipvsadm sorts).</summary>
    public IReadOnlyList<ServiceView> ListServices()
    {
        lock (_lock) return [.. _rules.Services.Select(ToView)];
    }

    /// <summary>One service, or null.</summary>
    public ServiceView? FindService(ServiceKey key)
    {
        lock (_lock) return _rules.Find(key) is { } state ? ToView(state) : null;
    }

    /// <summary>All counters as they stand, for a successor.</summary>
    public CountedTraffic ReadCounted()
    {
        lock (_lock) return _traffic.ReadCounted([.. _rules.Services]);
    }

    /// <summary>Goes on from what another director has counted for destinations of the same indices. After the rules, before the packets.</summary>
    public void GoOnFrom(CountedTraffic counted)
    {
        ArgumentNullException.ThrowIfNull(counted);
        lock (_lock) _traffic.GoOnFrom(counted, [.. _rules.Services]);
    }

    /// <summary>The index of every destination in force: what outlives the director (flows, their counters) knows them by it.</summary>
    public IReadOnlyList<DestinationSlot> ListDestinationSlots()
    {
        lock (_lock) return [.. _rules.Services.SelectMany(s => s.Destinations.Select(d => new DestinationSlot(d.Index, s.Key, d.Rule.Real)))];
    }

    /// <summary>Keeps indices for destinations that will be added; only while there are no rules.</summary>
    public void PreferDestinationSlots(IEnumerable<DestinationSlot> wishes)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        lock (_lock) Destinations.Prefer(wishes);
    }

    /// <summary>The helpers with their ports, and how many control connections each looks after there; in the order of the ports.</summary>
    public IReadOnlyList<HelperView> ListHelpers()
    {
        Dictionary<(byte Helper, ushort Port), int> counts = HelperSessions.Count();
        return [.. HelperTable.All.SelectMany((helper, i) => helper.PortsOf(Settings).ToArray().Order()
            .Select(port => new HelperView(helper.Name, helper.Protocol, port, counts.GetValueOrDefault(((byte)(i + 1), port)))))];
    }

    /// <summary>Packets dropped for a reason, over all workers.</summary>
    public long CountDrops(DropReason reason) => _traffic.CountDrops(reason);

    /// <summary>How often something worth counting happened that dropped no packet, over all workers.</summary>
    public long CountEvents(ForwardingEvent counted) => _workers.Sum(worker => worker.CountEvents(counted));

    private ServiceView ToView(VirtualServiceState service) => new(
        service.Rule,
        service.Statistics.ToView(),
        [.. service.Destinations.Select(ToView)],
        [.. service.LocalAddresses.Select(ToView)]);

    private DestinationView ToView(Destination destination)
    {
        long active = destination.ActiveConnections;
        DestinationRule rule = destination.Rule;
        return new DestinationView(
            rule.Weight == destination.Weight ? rule : rule with { Weight = destination.Weight }, active,
            Math.Max(destination.TotalConnections - active, 0), destination.PersistentConnections, destination.IsOverloaded, destination.Statistics.ToView())
        {
            ConfiguredWeight = rule.Weight,
            Override = destination.Override is { } wanted ? ToView(destination.Service.Key, rule.Real, wanted) : null,
        };
    }

    private LocalAddressView ToView(IpAddress address) => _rules.LocalAddresses.TryFind(address, out LocalAddressUsage? usage)
        ? new LocalAddressView(address, usage.PortsInUse, usage.AllocationFailures)
        : new LocalAddressView(address, 0, 0);
}
