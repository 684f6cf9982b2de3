using System.Numerics;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Api.Contract;

/// <summary>Rules to bodies and back.</summary>
internal static class RuleMapping
{
    private static readonly (string Name, ForwardingMethod Method)[] s_methods =
    [
        ("nat", ForwardingMethod.Nat), ("local", ForwardingMethod.Local), ("tun", ForwardingMethod.Tunnel),
        ("dr", ForwardingMethod.DirectRouting), ("fullnat", ForwardingMethod.FullNat),
    ];

    private static readonly (string Name, TunnelType Type)[] s_tunnels =
        [("ipip", TunnelType.IpIp), ("gue", TunnelType.Gue), ("gre", TunnelType.Gre)];

    private static readonly (string Name, TunnelChecksum Checksum)[] s_checksums =
        [("none", TunnelChecksum.None), ("checksum", TunnelChecksum.Checksum), ("remote", TunnelChecksum.RemoteChecksum)];

    /// <summary>A forwarding method's name: of a connection, also that of none (<c>cache_bypass</c>), which no rule can have.</summary>
    public static string MethodName(ForwardingMethod method) =>
        method == ForwardingMethod.Bypass ? "bypass" : s_methods.First(m => m.Method == method).Name;

    /// <summary>A service's body.</summary>
    public static ServiceBody ToBody(VirtualServiceRule rule) => new()
    {
        Service = RuleText.Format(rule.Key),
        Scheduler = rule.Scheduler,
        Flags = SchedulerFlagNames.Format(rule).Split(',', StringSplitOptions.RemoveEmptyEntries),
        Persistence = rule.Flags.HasFlag(ServiceFlags.Persistent) ? rule.PersistenceTimeout : null,
        Netmask = NetmaskText.Format(rule),
        PersistenceEngine = rule.PersistenceEngine,
        OnePacket = rule.Flags.HasFlag(ServiceFlags.OnePacket),
        Options = ToOptions(rule.Options),
    };

    /// <summary>The rule of a body.</summary>
    /// <exception cref="BodyException">A member makes no sense.</exception>
    public static VirtualServiceRule ToRule(ServiceBody body)
    {
        if (!RuleText.TryParseKey(body.Service, out ServiceKey key))
            throw new BodyException($"service: '{body.Service}' is no service: write tcp:192.0.2.1:80, udp:[2001:db8::1]:53, fwm:7 or fwm6:7");
        ServiceFlags flags = body.Persistence is null ? ServiceFlags.None : ServiceFlags.Persistent;
        if (body.OnePacket) flags |= ServiceFlags.OnePacket;
        foreach (string name in body.Flags)
        {
            if (!SchedulerFlagNames.TryParse(name, out ServiceFlags flag, out string? scheduler))
                throw new BodyException($"flags: there is no scheduler flag '{name}'");
            if (scheduler is not null && scheduler != body.Scheduler)
                throw new BodyException($"flags: '{name}' goes with the scheduler {scheduler} only");
            flags |= flag;
        }

        uint mask = 0xFFFF_FFFF;
        uint prefix = key.Family == IpFamily.V6 ? 128u : 32u;
        if (body.Netmask is { } text)
        {
            if (key.Family == IpFamily.V6)
            {
                if (!uint.TryParse(text, System.Globalization.NumberStyles.None, null, out prefix) || prefix is < 1 or > 128)
                    throw new BodyException($"netmask: '{text}' is no prefix length from 1 to 128");
            }
            else
            {
                if (!Ipv4Address.TryParse(text, out Ipv4Address address)) throw new BodyException($"netmask: '{text}' is no dotted IPv4 mask");
                mask = address.Value;
                prefix = (uint)BitOperations.LeadingZeroCount(~mask);
            }
        }

        return new VirtualServiceRule
        {
            Key = key,
            Scheduler = body.Scheduler,
            Flags = flags,
            PersistenceTimeout = body.Persistence ?? 0,
            Netmask = mask,
            NetmaskPrefix = prefix,
            PersistenceEngine = body.PersistenceEngine,
            Options = ToOptions(body.Options),
        };
    }

    private static Dictionary<string, string>? ToOptions(ServiceOptions options) =>
        options == ServiceOptions.None ? null : ServiceOptionTable.Given(options).ToDictionary(o => o.Option.Name, o => o.Value);

    private static ServiceOptions ToOptions(Dictionary<string, string>? body)
    {
        ServiceOptions options = ServiceOptions.None;
        foreach ((string name, string value) in body ?? [])
        {
            ServiceOptionSpec option = ServiceOptionTable.Find(name) ?? throw new BodyException($"options: there is no option '{name}' of a service");
            options = option.Read(options, value) ?? throw new BodyException($"options: '{value}' is no value of '{name}': write {option.Expected}");
        }

        return options;
    }

