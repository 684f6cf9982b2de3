// Reference §5.2; FULLNAT's keywords as in the keepalived of DPVS and of Alibaba's LVS.
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords of virtual_server.</summary>
internal static class VirtualServerKeywords
{
    private static readonly string[] s_schedulers = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos"];

    /// <summary>The table.</summary>
    public static KeywordTable<VirtualServer> Table { get; } = CheckTimesKeywords.Add(ServiceOptionKeywords.Add(new KeywordTable<VirtualServer>("virtual_server")),
            (v, change) => v with { Times = change(v.Times) }, "virtual server ", "virtual server delay loop '%v' invalid - ignoring", 1, "retry value invalid - %v")
        .Support(KeywordSupport.Applied)
        .On("protocol", ReadProtocol)
        .On("lvs_sched", ReadScheduler)
        .Alias("lb_algo", "lvs_sched")
        .On("lvs_method", (r, s, v) => ForwardingWords.Read(r, s, v, "virtual server") is { } f ? v with { Forwarding = f } : v)
        .Alias("lb_kind", "lvs_method")
        .On("persistence_timeout", ReadPersistence)
        .On("persistence_granularity", ReadGranularity)
        .Text("persistence_engine", (v, s) => v with { PersistenceEngine = s })
        .Flag("ops", v => v with { IsOnePacket = true })
        .On("sh-port", (r, s, v) => ReadFlag(r, s, v, ServiceFlags.Scheduler2))
        .On("mh-port", (r, s, v) => ReadFlag(r, s, v, ServiceFlags.Scheduler2))
        .On("sh-fallback", (r, s, v) => ReadFlag(r, s, v, ServiceFlags.Scheduler1))
        .On("mh-fallback", (r, s, v) => ReadFlag(r, s, v, ServiceFlags.Scheduler1))
        .Flag("flag-1", v => v with { SchedulerFlags = v.SchedulerFlags | ServiceFlags.Scheduler1 })
        .Flag("flag-2", v => v with { SchedulerFlags = v.SchedulerFlags | ServiceFlags.Scheduler2 })
        .Flag("flag-3", v => v with { SchedulerFlags = v.SchedulerFlags | ServiceFlags.Scheduler3 })
        .On("hashed", (r, s, v) => ReadFlag(r, s, v, ServiceFlags.None))
        .On("ip_family", ReadFamily)
        .Number("weight", 1, int.MaxValue, (v, n) => v with { Weight = (int)n }, "Virtual server weight %v is outside range 1-2147483647")
        .On("laddr_group_name", (r, s, v) => r.TryTake(s, 1, out Word word) ? v with { LocalAddressGroup = word.Text, LocalAddressPosition = word.Position } : v)
        .Alias("laddr_group", "laddr_group_name")
        .Block("real_server", RealServerKeywords.Table, MakeReal, AddReal)
        .Support(KeywordSupport.Unknown)
        .On("sorry_server", ReadSorry)
        .On("sorry_server_inhibit", ReadSorryInhibit)
        .On("sorry_server_lvs_method", ReadSorryMethod)
        .Number("quorum", 1, uint.MaxValue, (v, n) => v with { Quorum = (uint)n }, "Quorum %v must be in [1, 4294967295]. Setting to 1.", v => v with { Quorum = 1 })
        .Number("panic_threshold", 1, 99, (v, n) => v with { PanicThreshold = (int)n }, "panic_threshold %v must be in [1, 99] - ignoring")
        .Number("hysteresis", 0, uint.MaxValue, (v, n) => v with { Hysteresis = (uint)n }, "Hysteresis %v must be in [0, 4294967295] - ignoring")
        .Script("quorum_up", (v, s) => v with { QuorumUp = s }, v => v.QuorumUp, ScriptSide.Checkers)
        .Script("quorum_down", (v, s) => v with { QuorumDown = s }, v => v.QuorumDown, ScriptSide.Checkers)
        .On("alpha", (r, s, v) => WithIgnoredWord(r, s, v with { StartsDown = true }))
        .On("omega", (r, s, v) => WithIgnoredWord(r, s, v with { NotifiesOnShutdown = true }))
        .On("inhibit_on_failure", (r, s, v) => WithIgnoredWord(r, s, v with { IsInhibiting = true }))
        .On("ha_suspend", (r, s, v) => WithIgnoredWord(r, s, v with { SuspendsWithoutAddress = true }))
        .OnOff("smtp_alert", (v, b) => v with { SendsMail = b }, "Invalid virtual_server smtp_alert parameter %v")
        .Text("virtualhost", (v, s) => v with { VirtualHost = s })
        .Text("snmp_name", (v, s) => v with { SnmpName = s })
        .Idle("use NetVS's HTTP API instead", "snmp_name")
        .Run("smtp_alert", "delay_loop", "retry", "delay_before_retry", "warmup", "connect_timeout", "sorry_server", "sorry_server_inhibit", "sorry_server_lvs_method", "quorum", "hysteresis", "panic_threshold",
            "quorum_up", "quorum_down", "alpha", "omega", "inhibit_on_failure", "ha_suspend", "virtualhost")
        .Unsupported("a keyword of DPVS that NetVS has no counterpart for", "syn_proxy", "expire_quiescent_conn", "quic", "hash_target", "establish_timeout", "conn_timeout", "bps", "limit_proportion",
            "whitelist_addr_gname", "blacklist_addr_gname");

