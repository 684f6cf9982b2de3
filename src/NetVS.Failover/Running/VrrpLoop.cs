using System.Collections.Concurrent;
using NetVS.Director.Network;
using NetVS.Failover.Notify;
using NetVS.Failover.Plan;
using NetVS.Failover.Trackers;
using NetVS.Linux.Native;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Scripts;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Wire;

namespace NetVS.Failover.Running;

/// <summary>The instances and the one thread they live on: it waits for adverts, deadlines, changes of the host, and orders.</summary>
/// <remarks>
/// While nothing changes the thread allocates nothing: adverts leave in time as far as the runtime lets it, for it never asks for a collection itself. A
/// change of links or addresses, an order, a transition may allocate. Other threads only post orders.
/// </remarks>
internal sealed class VrrpLoop : IDisposable
{
    private const int MostInARow = 64;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private readonly FailoverOptions _options;
    private readonly ConcurrentQueue<Action<MonotonicTime>> _orders = new();
    private readonly List<RunningInstance> _instances = [];
    private readonly Dictionary<string, SyncGroup> _groups = [];
    private readonly Dictionary<TrackerKey, int> _results = [];
    private readonly byte[] _buffer = new byte[2 * AdvertWriter.MostOctets];
    private readonly DescriptorPoller _poller = new("vrrp");
    private readonly NetworkChanges _changes = new();
    private readonly RouteDeletions _routes = new();
    private readonly List<RouteKey> _deleted = [];
    private readonly VrrpNetwork _network = new();
    private readonly PacketSender _sender = new();
    private readonly HostAddresses _host;
    private readonly FilteredAddresses _filter;
    private readonly PromotedInterfaces _promoted = new();
    private readonly VirtualMacs _virtualMacs;
    private readonly Receivers _receivers;
    private readonly RouterEffects _effects;
    private readonly Notifier _notifier;
    private readonly LocalMembership _membership = new();
    private FailoverPlan _plan = FailoverPlan.Empty;
    private bool _isEnding;

    /// <summary>Opens all it needs. To be called on the loop's own thread, in its network namespace.</summary>
    public VrrpLoop(FailoverOptions options)
    {
        _options = options;
        _filter = new FilteredAddresses(options.Log);
        _host = new HostAddresses(_network, _filter, options.Log);
        _virtualMacs = new VirtualMacs(_network, _host, options.Log);
        _receivers = new Receivers(options.Log);
        _notifier = new Notifier(options);
        _effects = new RouterEffects(options.Clock, _sender, _host, _notifier, options.Log);
    }

    /// <summary>Adverts for ids that no instance has.</summary>
    public long UnknownIds { get; private set; }

    /// <summary>Packets too damaged to name an id.</summary>
    public long Malformed { get; private set; }

    /// <summary>Adverts the kernel did not take.</summary>
    public long SendFailures => _effects.SendFailures;

    /// <summary>The instances.</summary>
    public IReadOnlyList<RunningInstance> Instances => _instances;

    /// <summary>Has something done on the loop's thread. Any thread.</summary>
    public void Post(Action<MonotonicTime> order)
    {
        _orders.Enqueue(order);
        _poller.Wake();
    }

    /// <summary>Runs until <see cref="End"/>.</summary>
    public void Run()
    {
        _host.Read();
        _filter.RemoveLeftovers();
        SetDescriptors();
        while (!_isEnding)
        {
            MonotonicTime now = _options.Clock();
            _poller.Wait(Least(FindDeadline() - now, s_longest));
            now = _options.Clock();
            while (_orders.TryDequeue(out Action<MonotonicTime>? order)) order(now);
            if (_poller.IsReady(0) && _changes.Take()) Look(now);
            if (_poller.IsReady(1)) NoteDeletions(now);
            for (int i = 0; i < _receivers.All.Count; i++) Receive(_receivers.All[i].Receiver, _receivers.All[i].Instances, now);
            for (int i = 0; i < _instances.Count; i++) _instances[i].Router.Tick(now);
            _effects.Pump(now);
            for (int i = 0; i < _instances.Count && !_isEnding; i++) TellState(_instances[i]);
        }
    }