    /// <summary>A destination's body.</summary>
    public static DestinationBody ToBody(DestinationRule rule) => new()
    {
        Real = rule.Real.ToString(),
        Method = MethodName(rule.Method),
        Weight = rule.Weight,
        UpperThreshold = rule.UpperThreshold,
        LowerThreshold = rule.LowerThreshold,
        Tunnel = rule.Method == ForwardingMethod.Tunnel ? ToTunnel(rule) : null,
    };

    /// <summary>The rule of a body.</summary>
    /// <exception cref="BodyException">A member makes no sense.</exception>
    public static DestinationRule ToRule(DestinationBody body)
    {
        ForwardingMethod method = Find(s_methods, body.Method, "method");
        if (body.Tunnel is not null && method != ForwardingMethod.Tunnel)
            throw new BodyException("tunnel: goes with the method tun only");
        return new DestinationRule
        {
            Real = ParseReal(body.Real),
            Method = method,
            Weight = body.Weight,
            UpperThreshold = body.UpperThreshold,
            LowerThreshold = body.LowerThreshold,
            TunnelType = body.Tunnel is { } tunnel ? Find(s_tunnels, tunnel.Type, "tunnel.type") : default,
            TunnelPort = body.Tunnel?.Port ?? 0,
            TunnelChecksum = body.Tunnel is { } t ? Find(s_checksums, t.Checksum, "tunnel.checksum") : default,
        };
    }

    /// <summary>Reads a destination's endpoint.</summary>
    /// <exception cref="BodyException">It is none.</exception>
    public static IpEndpoint ParseReal(string text) => RuleText.TryParseEndpoint(text, out IpEndpoint real)
        ? real : throw new BodyException($"real: '{text}' is no address with a port: write 10.0.0.1:80 or [2001:db8::a]:80");

    /// <summary>Reads a local address.</summary>
    /// <exception cref="BodyException">It is none.</exception>
    public static IpAddress ParseAddress(string text) => IpAddress.TryParse(text, out IpAddress address)
        ? address : throw new BodyException($"address: '{text}' is no IP address");

    /// <summary>A service with its numbers.</summary>
    public static ServiceReport ToReport(ServiceView view)
    {
        ServiceBody body = ToBody(view.Rule);
        return new ServiceReport
        {
            Service = body.Service,
            Scheduler = body.Scheduler,
            Flags = body.Flags,
            Persistence = body.Persistence,
            Netmask = body.Netmask,
            PersistenceEngine = body.PersistenceEngine,
            OnePacket = body.OnePacket,
            Options = body.Options,
            Statistics = StatisticsBody.Of(view.Statistics),
            Destinations = [.. view.Destinations.Select(ToReport)],
            LocalAddresses = ToReports(view.LocalAddresses),
        };
    }

    /// <summary>Local addresses with their numbers.</summary>
    public static LocalAddressReport[] ToReports(IReadOnlyList<LocalAddressView> views) =>
        [.. views.Select(l => new LocalAddressReport(l.Address.ToString(), l.PortsInUse, l.AllocationFailures))];

    /// <summary>A service as a listing wants it.</summary>
    public static ServiceListing ToListing(ServiceReport report) => new(
        ToRule(report),
        report.Statistics.ToListing(),
        [
            .. report.Destinations.Select(d => new DestinationListing(
                ToRule(d), d.ActiveConnections, d.InactiveConnections, d.PersistentConnections, d.Statistics.ToListing())),
        ],
        [.. report.LocalAddresses.Select(l => new LocalAddressListing(ParseAddress(l.Address), l.PortsInUse, l.AllocationFailures))]);

    private static DestinationReport ToReport(DestinationView view)
    {
        DestinationRule rule = view.Rule;
        return new DestinationReport
        {
            Real = rule.Real.ToString(),
            Method = MethodName(rule.Method),
            Weight = rule.Weight,
            UpperThreshold = rule.UpperThreshold,
            LowerThreshold = rule.LowerThreshold,
            Tunnel = rule.Method == ForwardingMethod.Tunnel ? ToTunnel(rule) : null,
            ActiveConnections = view.ActiveConnections,
            InactiveConnections = view.InactiveConnections,
            PersistentConnections = view.PersistentConnections,
            Overloaded = view.IsOverloaded,
            ConfiguredWeight = view.ConfiguredWeight,
            Override = view.Override is { } wanted ? OverrideReport.Of(wanted) : null,
            Statistics = StatisticsBody.Of(view.Statistics),
        };
    }

    private static TunnelBody ToTunnel(DestinationRule rule) => new()
    {
        Type = s_tunnels.First(t => t.Type == rule.TunnelType).Name,
        Port = rule.TunnelPort,
        Checksum = s_checksums.First(c => c.Checksum == rule.TunnelChecksum).Name,
    };

    private static T Find<T>((string Name, T Value)[] table, string name, string member)
    {
        foreach ((string known, T value) in table)
        {
            if (known == name) return value;
        }

        throw new BodyException($"{member}: '{name}' is none of {string.Join(", ", table.Select(t => t.Name))}");
    }
}