    /// <summary>The record for a <c>virtual_server</c> line; null when the block is to be skipped.</summary>
    public static VirtualServer? Make(BlockReader reader, Statement statement, KeepalivedConfiguration configuration)
    {
        if (!reader.TryTake(statement, 1, out Word first)) return null;
        SourcePosition position = statement.Position;
        switch (first.Text)
        {
            case "group":
                return reader.TryTake(statement, 2, out Word group) ? new VirtualServer { Kind = VirtualServerKind.Group, Group = group.Text, Position = position } : null;
            case "fwmark":
                if (!reader.TryTake(statement, 2, out Word mark)) return null;
                if (NumberText.TryParse(mark.Text, 0, uint.MaxValue, out long number, out string complaint))
                    return new VirtualServer { Kind = VirtualServerKind.Mark, Mark = (uint)number, Position = position };
                reader.BadNumber(mark, configuration, complaint, "virtual server fwmark '%v' must be in [0, 4294967295] - ignoring");
                return null;
            default:
                return AddressText.TryReadEndpoint(reader, statement, 1, configuration, $"Invalid virtual server IP address/port {Words(statement, 1)} - skipping", out IpEndpoint endpoint)
                    ? new VirtualServer { Endpoint = endpoint, Position = position }
                    : null;
        }
    }

    private static string Words(Statement statement, int index) => statement[index + 1] is { } port ? "%a/" + port.Text : "%a";

    // keepalived does not look at the word: 'alpha off' turns alpha on.
    private static VirtualServer WithIgnoredWord(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (statement[1] is { } word && OnOffText.TryParse(word.Text, out bool isOn) && !isOn)
            reader.Diagnostics.Warn(word.Position, $"'{statement.Keyword} {word.Text}' turns {statement.Keyword} on: here the word after it does not count", "take the line out to turn it off", ProblemClass.None);
        return v;
    }

    private static VirtualServer ReadProtocol(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        IpProtocol? protocol = word.Text.ToUpperInvariant() switch { "TCP" => IpProtocol.Tcp, "UDP" => IpProtocol.Udp, "SCTP" => IpProtocol.Sctp, _ => null };
        if (protocol is null) reader.Error(word, v, "Unknown protocol %v - ignoring", "TCP, UDP or SCTP");
        return protocol is null ? v : v with { Protocol = protocol };
    }

    private static VirtualServer ReadScheduler(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (s_schedulers.Contains(word.Text)) return v with { Scheduler = word.Text };
        reader.Error(word, v, "Invalid lvs_scheduler '%v' - ignoring", $"one of {string.Join(", ", s_schedulers)}");
        return v;
    }

    private static VirtualServer ReadPersistence(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (statement[1] is not { } word) return v with { PersistenceTimeout = VirtualServerDefaults.Persistence };
        if (NumberText.TryParse(word.Text, 1, VirtualServiceRule.MostPersistence, out long seconds, out string complaint)) return v with { PersistenceTimeout = (uint)seconds };
        reader.BadNumber(word, v, complaint, "persistence_timeout invalid");
        return v;
    }

