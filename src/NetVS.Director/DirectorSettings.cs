using System.Globalization;

namespace NetVS.Director;

/// <summary>The settings the packet path reads; names and defaults as reference §13, plus FULLNAT's (§11.3).</summary>
/// <remarks>Threads: written by control, read by workers; each is one word, so a reader sees the old or the new value.</remarks>
public sealed class DirectorSettings
{
    private const string SysctlPrefix = "net.ipv4.vs.";

    /// <summary>The settings; the position here is the position in <see cref="_values"/> and in <see cref="Setting"/>.</summary>
    private static readonly SettingDescription[] s_descriptions =
    [
        new("expire_nodest_conn", 0, 0, 1, "1: end connections whose real server was deleted; 0: drop their packets silently"),
        new("expire_quiescent_template", 0, 0, 1, "1: weight 0 ends persistence too: clients that come back are scheduled anew"),
        new("sloppy_tcp", 0, 0, 1, "1: any TCP segment but RST may begin a connection"),
        new("sloppy_sctp", 0, 0, 1, "1: any SCTP packet but ABORT may begin a connection"),
        new("nat_icmp_send", 0, 0, 1, "1: answer packets of NAT real servers that belong to no connection with ICMP port unreachable"),
        new("pmtu_disc", 1, 0, 1, "1: answer packets too big for an IPv4 tunnel with ICMP; 0: fragment the tunnel's packets"),
        new("conn_reuse_mode", 1, 0, 3, "0: a SYN on a closing connection stays on its real server; bit 0: it is scheduled anew; bit 1: in FIN_WAIT of DR and TUN too"),
        new("secure_tcp", 0, 0, 3, "3: use the TCP states that defend against SYN floods; 1 and 2 (automatic) never find memory short"),
        new("run_estimation", 1, 0, 1, "0: stop rates and the counters shown"),
        new("lblc_expiration", 86400, 0, int.MaxValue, "seconds an unused entry of the lblc scheduler's cache is kept"),
        new("lblcr_expiration", 86400, 0, int.MaxValue, "seconds an unused entry of the lblcr scheduler's cache is kept, and after which its server set shrinks"),
        new("fullnat_toa", 1, 0, 1, "1: tell FULLNAT real servers the client's address in a TCP option (TOA)"),
        new("fullnat_toa_v6_kind", 254, 253, 254, "the option kind of TOA with an IPv6 address: 254 as DPVS, 253 as alibaba/LVS"),
        new("fullnat_timestamp_remove", 1, 0, 1, "1: blank the TCP timestamp option in the SYN of FULLNAT connections"),
        new("fullnat_mss_adjust", 1, 0, 1, "1: lower the MSS of FULLNAT connections so that TOA fits"),
        new("fullnat_port_min", 5000, 1, 65535, "the least local port of FULLNAT connections"),
        new("fullnat_port_max", 65535, 1, 65535, "the greatest local port of FULLNAT connections"),
        new("icmp_ratelimit", 1000, 0, 1_000_000, "ICMP messages each worker may send per second; 0: none"),
    ];

    /// <summary>IPVS's other sysctls: known, and refused until they do something here.</summary>
    private static readonly HashSet<string> s_notYet = new(StringComparer.Ordinal)
    {
        "amemthresh", "am_droprate", "drop_entry", "drop_packet", "conntrack", "snat_reroute", "sync_version", "sync_ports",
        "sync_persist_mode", "sync_qlen_max", "sync_sock_size", "cache_bypass",
        "sync_threshold", "sync_refresh_period", "sync_retries", "backup_only", "schedule_icmp", "ignore_tunneled", "est_cpulist",
        "est_nice", "debug_level", "conn_lfactor", "svc_lfactor", "conn_max",
    };

    private readonly int[] _values = [.. s_descriptions.Select(d => d.Default)];
    private readonly Lock _lock = new();

    private enum Setting
    {
        ExpireNodestConn, ExpireQuiescentTemplate, SloppyTcp, SloppySctp, NatIcmpSend, PmtuDisc, ConnReuseMode, SecureTcp, RunEstimation, LblcExpiration, LblcrExpiration,
        FullNatToa, FullNatToaV6Kind, FullNatTimestampRemove, FullNatMssAdjust, FullNatPortMin, FullNatPortMax, IcmpRateLimit,
    }

    /// <summary>Every setting, in the order of the documentation.</summary>
    public static IReadOnlyList<SettingDescription> Descriptions => s_descriptions;

    /// <summary>Connections whose destination was deleted are ended instead of kept silent.</summary>
    public bool ExpireNodestConn => this[Setting.ExpireNodestConn] != 0;

    /// <summary>A template whose real server has weight 0 is used no more.</summary>
    public bool ExpireQuiescentTemplate => this[Setting.ExpireQuiescentTemplate] != 0;

