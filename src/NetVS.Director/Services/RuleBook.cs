using NetVS.Director.Helpers;
using NetVS.Director.Marks;
using NetVS.Director.Network;
using NetVS.Director.Protocols;
using NetVS.Director.Scheduling;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>The rules in force: services, destinations, trash, local addresses; publishes the snapshot that workers read.</summary>
/// <remarks>
/// Thread: control, under the engine's lock, but for <see cref="Table"/>, <see cref="Destinations"/> and
/// <see cref="LocalAddresses"/>, which workers read. A command first makes every check, then announces to the links what it adds, and
/// only then changes anything, so that a refused command has changed nothing.
/// </remarks>
internal sealed partial class RuleBook(SchedulerContext schedulers, NetworkState network, TrafficBook traffic, ProtocolTimeouts timeouts, ClientCountBook clients, IDivertSink? divert)
{
    /// <summary>Maintenance turns for which packets of a removed rule are still recognised though nothing seems to use it.</summary>
    public const int LingerTurns = 2;

    private readonly Dictionary<ServiceKey, VirtualServiceState> _services = [];
    private readonly Dictionary<(ServiceKey Service, IpEndpoint Real), TrashedDestination> _trash = [];
    private readonly RuleLedger _ledger = new();
    private readonly DivertAnnouncer _announcer = new(divert);
    private ServiceTable _table = ServiceTable.Empty;
    private int _nextServiceIndex;
    private int _tunnelVersion;
    private bool _isBatch;
    private int _batchBegan;

    /// <summary>The snapshot in force. Thread: any; read it once per packet or batch.</summary>
    public ServiceTable Table => Volatile.Read(ref _table);

    /// <summary>All destinations by index. Thread: any.</summary>
    public DestinationTable Destinations { get; } = new();

    /// <summary>The usage of the local addresses. Thread: any.</summary>
    public LocalAddressTable LocalAddresses { get; } = new();

    /// <summary>Changes when the tunnel of a destination that may have connections is another one. Thread: any. Partner: <see cref="NoteTunnel"/>.</summary>
    public int TunnelVersion => Volatile.Read(ref _tunnelVersion);

    /// <summary>Whether a service ever asked for resets: connections of deleted destinations may have to end.</summary>
    public bool HasResets { get; private set; }

    /// <summary>The services in force.</summary>
    public IReadOnlyCollection<VirtualServiceState> Services => _services.Values;

    /// <summary>Deleted destinations that wait for their last connection.</summary>
    public IReadOnlyCollection<TrashedDestination> Trash => _trash.Values;

    /// <summary>Finds a service.</summary>
    public VirtualServiceState? Find(ServiceKey key) => _services.GetValueOrDefault(key);

    /// <summary>
    /// Gets ready for many commands: what they add is announced to the links at once, not with each of them, and workers see new services at once, at the end.
    /// </summary>
    /// <returns>False if that cannot be: then each command announces, and is refused, for itself.</returns>
    public bool TryBeginBatch(IReadOnlyList<RuleChange> steps)
    {
        var union = new DivertSets.Draft(_ledger.Divert);
        var anyPort = new Dictionary<ServiceKey, bool>();
        foreach (RuleChange step in steps)
        {
            if (!anyPort.TryGetValue(step.Service, out bool hasAnyPort)) hasAnyPort = Find(step.Service)?.HasAnyPort ?? false;
            switch (step.Kind)
            {
                case RuleChangeKind.AddService:
                    anyPort[step.Service] = VirtualServiceState.IsForAnyPort(step.Rule!);
                    union.AddVirtual(DestinationTrace.VirtualOf(step.Service, anyPort[step.Service]));
                    break;
                case RuleChangeKind.EditService when VirtualServiceState.IsForAnyPort(step.Rule!) && !hasAnyPort:
                    return false;
                case RuleChangeKind.AddDestination or RuleChangeKind.EditDestination:
                    union.Add(TraceOfRule(step.Service, step.Destination!, hasAnyPort));
                    break;
                case RuleChangeKind.AddLocalAddress:
                    union.AddLocalAddress(step.LocalAddress);
                    break;
            }
        }

        try
        {
            _announcer.AnnounceAhead(union.ToSets());
        }
        catch (DivertException)
        {
            return false;
        }

        _isBatch = true;
        _batchBegan = _nextServiceIndex;
        _ledger.BeginBatch();
        return true;
    }