    private static VirtualServer ReadGranularity(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        uint timeout = v.PersistenceTimeout == 0 ? VirtualServerDefaults.Persistence : v.PersistenceTimeout;
        if (v.Endpoint.Address.Family == IpFamily.V6 || v.Family == IpFamily.V6)
        {
            if (NumberText.TryParse(word.Text, 1, 128, out long prefix, out string complaint)) return v with { PersistencePrefix = (uint)prefix, PersistenceTimeout = timeout };
            reader.BadNumber(word, v, complaint, "Invalid IPv6 persistence_granularity specified - %v");
            return v;
        }

        if (Ipv4Address.TryParse(word.Text, out Ipv4Address mask)) return v with { PersistenceMask = mask.Value, PersistenceTimeout = timeout };
        reader.Error(word, v, "Invalid IPv4 persistence_granularity specified - %v", "write a netmask: 255.255.255.0");
        return v;
    }

    private static VirtualServer ReadFlag(BlockReader reader, Statement statement, VirtualServer v, ServiceFlags flag)
    {
        string scheduler = statement.Keyword.StartsWith("mh", StringComparison.Ordinal) ? "mh" : "sh";
        if (v.Scheduler == scheduler) return v with { SchedulerFlags = v.SchedulerFlags | flag };
        if (v.Scheduler == "mh" && scheduler == "sh")
        {
            reader.Diagnostics.Warn(statement.Position, $"{statement.Keyword} has no effect with mh", $"write mh{statement.Keyword[2..]}", ProblemClass.None);
            return v;
        }

        reader.Diagnostics.Error(statement.Position, $"{statement.Keyword} only applies to sh scheduler - ignoring", $"write lvs_sched {scheduler} before it");
        return v;
    }

    private static VirtualServer ReadFamily(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (word.Text is "inet" or "inet6") return v with { Family = word.Text == "inet" ? IpFamily.V4 : IpFamily.V6 };
        reader.Error(word, v, "unknown address family %v", "inet or inet6");
        return v;
    }

    private static VirtualServer ReadSorry(BlockReader reader, Statement statement, VirtualServer v) =>
        AddressText.TryReadEndpoint(reader, statement, 1, v, "Invalid sorry server IP address %a - skipping", out IpEndpoint endpoint)
            ? v with { Sorry = new SorryServer { Endpoint = endpoint, Position = statement.Position } }
            : v;

    private static VirtualServer ReadSorryInhibit(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (v.Sorry is { } sorry) return v with { Sorry = sorry with { IsInhibited = true } };
        reader.ErrorAt(statement.Position, "Ignoring sorry_server inhibit used before or without sorry_server", "put it after the sorry_server line");
        return v;
    }

    private static VirtualServer ReadSorryMethod(BlockReader reader, Statement statement, VirtualServer v)
    {
        if (v.Sorry is not { } sorry)
        {
            reader.ErrorAt(statement.Position, "sorry_server forwarding used without sorry_server", "put it after the sorry_server line");
            return v;
        }

        return ForwardingWords.Read(reader, statement, v, "sorry server") is { } f ? v with { Sorry = sorry with { Forwarding = f } } : v;
    }

    private static RealServer? MakeReal(BlockReader reader, Statement statement, VirtualServer v) =>
        AddressText.TryReadEndpoint(reader, statement, 1, v, $"Invalid real server ip address/port {Words(statement, 1)} - skipping", out IpEndpoint endpoint)
            ? new RealServer { Endpoint = endpoint, Position = statement.Position }
            : null;

    private static VirtualServer AddReal(BlockReader reader, VirtualServer v, RealServer real)
    {
        foreach (BfdCheck bfd in real.Checkers.OfType<BfdCheck>().Where(b => !reader.Names.ContainsKey(("bfd_instance", b.Instance!))))
            reader.Diagnostics.Error(bfd.Position, $"([{real.Endpoint.Address}]:{v.ProtocolName}:{real.Endpoint.Port}) BFD_CHECK - BFD {bfd.Instance} not configured", $"define 'bfd_instance {bfd.Instance}'");

        // Only a tunnel can reach the other family; which family a group or a mark has is known later.
        ForwardingMethod? method = (real.Forwarding ?? v.Forwarding)?.Method;
        if (v.Kind == VirtualServerKind.Address && method != ForwardingMethod.Tunnel && real.Endpoint.Address.Family != v.Endpoint.Address.Family)
        {
            reader.ErrorAt(real.Position, $"Address family of virtual server and real server {real.Endpoint.Address} don't match - skipping real server.", "use lvs_method TUN, or an address of the same family");
            return v;
        }

        return v with { RealServers = v.RealServers.Add(real) };
    }
}