    /// <summary>Puts a plan in force. Thread: the loop's.</summary>
    public void Apply(FailoverPlan plan, MonotonicTime now)
    {
        FailoverPlan before = _plan;
        _plan = plan;
        _notifier.Configure(plan);
        _membership.Set(plan.DisablesLocalIgmp);
        _effects.GarpInterval = plan.GarpInterval;
        _effects.NeighbourInterval = plan.NeighbourInterval;
        _host.Read();
        _host.ChangeRules(before.StaticRules.Where(r => plan.StaticRules.All(n => n.Text != r.Text)), isAdded: false, "static");
        _host.ChangeRoutes(before.StaticRoutes.Where(r => plan.StaticRoutes.All(n => n.Text != r.Text)), 0, isAdded: false, "static");
        _host.ChangeStatic(before.StaticAddresses.Where(a => plan.StaticAddresses.All(n => n.Address != a.Address || n.Interface != a.Interface)), isAdded: false);
        _host.ChangeStatic(plan.StaticAddresses, isAdded: true);
        _host.ChangeRoutes(plan.StaticRoutes, 0, isAdded: true, "static");
        _host.ChangeRules(plan.StaticRules, isAdded: true, "static");
        if (plan.Instances.Any(i => i.GuardedRoutes.Count > 0)) _routes.Listen();
        RemoveInstances(plan, now);
        List<RunningInstance> added = AddInstances(plan, out List<(RunningInstance Instance, InstancePlan Plan, InstancePlan Before)> kept);
        JoinGroups(plan);
        foreach (RunningInstance instance in added) instance.Conditions.AddTracked(plan, _results);
        foreach ((RunningInstance instance, InstancePlan next, _) in kept) instance.Change(next, now, c =>
        {
            c.AddTracked(plan, _results);
            LookAt(instance, c);
        });
        Look(now);
        foreach ((RunningInstance instance, _, InstancePlan old) in kept)
        {
            if (instance.Router.State != VirtualRouterState.Master) continue;
            if (_host.Adjust(instance, old)) _effects.Announce(instance.Router, instance.Plan.Options.Garp.MasterRepeat);
        }

        foreach (RunningInstance instance in added) _host.RemoveLeftovers(instance);

        // All that took its time: the timers count from here.
        now = _options.Clock();
        foreach (RunningInstance instance in added) instance.Router.Start(now);
        if (!plan.RepeatsStatesOnReload || before.IsEmpty) return;
        foreach (RunningInstance instance in _instances) _notifier.Repeat(instance.Plan, instance.Router.State, instance.Router.EffectivePriority);
    }

    /// <summary>Finds what is missing of what is to be in place. Thread: the loop's.</summary>
    public IReadOnlyList<string> Reconcile(IReadOnlySet<RouteKey> there, MonotonicTime since, bool isApplied)
    {
        _host.Read();
        return new Reconciliation(_host, there, since, isApplied).Look(_plan, _instances);
    }

    /// <summary>Takes a tracker's result. Thread: the loop's.</summary>
    public void Note(TrackerKey key, int result, MonotonicTime now)
    {
        _results[key] = result;
        foreach (RunningInstance instance in _instances)
        {
            if (instance.Conditions.Tracked.TryGetValue(key, out NetVS.Vrrp.Tracking.TrackedCondition? condition) && InstanceConditions.Set(condition, result))
                instance.Router.Evaluate(now);
        }
    }

    /// <summary>Forgets what a tracker said. Thread: the loop's.</summary>
    public void Forget(TrackerKey key) => _results.Remove(key);