    /// <summary>Ends what <see cref="TryBeginBatch"/> began.</summary>
    public void EndBatch()
    {
        _ledger.EndBatch();
        _isBatch = false;
        Publish();
        _announcer.EndAhead(_ledger.Divert);
    }

    /// <summary>Adds a service (reference §2.2).</summary>
    public RuleResult AddService(VirtualServiceRule rule)
    {
        RuleResult result = RuleChecks.CheckKey(rule.Key);
        if (!result.IsOk) return result;
        if (_services.ContainsKey(rule.Key)) return RuleStatus.EEXIST;
        result = RuleChecks.Check(rule);
        if (!result.IsOk) return result;
        DivertSets union = _ledger.Divert.WithVirtual(DestinationTrace.VirtualOf(rule.Key, VirtualServiceState.IsForAnyPort(rule)));
        if (rule.Key.IsMark) union = union with { Marked = _ledger.RecognisedWith(_ledger.Marks, _ledger.FormerMarks, rule.Key) };
        result = Announce(union);
        if (!result.IsOk) return result;

        var service = new VirtualServiceState(_nextServiceIndex++, rule, SchedulerTable.Make(rule.Scheduler, schedulers)) { Limits = ServiceLimits.Of(rule, null, clients) };
        _services.Add(rule.Key, service);
        HasResets |= rule.Options.Resets;
        _ledger.Add(service);
        Publish(service);
        return RuleResult.Ok;
    }

    /// <summary>Puts a service's new rule in force.</summary>
    public RuleResult EditService(VirtualServiceRule rule)
    {
        RuleResult result = RuleChecks.CheckKey(rule.Key);
        if (!result.IsOk) return result;
        if (Find(rule.Key) is not { } service) return RuleStatus.ESRCH;
        result = RuleChecks.Check(rule);
        if (!result.IsOk) return result;
        bool isWidened = VirtualServiceState.IsForAnyPort(rule) && !service.HasAnyPort;
        if (isWidened) result = AnnounceAnyPort(service);
        if (!result.IsOk) return result;
        if (isWidened) _ledger.Remove(service);
        ServiceTimeouts? formerTimeouts = service.Timeouts;
        service.Edit(rule, name => SchedulerTable.Make(name, schedulers), timeouts.NextVersion);
        if (service.Timeouts != formerTimeouts) timeouts.Announce();
        ClientCounts? formerCounts = service.Limits?.Clients;
        service.Limits = ServiceLimits.Of(rule, service.Limits, clients);
        if (service.Limits?.Clients != formerCounts) clients.Announce();
        HasResets |= rule.Options.Resets;
        if (!isWidened)
        {
            if (_ledger.NoteEngine(service)) Publish();
            return RuleResult.Ok;
        }

        _ledger.Add(service);
        foreach (Destination destination in service.Destinations) _ledger.Enter(destination, TraceOf(destination, isInForce: true));
        Publish();
        return RuleResult.Ok;
    }

    /// <summary>Deletes a service; its destinations go to the trash.</summary>
    public RuleResult DeleteService(ServiceKey key)
    {
        if (!_services.Remove(key, out VirtualServiceState? service)) return RuleStatus.ESRCH;
        Close(service);
        Publish();
        return RuleResult.Ok;
    }

    /// <summary>Deletes every service.</summary>
    public void Flush()
    {
        foreach (VirtualServiceState service in _services.Values) Close(service);
        _services.Clear();
        Publish();
    }