    /// <summary>Any TCP segment but RST may begin a connection.</summary>
    public bool SloppyTcp => this[Setting.SloppyTcp] != 0;

    /// <summary>Any SCTP packet but ABORT may begin a connection.</summary>
    public bool SloppySctp => this[Setting.SloppySctp] != 0;

    /// <summary>NAT real servers get ICMP port unreachable for packets without a connection.</summary>
    public bool NatIcmpSend => this[Setting.NatIcmpSend] != 0;

    /// <summary>Packets too big for an IPv4 tunnel are answered with ICMP instead of fragmented.</summary>
    public bool PmtuDisc => this[Setting.PmtuDisc] != 0;

    /// <summary>Bits: 1 = a SYN on a closing connection is scheduled anew, 2 = in FIN_WAIT of DR and TUN too.</summary>
    public int ConnReuseMode => this[Setting.ConnReuseMode];

    /// <summary>Whether the second TCP table is in force (reference §6.1): mode 3, for the automatic modes never find memory short.</summary>
    public bool UsesSecureTcp => this[Setting.SecureTcp] == 3;

    /// <summary>Whether the two-second estimator runs.</summary>
    public bool RunsEstimation => this[Setting.RunEstimation] != 0;

    /// <summary>How long an unused entry of lblc's cache is kept.</summary>
    public TimeSpan LblcExpiration => TimeSpan.FromSeconds(this[Setting.LblcExpiration]);

    /// <summary>How long an unused entry of lblcr's cache is kept.</summary>
    public TimeSpan LblcrExpiration => TimeSpan.FromSeconds(this[Setting.LblcrExpiration]);

    /// <summary>FULLNAT real servers are told the client's address.</summary>
    public bool FullNatToa => this[Setting.FullNatToa] != 0;

    /// <summary>The TCP option kind of TOA with an IPv6 address: 253 or 254.</summary>
    public int FullNatToaV6Kind => this[Setting.FullNatToaV6Kind];

    /// <summary>The timestamp option of FULLNAT's SYN is blanked.</summary>
    public bool FullNatTimestampRemove => this[Setting.FullNatTimestampRemove] != 0;

    /// <summary>FULLNAT's MSS is lowered so that TOA fits.</summary>
    public bool FullNatMssAdjust => this[Setting.FullNatMssAdjust] != 0;

    /// <summary>The least local port of FULLNAT connections, host order.</summary>
    public int FullNatPortMin => this[Setting.FullNatPortMin];

    /// <summary>The greatest local port of FULLNAT connections, host order.</summary>
    public int FullNatPortMax => this[Setting.FullNatPortMax];

    /// <summary>ICMP messages each worker may send per second.</summary>
    public int IcmpRateLimit => this[Setting.IcmpRateLimit];

    private int this[Setting setting] => Volatile.Read(ref _values[(int)setting]);

    /// <summary>Reads a setting by its name, with or without <c>net.ipv4.vs.</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value as text; empty when there is no such setting.</param>
    /// <param name="error">What is wrong and what to do; null when found.</param>
    public bool TryGet(string name, out string value, out string? error)
    {
        value = "";
        if (!TryFind(name, out int index, out error)) return false;
        value = Volatile.Read(ref _values[index]).ToString(CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Sets a setting by its name, with or without <c>net.ipv4.vs.</c>; it acts from the next packet on.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">A decimal number.</param>
    /// <param name="error">What is wrong and what to do; null when set. Nothing changed otherwise.</param>
    public bool TrySet(string name, string value, out string? error)
    {
        if (!TryFind(name, out int index, out error)) return false;
        SettingDescription description = s_descriptions[index];
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int number)
            || number < description.Minimum || number > description.Maximum)
        {
            error = $"{description.Name} can't be '{value}': give a number from {description.Minimum} to {description.Maximum}";
            return false;
        }

        lock (_lock)
        {
            int min = index == (int)Setting.FullNatPortMin ? number : FullNatPortMin;
            int max = index == (int)Setting.FullNatPortMax ? number : FullNatPortMax;
            if (min > max)
            {
                error = $"{description.Name} can't be {number}: fullnat_port_min would be {min} and fullnat_port_max {max}";
                return false;
            }

            Volatile.Write(ref _values[index], number);
            return true;
        }
    }

    private static bool TryFind(string name, out int index, out string? error)
    {
        ArgumentNullException.ThrowIfNull(name);
        string plain = name.StartsWith(SysctlPrefix, StringComparison.Ordinal) ? name[SysctlPrefix.Length..] : name;
        index = Array.FindIndex(s_descriptions, d => d.Name == plain);
        error = index >= 0 ? null
            : s_notYet.Contains(plain) ? $"{plain} is not supported yet"
            : $"there is no setting '{name}': 'netvs get' lists them";
        return index >= 0;
    }
}