    /// <summary>Resigns everywhere and leaves nothing behind. Thread: the loop's.</summary>
    public void End(MonotonicTime now)
    {
        foreach (RunningInstance instance in _instances) instance.Router.Stop(now);
        foreach (SyncGroup group in _groups.Values) _effects.Notify(group, Notification.Stop);
        foreach (RunningInstance instance in _instances) _virtualMacs.Remove(instance);
        _host.ChangeRules(_plan.StaticRules, isAdded: false, "static");
        _host.ChangeRoutes(_plan.StaticRoutes, 0, isAdded: false, "static");
        _host.ChangeStatic(_plan.StaticAddresses, isAdded: false);
        _membership.Set(false);
        _promoted.Set([]);
        _isEnding = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _receivers.Dispose();
        _filter.Dispose();
        _notifier.Dispose();
        _changes.Dispose();
        _routes.Dispose();
        _network.Dispose();
        _sender.Dispose();

        // Another thread may be about to wake the loop still: the descriptor is left to the finalizer.
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private MonotonicTime FindDeadline()
    {
        MonotonicTime first = _effects.Deadline;
        for (int i = 0; i < _instances.Count; i++)
        {
            MonotonicTime own = _instances[i].Router.Deadline;
            if (own < first) first = own;
        }

        // "Never" minus now would not fit a time span's arithmetic in a checked build.
        MonotonicTime latest = _options.Clock() + s_longest;
        return first < latest ? first : latest;
    }

    private void TellState(RunningInstance instance)
    {
        VirtualRouterState state = instance.Router.State;
        if (instance.ToldState == state) return;
        instance.ToldState = state;
        _options.StateChanged(instance.Plan.Name, state);
    }

    private void Receive(VrrpReceiver receiver, List<RunningInstance> instances, MonotonicTime now)
    {
        for (int i = 0; i < MostInARow && receiver.TryReceive(_buffer, out VrrpPacket packet); i++)
        {
            bool isRead = receiver.Family == IpFamily.V6
                ? ReceivedAdvert.TryReadIpv6(packet.Source, packet.Destination, packet.HopLimit, packet.Octets, out ReceivedAdvert advert)
                : ReceivedAdvert.TryReadIpv4(packet.Octets, out advert);
            if (!isRead) Malformed++;
            else if (Choose(instances, advert) is { } instance) instance.Router.Receive(advert, now);
            else NoteUnknown(advert);
        }
    }

    // Of several with one id the one that expects this kind of packet; else any, which then counts why it is none for it.
    private static RunningInstance? Choose(List<RunningInstance> instances, in ReceivedAdvert advert)
    {
        RunningInstance? found = null;
        for (int i = 0; i < instances.Count; i++)
        {
            NetVS.Vrrp.Options.VirtualRouterOptions options = instances[i].Router.Options;
            if (options.RouterId != advert.RouterId) continue;
            if (advert.IsMulticast ? !options.IsUnicast && options.Group == advert.Destination : options.IsUnicast && instances[i].Router.Source == advert.Destination) return instances[i];
            found ??= instances[i];
        }

        return found;
    }

    private void NoteUnknown(in ReceivedAdvert advert)
    {
        if (UnknownIds++ == 0 && _plan.LogsUnknownIds) _options.Log($"vrrp: advert from {advert.Source} for virtual_router_id {advert.RouterId}, which no instance here has");
    }

    private void RemoveInstances(FailoverPlan plan, MonotonicTime now)
    {
        foreach (RunningInstance gone in _instances.Where(i => plan.Instances.All(p => p.Identity != i.Plan.Identity)).ToArray())
        {
            gone.Router.Stop(now, gone.Plan.Notify.Deleted is not null || gone.Plan.Notify.SendsDeleted ? Notification.Deleted : Notification.Fault);
            _virtualMacs.Remove(gone);
            _effects.Remove(gone);
            _instances.Remove(gone);
        }
    }

    private List<RunningInstance> AddInstances(FailoverPlan plan, out List<(RunningInstance Instance, InstancePlan Plan, InstancePlan Before)> kept)
    {
        kept = [];
        var added = new List<RunningInstance>();
        foreach (InstancePlan next in plan.Instances)
        {
            if (_instances.Find(i => i.Plan.Identity == next.Identity) is { } there)
            {
                kept.Add((there, next, there.Plan));
                continue;
            }

            var instance = new RunningInstance(next, _effects);
            _effects.Add(instance);
            _instances.Add(instance);
            added.Add(instance);
        }

        return added;
    }

    private void JoinGroups(FailoverPlan plan)
    {
        Dictionary<string, Notification?> announced = _groups.ToDictionary(g => g.Key, g => g.Value.Announced);
        _groups.Clear();
        _effects.Groups.Clear();
        foreach (RunningInstance instance in _instances) instance.Router.Leave();
        foreach (NetVS.Keepalived.Model.SyncGroup group in plan.Groups)
        {
            var made = new SyncGroup(group.Name, _effects) { Announced = announced.GetValueOrDefault(group.Name) };
            _groups[group.Name] = made;
            _effects.Groups[group.Name] = group;
            foreach (RunningInstance instance in _instances)
            {
                InstancePlan? next = plan.Instances.FirstOrDefault(p => p.Identity == instance.Plan.Identity);
                if (next is not null && next.Group == group.Name) made.Add(instance.Router);
            }
        }
    }

    // Reads the host, and tells every instance what it means for it.
    private void Look(MonotonicTime now)
    {
        _host.Read();
        _host.RestoreStatic(_plan.StaticAddresses);
        foreach (RunningInstance instance in _instances) FindInterface(instance);
        bool isMade = false;
        foreach (RunningInstance instance in _instances) isMade |= _virtualMacs.Ensure(instance);
        if (isMade) _host.Read();
        if (_receivers.Update(_instances)) SetDescriptors();
        _promoted.Set(_instances.Where(i => i.Plan.PromotesSecondaries).SelectMany(i => i.Plan.Addresses.Select(a => a.Interface).OfType<string>().Append(i.Plan.Interface)));
        foreach (RunningInstance instance in _instances) LookAt(instance, instance.Conditions);
        foreach (RunningInstance instance in _instances) instance.Router.Evaluate(now);
        foreach (RunningInstance instance in _instances)
        {
            if (instance.Router.State == VirtualRouterState.Master && instance.Guarded.Exists(g => !_host.Has(g.InterfaceIndex, g.Address))) instance.Router.LoseAddresses(now);
        }
    }

    // What an instance takes away itself is told of too: it is master no longer then, or has another plan.
    private void NoteDeletions(MonotonicTime now)
    {
        _deleted.Clear();
        bool isWhole = _routes.Take(_deleted);
        foreach (RunningInstance instance in _instances)
        {
            if (instance.Router.State != VirtualRouterState.Master) continue;
            if (!isWhole) _host.RestoreRoutes(instance);
            else if (_deleted.Exists(instance.Plan.GuardedRoutes.Contains)) instance.Router.LoseAddresses(now);
        }
    }

    private void FindInterface(RunningInstance instance)
    {
        NetworkInterface? link = _host.Find(instance.Plan.Interface);
        instance.BaseIndex = link?.Index ?? 0;
        instance.BaseMac = link?.Mac ?? default;
        instance.IsEthernet = link is { IsEthernet: true };
        if (link is null) instance.VirtualIndex = 0;
    }

    private void LookAt(RunningInstance instance, InstanceConditions conditions)
    {
        NetworkInterface? link = _host.Find(instance.Plan.Interface);
        bool hasVirtual = instance.Plan.VirtualMacName is null || instance.VirtualIndex != 0;
        conditions.Present.Set(link is { IsLoopback: false } && (instance.IsEthernet || instance.Plan.Options.IsUnicast) && hasVirtual && instance.Receiver is not null);
        conditions.Link.Set(link is { IsUp: true } || instance.Plan.IgnoresOwnLink);
        IpAddress source = instance.Plan.Source.IsNone ? _host.FindSource(instance) : instance.Plan.Source;
        conditions.Source.Set(!source.IsNone && (instance.Plan.Source.IsNone || !instance.Plan.TracksSource || _host.Has(source)));
        if (!source.IsNone) instance.Router.Source = source;
        foreach ((string name, NetVS.Vrrp.Tracking.TrackedCondition condition) in conditions.Links) condition.Set(_host.Find(name) is { IsUp: true });
    }

    private void SetDescriptors()
    {
        List<int> all = [_changes.Descriptor, _routes.Descriptor];
        foreach ((VrrpReceiver receiver, _) in _receivers.All) all.Add(receiver.Descriptor);
        _poller.SetDescriptors(all);
    }
}