    /// <summary>Adds a destination at the head of its service's list; one that lies in the trash comes back with its connections.</summary>
    public RuleResult AddDestination(ServiceKey key, DestinationRule rule)
    {
        if (Find(key) is not { } service) return RuleStatus.ESRCH;
        RuleResult result = RuleChecks.CheckFamily(key, rule);
        if (result.IsOk) result = RuleChecks.Check(rule);
        if (!result.IsOk) return result;
        if (service.Find(rule.Real) is not null) return RuleStatus.EEXIST;
        TrashedDestination? trashed = _trash.GetValueOrDefault((key, rule.Real));
        if (trashed is null) result = RuleChecks.CheckAddress(rule.Real.Address, network);
        if (result.IsOk) result = AnnounceReal(service, rule);
        if (!result.IsOk) return result;

        Destination destination;
        if (trashed is not null)
        {
            destination = trashed.Destination;
            Revive(destination, service, rule);
            _trash.Remove((key, rule.Real));
        }
        else
        {
            if (!Destinations.TryReserve(key, rule.Real, out int index))
            {
                _announcer.Settle(_ledger.Divert);
                return new RuleResult(RuleStatus.ENOMEM, $"there are {DestinationTable.Capacity - 1} destinations already, those in the trash included");
            }

            destination = new Destination(index, service, rule, _overrides.Find(key, rule.Real));
            traffic.Prepare(destination);
            Destinations.Set(destination);
            service.Add(destination);
        }

        _ledger.Enter(destination, TraceOf(destination, isInForce: true));
        Publish(service);
        return RuleResult.Ok;
    }

    /// <summary>Puts a destination's new rule in force; its connections stay as they were made.</summary>
    public RuleResult EditDestination(ServiceKey key, DestinationRule rule)
    {
        if (Find(key) is not { } service) return RuleStatus.ESRCH;
        RuleResult result = RuleChecks.CheckFamily(key, rule);
        if (result.IsOk) result = RuleChecks.Check(rule);
        if (!result.IsOk) return result;
        if (service.Find(rule.Real) is not { } destination) return RuleStatus.ENOENT;
        result = AnnounceReal(service, rule);
        if (!result.IsOk) return result;
        DestinationRule former = destination.Rule;
        service.Update(destination, rule, destination.Override);
        NoteTunnel(former, rule);
        if (_ledger.Enter(destination, TraceOf(destination, isInForce: true))) Publish(service);
        return RuleResult.Ok;
    }

    /// <summary>Deletes a destination: it goes to the trash (reference §2.6).</summary>
    public RuleResult DeleteDestination(ServiceKey key, IpEndpoint real)
    {
        if (Find(key) is not { } service) return RuleStatus.ESRCH;
        if (service.Find(real) is not { } destination) return RuleStatus.ENOENT;
        service.Remove(destination);
        ToTrash(destination);
        Publish();
        return RuleResult.Ok;
    }

    /// <summary>Adds a FULLNAT local address.</summary>
    public RuleResult AddLocalAddress(ServiceKey key, IpAddress address)
    {
        if (Find(key) is not { } service) return RuleStatus.ESRCH;
        RuleResult result = RuleChecks.CheckLocalAddress(key, address, network);
        if (!result.IsOk) return result;
        if (service.LocalAddresses.Contains(address)) return RuleStatus.EEXIST;
        result = Announce(_ledger.Divert with { LocalAddresses = _ledger.Divert.LocalAddresses.Add(address) });
        if (!result.IsOk) return result;
        if (LocalAddresses.Ensure(address)) _ledger.AddLocalAddress(address);
        service.SetLocalAddresses([.. service.LocalAddresses, address]);
        Publish(service);
        return RuleResult.Ok;
    }

    /// <summary>Deletes a FULLNAT local address; connections that use it live on.</summary>
    public RuleResult DeleteLocalAddress(ServiceKey key, IpAddress address)
    {
        if (Find(key) is not { } service) return RuleStatus.ESRCH;
        if (!service.LocalAddresses.Contains(address)) return RuleStatus.ENOENT;
        service.SetLocalAddresses([.. service.LocalAddresses.Where(a => a != address)]);
        Linger(address);
        Publish();
        return RuleResult.Ok;
    }

