using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Keywords;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Values;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Keepalived.Mapping;

/// <summary>The virtual servers of a configuration as rules of the director, with every real server up (reference §5.1, §7.4).</summary>
/// <remarks>
/// Everything the rule model can say is mapped; what the director does not do yet it refuses itself, and <see cref="Blame"/> says
/// to which line a refusal belongs. What no rule can say (checks, VRRP) is reported here.
/// </remarks>
public sealed class KeepalivedRules
{
    /// <summary>The most services: groups make one for each address.</summary>
    public const int MostServices = 100_000;

    private readonly Dictionary<object, SourcePosition> _positions = [];
    private readonly Dictionary<ServiceKey, (ServiceRules Rules, VirtualServer Server)> _byKey = [];
    private readonly List<ServiceRules> _services = [];
    private readonly DiagnosticBag _diagnostics = new();

    private KeepalivedRules()
    {
    }

    /// <summary>The rules.</summary>
    public RuleSet Rules { get; private set; } = RuleSet.Empty;

    /// <summary>What the rules do not say of the configuration.</summary>
    public IReadOnlyList<KeepalivedDiagnostic> Problems => _diagnostics.Items;

    /// <summary>The virtual server that makes a service, or null.</summary>
    public VirtualServer? Find(ServiceKey key) => _byKey.TryGetValue(key, out (ServiceRules Rules, VirtualServer Server) found) ? found.Server : null;

    /// <summary>Maps a configuration that was read and checked.</summary>
    public static KeepalivedRules Map(KeepalivedConfiguration configuration)
    {
        var rules = new KeepalivedRules();
        Dictionary<string, VirtualServerGroup> groups = configuration.VirtualServerGroups.GroupBy(g => g.Name).ToDictionary(g => g.Key, g => g.First());
        Dictionary<string, IReadOnlyList<IpAddress>> locals = configuration.LocalAddressGroups.ToDictionary(g => g.Name, g => (IReadOnlyList<IpAddress>)g.Addresses);
        foreach (VirtualServer server in configuration.VirtualServers)
        {
            IReadOnlyList<IpAddress> local = server.LocalAddressGroup is { } name && locals.TryGetValue(name, out IReadOnlyList<IpAddress>? addresses) ? addresses : [];
            foreach (ServiceKey key in KeysOf(server, groups))
            {
                if (rules._services.Count >= MostServices)
                {
                    rules._diagnostics.Error(server.Position, $"there are more than {MostServices} services: the rest are left out", "use firewall marks instead of ranges");
                    break;
                }

                rules.Add(server, key, local);
            }
        }

        rules.Rules = new RuleSet(rules._services);
        return rules;
    }

    /// <summary>Says to which line a step belongs that the director refuses.</summary>
    public KeepalivedDiagnostic Blame(RuleChange change, RuleResult result)
    {
        object key = change.Destination is { } d ? (change.Service, d.Real) : change.Service;
        SourcePosition position = _positions.TryGetValue(key, out SourcePosition found) || _positions.TryGetValue(change.Service, out found) ? found : default;
        bool isMissing = result.Status == RuleStatus.EOPNOTSUPP;
        return new KeepalivedDiagnostic
        {
            Position = position,
            Severity = isMissing ? DiagnosticSeverity.NotSupportedYet : DiagnosticSeverity.Error,
            Class = isMissing ? ProblemClass.None : ProblemClass.General,
            Message = $"{change.Service}: {result.Detail ?? IpvsadmMessages.Format(change.Verb, result)}",
        };
    }

    private static IEnumerable<ServiceKey> KeysOf(VirtualServer server, Dictionary<string, VirtualServerGroup> groups)
    {
        switch (server.Kind)
        {
            case VirtualServerKind.Address:
                yield return ServiceKey.Of(server.Protocol!.Value, server.Endpoint.Address, server.Endpoint.Port);
                break;
            case VirtualServerKind.Mark:
                yield return ServiceKey.OfMark(FamilyOf(server, IpFamily.None), server.Mark);
                break;
            default:
                foreach (GroupEntry entry in groups[server.Group!].Entries)
                {
                    if (entry.Kind == GroupEntryKind.Mark)
                    {
                        yield return ServiceKey.OfMark(FamilyOf(server, entry.Family), entry.Mark);
                        continue;
                    }

                    foreach (IpAddress address in GroupEntryLine.Enumerate(entry.First, entry.Last))
                        yield return ServiceKey.Of(server.Protocol!.Value, address, entry.Port);
                }

                break;
        }
    }

