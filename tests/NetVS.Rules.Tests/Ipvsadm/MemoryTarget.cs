using NetVS.Packets;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Rules.Tests.Ipvsadm;

/// <summary>The rules of the kernel's IPVS in their simplest form: a dictionary, and the checks of reference §2.2-§2.6.</summary>
internal sealed class MemoryTarget : IIpvsadmTarget
{
    private static readonly string[] s_schedulers =
        ["rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf", "sh", "dh", "mh", "lblc", "lblcr", "twos", "none"];

    private readonly Dictionary<ServiceKey, (VirtualServiceRule Rule, List<DestinationRule> Destinations, List<IpAddress> Locals)> _services = [];
    private readonly SyncDaemonRule?[] _daemons = new SyncDaemonRule?[2];
    private (int Tcp, int TcpFin, int Udp) _timeouts = (900, 120, 300);

    public List<ConnectionListing> Connections { get; } = [];

    public bool IsReachable { get; set; } = true;

    public Task<string> ConnectAsync() => IsReachable
        ? Task.FromResult("IP Virtual Server version 1.2.1 (size=4096)")
        : throw new TargetUnavailableException("No such file or directory");

    public Task<RuleResult> ExecuteAsync(IpvsadmCommand command)
    {
        RuleStatus status = Execute(command);
        return Task.FromResult(status == RuleStatus.EINVAL
            ? new RuleResult(status, $"{command.Destination!.Real.Address} is not unicast") : status);
    }

    private RuleStatus Execute(IpvsadmCommand command)
    {
        switch (command.Verb)
        {
            case IpvsadmVerb.AddService or IpvsadmVerb.EditService:
                VirtualServiceRule rule = command.ServiceRule!;
                bool exists = _services.TryGetValue(rule.Key, out var service);
                if (command.Verb == IpvsadmVerb.AddService && exists) return RuleStatus.EEXIST;
                if (command.Verb == IpvsadmVerb.EditService && !exists) return RuleStatus.ESRCH;
                if (!s_schedulers.Contains(rule.Scheduler) || rule.PersistenceEngine is not (null or "sip")) return RuleStatus.ENOENT;
                _services[rule.Key] = (rule, service.Destinations ?? [], service.Locals ?? []);
                return RuleStatus.Ok;
            case IpvsadmVerb.DeleteService:
                return _services.Remove(command.Service!.Value) ? RuleStatus.Ok : RuleStatus.ESRCH;
            case IpvsadmVerb.Flush:
                _services.Clear();
                return RuleStatus.Ok;
            case IpvsadmVerb.Zero:
                return command.Service is { } key && !_services.ContainsKey(key) ? RuleStatus.ESRCH : RuleStatus.Ok;
            case IpvsadmVerb.SetTimeouts:
                (int tcp, int tcpFin, int udp) = command.Timeouts;
                _timeouts = (tcp > 0 ? tcp : _timeouts.Tcp, tcpFin > 0 ? tcpFin : _timeouts.TcpFin, udp > 0 ? udp : _timeouts.Udp);
                return RuleStatus.Ok;
            case IpvsadmVerb.StartDaemon or IpvsadmVerb.StopDaemon:
                return ExecuteDaemon(command);
            case IpvsadmVerb.AddLocalAddress or IpvsadmVerb.DeleteLocalAddress:
                if (!_services.TryGetValue(command.Service!.Value, out service)) return RuleStatus.ESRCH;
                if (command.Verb == IpvsadmVerb.DeleteLocalAddress)
                    return service.Locals.Remove(command.LocalAddress) ? RuleStatus.Ok : RuleStatus.ENOENT;
                if (service.Locals.Contains(command.LocalAddress)) return RuleStatus.EEXIST;
                service.Locals.Add(command.LocalAddress);
                return RuleStatus.Ok;
            default:
                return ExecuteServer(command);
        }
    }

    private RuleStatus ExecuteServer(IpvsadmCommand command)
    {
        DestinationRule rule = command.Destination!;
        if (!_services.TryGetValue(command.Service!.Value, out var service)) return RuleStatus.ESRCH;
        int index = service.Destinations.FindIndex(d => d.Real == rule.Real);
        if (command.Verb == IpvsadmVerb.DeleteServer)
        {
            if (index < 0) return RuleStatus.ENOENT;
            service.Destinations.RemoveAt(index);
            return RuleStatus.Ok;
        }

        if (rule.LowerThreshold > rule.UpperThreshold) return RuleStatus.ERANGE;
        if (command.Verb == IpvsadmVerb.EditServer)
        {
            if (index < 0) return RuleStatus.ENOENT;
            service.Destinations[index] = rule;
            return RuleStatus.Ok;
        }

        if (index >= 0) return RuleStatus.EEXIST;
        if (rule.Real.Address.IsMulticast || rule.Real.Address.IsAny) return RuleStatus.EINVAL;
        service.Destinations.Insert(0, rule);
        return RuleStatus.Ok;
    }

    private RuleStatus ExecuteDaemon(IpvsadmCommand command)
    {
        ref SyncDaemonRule? slot = ref _daemons[command.SyncDaemon!.IsMaster ? 0 : 1];
        if (command.Verb == IpvsadmVerb.StopDaemon)
        {
            if (slot is null) return RuleStatus.ESRCH;
            slot = null;
            return RuleStatus.Ok;
        }

        if (slot is not null) return RuleStatus.EEXIST;
        SyncDaemonRule rule = command.SyncDaemon;
        slot = rule with
        {
            MaxLength = rule.MaxLength == 0 ? (ushort)1472 : rule.MaxLength,
            Group = rule.Group.IsNone ? IpAddress.Parse("224.0.0.81") : rule.Group,
            Port = rule.Port == 0 ? (ushort)8848 : rule.Port,
            Ttl = rule.Ttl == 0 ? (byte)1 : rule.Ttl,
        };
        return RuleStatus.Ok;
    }

    public Task<IReadOnlyList<ServiceListing>> ListServicesAsync() =>
        Task.FromResult<IReadOnlyList<ServiceListing>>([.. _services.Values.Select(s => new ServiceListing(
            s.Rule,
            StatisticsListing.Zero,
            [.. s.Destinations.Select(d => new DestinationListing(d, 0, 0, 0, StatisticsListing.Zero))],
            [.. s.Locals.Select(l => new LocalAddressListing(l, 0, 0))]))]);

    public async Task<ServiceListing?> FindServiceAsync(ServiceKey key) =>
        (await ListServicesAsync()).FirstOrDefault(s => s.Rule.Key == key);

    public async IAsyncEnumerable<ConnectionListing> ListConnectionsAsync()
    {
        await Task.Yield();
        foreach (ConnectionListing connection in Connections) yield return connection;
    }

    public Task<(int Tcp, int TcpFin, int Udp)> GetTimeoutsAsync() => Task.FromResult(_timeouts);

    public Task<IReadOnlyList<SyncDaemonRule>> ListSyncDaemonsAsync() =>
        Task.FromResult<IReadOnlyList<SyncDaemonRule>>([.. _daemons.OfType<SyncDaemonRule>()]);
}
