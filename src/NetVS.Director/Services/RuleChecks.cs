// Reference §2.2 and §2.4: which checks, in which order, with which errno.
using NetVS.Director.Marks;
using NetVS.Director.Network;
using NetVS.Director.Persistence;
using NetVS.Director.Scheduling;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>The checks a rule passes before it is put in force, as the kernel makes them, then those for what is not supported yet.</summary>
internal static class RuleChecks
{
    /// <summary>Whether a number is a weight.</summary>
    public static bool IsWeight(int number) => number >= 0;

    /// <summary>Whether a key can name a service at all.</summary>
    public static RuleResult CheckKey(ServiceKey key)
    {
        if (key.Family is not (IpFamily.V4 or IpFamily.V6)) return RuleStatus.EAFNOSUPPORT;
        return key.Protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp
            ? RuleResult.Ok
            : new RuleResult(RuleStatus.EINVAL, "a service's protocol is TCP, UDP or SCTP");
    }

    /// <summary>The checks on a service's rule, for adding and editing.</summary>
    public static RuleResult Check(VirtualServiceRule rule)
    {
        if (!SchedulerTable.IsKnown(rule.Scheduler))
            return new RuleResult(RuleStatus.ENOENT, $"unknown scheduler '{rule.Scheduler}': there are {SchedulerTable.NamesForPeople}");
        if (!EngineTable.TryFind(rule.PersistenceEngine, out _))
            return new RuleResult(RuleStatus.ENOENT, $"unknown persistence engine '{rule.PersistenceEngine}'");
        if (rule.Key.Family == IpFamily.V6 && rule.NetmaskPrefix is < 1 or > 128)
            return new RuleResult(RuleStatus.EINVAL, "the netmask of an IPv6 service is a prefix length from 1 to 128");
        if (rule.Flags.HasFlag(ServiceFlags.Persistent) && rule.PersistenceTimeout is < 1 or > VirtualServiceRule.MostPersistence)
            return new RuleResult(RuleStatus.EINVAL, $"a persistence timeout is a number of seconds from 1 to {VirtualServiceRule.MostPersistence}");
        if (ServiceOptionChecks.FindProblem(rule) is { } problem) return new RuleResult(RuleStatus.EINVAL, problem);
        return UnsupportedRules.Check(rule);
    }

    /// <summary>The checks on a list of mark rules.</summary>
    public static RuleResult Check(IReadOnlyList<MarkRule> rules)
    {
        if (rules.Count > MarkRule.MostRules) return new RuleResult(RuleStatus.ENOMEM, $"there are {rules.Count} mark rules, and {MarkRule.MostRules} are the most");
        foreach (MarkRule rule in rules)
            if (rule.FindProblem() is { } problem) return new RuleResult(RuleStatus.EINVAL, problem);
        int ranges = MarkMap.Of(rules).RangeCount;
        return ranges <= MarkMap.MostRanges
            ? RuleResult.Ok
            : new RuleResult(RuleStatus.ENOMEM, $"the mark rules come to {ranges} ranges of ports, and {MarkMap.MostRanges} are the most: use fewer overlapping prefixes");
    }

    /// <summary>The checks on families that come before all others.</summary>
    public static RuleResult CheckFamily(ServiceKey service, DestinationRule rule)
    {
        IpFamily family = rule.Real.Address.Family;
        if (family is not (IpFamily.V4 or IpFamily.V6)) return RuleStatus.EAFNOSUPPORT;
        return family != service.Family && rule.Method != ForwardingMethod.Tunnel
            ? new RuleResult(RuleStatus.EINVAL, "a real server of another family than its service's can only be reached by a tunnel")
            : RuleResult.Ok;
    }

    /// <summary>The checks on a destination's numbers, for adding and editing.</summary>
    public static RuleResult Check(DestinationRule rule)
    {
        if (!IsWeight(rule.Weight)) return new RuleResult(RuleStatus.ERANGE, "a weight is not below 0");
        if (rule.LowerThreshold > rule.UpperThreshold)
            return new RuleResult(RuleStatus.ERANGE, "the lower threshold is above the upper one");
        if (rule.UpperThreshold > int.MaxValue) return new RuleResult(RuleStatus.EINVAL, "the upper threshold is above 2147483647");
        if (rule.TunnelType == TunnelType.Gue && rule.TunnelPort == 0)
            return new RuleResult(RuleStatus.EINVAL, "a GUE tunnel needs a port");
        if (rule.TunnelType == TunnelType.Gre && rule.TunnelChecksum == TunnelChecksum.RemoteChecksum)
            return new RuleResult(RuleStatus.EINVAL, "a GRE tunnel has no remote checksum");
        if (rule.TunnelType != TunnelType.Gue && rule.TunnelPort != 0) return new RuleResult(RuleStatus.EINVAL, "only a GUE tunnel has a port");
        if (rule.TunnelType == TunnelType.IpIp && rule.TunnelChecksum != TunnelChecksum.None)
            return new RuleResult(RuleStatus.EINVAL, "an IPIP tunnel has no checksum of its own");
        return Enum.IsDefined(rule.Method) && rule.Method != ForwardingMethod.Bypass && Enum.IsDefined(rule.TunnelType) && Enum.IsDefined(rule.TunnelChecksum)
            ? RuleResult.Ok
            : new RuleResult(RuleStatus.EINVAL, "unknown forwarding method or tunnel");
    }

    /// <summary>Whether a new destination's address can be a real server's.</summary>
    /// <remarks>
    /// The kernel looks only into the table of its own addresses here: everything passes that is neither 0.0.0.0, broadcast nor
    /// multicast, with or without a route. IPv6: mapped IPv4 addresses are not unicast to it, reserved ones are.
    /// </remarks>
    public static RuleResult CheckAddress(IpAddress address, NetworkState network)
    {
        bool isUsable = address.Family == IpFamily.V6
            ? IsUnicast(address.V6) || network.IsLocal(address)
            : IsUnicast(address.V4) && !IsBroadcast(address, network);
        return isUsable ? RuleResult.Ok : new RuleResult(RuleStatus.EINVAL, $"{address} is not a unicast address");
    }

    /// <summary>Whether an address can be a FULLNAT local address of a service.</summary>
    public static RuleResult CheckLocalAddress(ServiceKey service, IpAddress address, NetworkState network)
    {
        if (address.Family is not (IpFamily.V4 or IpFamily.V6)) return RuleStatus.EAFNOSUPPORT;
        if (address.Family != service.Family)
            return new RuleResult(RuleStatus.EINVAL, "a local address is of the same family as its service");
        return address.IsLoopback
            ? new RuleResult(RuleStatus.EINVAL, $"{address} can't be seen by a real server")
            : CheckAddress(address, network);
    }

    private static bool IsBroadcast(IpAddress address, NetworkState network) =>
        network.TryFindRoute(address, 0, out RouteLookup route) && route.Kind is RouteKind.Broadcast or RouteKind.Multicast;

    private static bool IsUnicast(Ipv4Address address) =>
        address != Ipv4Address.Any && !address.IsMulticast && !address.IsLimitedBroadcast;

    private static bool IsUnicast(Ipv6Address address)
    {
        bool isMapped = address.High == 0 && address.Low >> 32 == 0xFFFF;
        return address != Ipv6Address.Any && !address.IsMulticast && !address.IsLinkLocal && !isMapped;
    }
}