    // A mark's family: as written, else that of the first server that is not reached by a tunnel, else IPv4.
    private static IpFamily FamilyOf(VirtualServer server, IpFamily written)
    {
        if (written != IpFamily.None) return written;
        if (server.Family != IpFamily.None) return server.Family;
        RealServer? real = server.RealServers.Find(r => MethodOf(server, r).Method != ForwardingMethod.Tunnel) ?? server.RealServers[0];
        return real.Endpoint.Address.Family;
    }

    private static Forwarding MethodOf(VirtualServer server, RealServer real) => real.Forwarding ?? server.Forwarding!;

    private void Add(VirtualServer server, ServiceKey key, IReadOnlyList<IpAddress> local)
    {
        if (server.Kind != VirtualServerKind.Address && !key.IsMark && key.Address.IsNone)
        {
            _diagnostics.NotSupported(server.Position, $"{server.Name}: a firewall mark of 0 marks nothing", "choose a mark from 1 on");
            return;
        }

        if (_byKey.ContainsKey(key))
        {
            _diagnostics.Warn(server.Position, $"{key} is already defined at {_positions[key]}: this one is left out", "take one of them out", ProblemClass.None);
            return;
        }

        var destinations = new List<DestinationRule>();
        foreach (RealServer real in server.RealServers)
        {
            DestinationRule rule = ToRule(server, key, real);
            if (real.Endpoint.Address.Family != key.Family && rule.Method != ForwardingMethod.Tunnel)
            {
                _diagnostics.Error(real.Position, $"{key}: real server {real.Endpoint} is of another family and is left out", "use lvs_method TUN, or a virtual server for each family");
                continue;
            }

            if (!_positions.TryAdd((key, rule.Real), real.Position))
            {
                _diagnostics.Warn(real.Position, $"{key}: real server {rule.Real} is there twice once its port is that of the service", "take one of them out", ProblemClass.None);
                continue;
            }

            destinations.Add(rule);
        }

        bool isFullNat = destinations.Any(d => d.Method == ForwardingMethod.FullNat);
        var service = new ServiceRules(ToRule(server, key), destinations, isFullNat ? [.. local.Where(a => a.Family == key.Family).Distinct()] : []);
        _positions[key] = server.Position;
        _byKey.Add(key, (service, server));
        _services.Add(service);
    }

    private static VirtualServiceRule ToRule(VirtualServer server, ServiceKey key)
    {
        ServiceFlags flags = server.SchedulerFlags;
        if (server.PersistenceTimeout != 0) flags |= ServiceFlags.Persistent;
        if (server.IsOnePacket) flags |= ServiceFlags.OnePacket;
        bool isV6 = key.Family == IpFamily.V6;
        uint mask = isV6 ? uint.MaxValue : server.PersistenceMask ?? uint.MaxValue;
        return new VirtualServiceRule
        {
            Key = key,
            Scheduler = server.Scheduler ?? VirtualServerDefaults.Scheduler,
            Flags = flags,
            PersistenceTimeout = server.PersistenceTimeout,
            Netmask = mask,
            NetmaskPrefix = isV6 ? server.PersistencePrefix ?? 128 : (uint)System.Numerics.BitOperations.PopCount(mask),
            PersistenceEngine = server.PersistenceEngine,
            Options = server.Options,
        };
    }

    /// <summary>A real server's rule in one of its virtual server's services, with its own weight.</summary>
    public static DestinationRule ToRule(VirtualServer server, ServiceKey key, RealServer real)
    {
        Forwarding forwarding = MethodOf(server, real);
        bool rewrites = forwarding.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat;
        return new DestinationRule
        {
            Real = real.Endpoint with { Port = rewrites ? real.Endpoint.Port : key.Port },
            Method = forwarding.Method,
            Weight = real.Weight ?? server.Weight,
            UpperThreshold = real.UpperThreshold,
            LowerThreshold = real.LowerThreshold,
            TunnelType = forwarding.TunnelType,
            TunnelPort = forwarding.TunnelPort,
            TunnelChecksum = forwarding.TunnelChecksum,
        };
    }

    /// <summary>The sorry server's rule in one of its virtual server's services, with weight 1; null if it cannot serve it.</summary>
    public static DestinationRule? ToSorryRule(VirtualServer server, ServiceKey key)
    {
        if (server.Sorry is not { } sorry) return null;
        var real = new RealServer { Endpoint = sorry.Endpoint, Forwarding = sorry.Forwarding, Weight = 1 };
        return sorry.Endpoint.Address.Family == key.Family || MethodOf(server, real).Method == ForwardingMethod.Tunnel ? ToRule(server, key, real) : null;
    }
}