    /// <summary>The mark rules in force, first match first.</summary>
    public IReadOnlyList<MarkRule> Marks => _ledger.Marks;

    /// <summary>Puts another list of mark rules in force; connections that the former ones made live on.</summary>
    public RuleResult SetMarks(IReadOnlyList<MarkRule> rules)
    {
        RuleResult result = RuleChecks.Check(rules);
        if (!result.IsOk) return result;
        if (rules.SequenceEqual(_ledger.Marks)) return RuleResult.Ok;
        MarkRule[] former = [.. _ledger.FormerMarks.Concat(_ledger.Marks).Where(r => r.Mark != 0).Distinct().TakeLast(MarkRule.MostRules)];
        MarkMap recognised = _ledger.RecognisedWith(rules, former);
        if (recognised.RangeCount > MarkMap.MostRanges) former = [];
        result = Announce(_ledger.Divert with { Marked = _ledger.RecognisedWith(rules, former) });
        if (!result.IsOk) return result;
        _ledger.SetMarks([.. rules], former);
        Publish();
        return RuleResult.Ok;
    }

    // After the rule is in force: who sees the version sees the rule.
    private void NoteTunnel(DestinationRule former, DestinationRule rule)
    {
        bool isSame = former.TunnelType == rule.TunnelType && former.TunnelPort == rule.TunnelPort && former.TunnelChecksum == rule.TunnelChecksum;
        if (!isSame) unchecked { Volatile.Write(ref _tunnelVersion, _tunnelVersion + 1); }
    }

    private RuleResult AnnounceReal(VirtualServiceState service, DestinationRule rule) =>
        _announcer.IsSilent ? RuleResult.Ok : Announce(_ledger.Divert.With(TraceOfRule(service.Key, rule, service.HasAnyPort)));

    // What a destination leaves whose rule is about to be in force. One that is known, or comes back from the trash, may have connections by former rules.
    private DestinationTrace TraceOfRule(ServiceKey key, DestinationRule rule, bool hasAnyPort)
    {
        Destination? known = Find(key)?.Find(rule.Real) ?? _trash.GetValueOrDefault((key, rule.Real))?.Destination;
        int methods = (1 << (int)rule.Method) | (known?.MethodsInUse ?? 0);
        hasAnyPort |= (known?.HasAnyPort ?? false) || ((methods & (1 << (int)ForwardingMethod.Nat)) != 0 && HasHelper(key));
        return new DestinationTrace(key, rule.Real, methods, IsNat: false, hasAnyPort, DestinationTrace.TunnelEndOf(rule));
    }

    private DestinationTrace TraceOf(Destination destination, bool isInForce) => destination.ToTrace(isInForce, HasHelper(destination.Service.Key));

    private bool HasHelper(ServiceKey key) => !key.IsMark && HelperTable.Find(schedulers.Settings, key.Protocol, key.Port) != 0;

    private RuleResult AnnounceAnyPort(VirtualServiceState service)
    {
        DivertSets union = _ledger.Divert.WithVirtual(DestinationTrace.VirtualOf(service.Key, hasAnyPort: true));
        foreach (Destination destination in service.Destinations) union = union.With(TraceOf(destination, isInForce: true) with { HasAnyPort = true });
        return Announce(union);
    }

    private RuleResult Announce(DivertSets union)
    {
        try
        {
            _announcer.Announce(union);
            return RuleResult.Ok;
        }
        catch (DivertException e)
        {
            return new RuleResult(RuleStatus.ENOMEM, e.Message);
        }
    }

    // Workers do not know a service yet that a batch has added: what is about that one alone waits for the batch's end.
    private void Publish(VirtualServiceState? about = null)
    {
        if (_isBatch)
        {
            if (about is not null && about.Index >= _batchBegan) return;
            _ledger.EndBatch();
        }

        // Workers read it with Volatile.Read (Table): all that was written before is visible to who sees the new table.
        Volatile.Write(ref _table, _ledger.Table);
        if (_isBatch) _ledger.BeginBatch();
        else _announcer.Settle(_ledger.Divert);
    }
}
