using NetVS.Packets;

namespace NetVS.Rules;

/// <summary>What a service may ask for beyond IPVS only together with something else: nothing is taken that would have no effect.</summary>
public static class ServiceOptionChecks
{
    private static readonly string[] s_startSlowly = ["rr", "wrr", "lc", "wlc", "sed", "nq", "lblc", "lblcr", "twos"];
    private static readonly string[] s_hash = ["sh", "dh", "mh"];

    /// <summary>What is wrong with a service's options, or null.</summary>
    public static string? FindProblem(VirtualServiceRule rule)
    {
        ServiceOptions options = rule.Options;
        if (options.SlowStart != 0 && !s_startSlowly.Contains(rule.Scheduler))
            return $"slow-start is for schedulers that go by turns or by load ({string.Join(", ", s_startSlowly)}), not for {rule.Scheduler}";
        if (FindForeign(rule) is { } foreign) return $"{foreign} is for {(foreign == "udp-timeout" ? "UDP" : foreign == "sctp-timeout" ? "SCTP" : "TCP")} services";
        if (FindWrongLimit(rule) is { } wrong) return wrong;
        if (!options.HasStableHash) return null;
        if (!s_hash.Contains(rule.Scheduler)) return $"stable-hash is for the schedulers {string.Join(", ", s_hash)}, not for {rule.Scheduler}";
        return (rule.Flags & ServiceFlags.Scheduler1) != 0
            ? $"stable-hash always finds another server: leave out {(rule.Scheduler == "dh" ? "flag-1" : rule.Scheduler + "-fallback")}"
            : null;
    }

    private static string? FindWrongLimit(VirtualServiceRule rule)
    {
        ServiceOptions options = rule.Options;
        uint longest = rule.Key.Family == IpFamily.V6 ? 128u : 32u;
        bool isLimited = options.MostConnections != 0 || options.MostPerClient != 0;
        if (options.ClientPrefix > longest) return $"client-prefix is at most {longest} for {(longest == 32 ? "IPv4" : "IPv6")}";
        if (options.ClientPrefix != 0 && options.MostPerClient == 0) return "client-prefix is of use with max-per-client only";
        if (options.OverLimit != OverLimit.Drop && !isLimited) return "over-limit is of use with max-connections or max-per-client only";
        return isLimited && (rule.Flags & ServiceFlags.OnePacket) != 0 ? "a one-packet service has no connections that last, which could be limited" : null;
    }

    // A mark has packets of every protocol.
    private static string? FindForeign(VirtualServiceRule rule)
    {
        ServiceOptions options = rule.Options;
        if (rule.Key.IsMark) return null;
        bool isTcp = rule.Key.Protocol == IpProtocol.Tcp;
        if (options.TcpTimeout != 0 && !isTcp) return "tcp-timeout";
        if (options.TcpFinTimeout != 0 && !isTcp) return "tcpfin-timeout";
        if (options.SynTimeout != 0 && !isTcp) return "syn-timeout";
        if (options.Resets && !isTcp) return "reset";
        if (options.UdpTimeout != 0 && rule.Key.Protocol != IpProtocol.Udp) return "udp-timeout";
        return options.SctpTimeout != 0 && rule.Key.Protocol != IpProtocol.Sctp ? "sctp-timeout" : null;
    }
}
