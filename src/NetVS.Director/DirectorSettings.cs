using System.Globalization;
using NetVS.Director.Services;

namespace NetVS.Director;

/// <summary>The settings the packet path reads; names and defaults as reference §13, plus FULLNAT's (§11.3).</summary>
/// <remarks>Threads: written by control, read by workers; each is one word, so a reader sees the old or the new value.</remarks>
public sealed class DirectorSettings
{
    /// <summary>A defence that is active whatever memory there is.</summary>
    internal const int AlwaysOn = 3;

    // The modes in between: armed, and active for now.
    private const int Armed = 1, Active = 2;

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
        new("cache_bypass", 0, 0, 1, "1: where a mark service has no real server, packets to others than the director go on to where they are sent"),
        new("schedule_icmp", 0, 0, 1, "1: ICMP errors about packets of no known connection may begin it"),
        new("icmp_seq_window", 0, 0, 1 << 20, "KiB: ICMP errors about TCP are believed if the sequence number they quote is so near to the last one known; 0: all, as IPVS"),
        new("conn_reuse_mode", 1, 0, 3, "0: a SYN on a closing connection stays on its real server; bit 0: it is scheduled anew; bit 1: in FIN_WAIT of DR and TUN too"),
        new("secure_tcp", 0, 0, 3, "use the TCP states that defend against SYN floods; 0: never, 1: when memory is short (2: it is), 3: always"),
        new("drop_entry", 0, 0, 3, "end connections that are likely nobody's, some each second; 0: never, 1: when memory is short (2: it is), 3: always"),
        new("drop_packet", 0, 0, 3, "drop packets that would begin a connection; 0: never, 1: when memory is short (2: it is), 3: one in am_droprate"),
        new("amemthresh", 1024, 0, int.MaxValue, "pages of 4 KiB: memory is short when fewer are free, or when less than a sixteenth of a connection table is"),
        new("am_droprate", 10, 0, int.MaxValue, "with drop_packet 3: one in so many; 1: all; 0: none"),
        new("run_estimation", 1, 0, 1, "0: stop rates and the counters shown"),
        new(EstCpuListName, 0, 0, ProcessorSet.Most - 1, "the processors (0-3,6) of the thread that estimates and keeps the director's timers; all: any; empty: stop, as run_estimation 0") { DefaultText = "all" },
        new("est_nice", 0, -20, 19, "the nice value of that thread"),
        new("conn_max", 1 << 30, 0, 1 << 30, "the most connections and templates of both families; what --max-connections reserves is a limit besides"),
        new("lblc_expiration", 86400, 0, int.MaxValue, "seconds an unused entry of the lblc scheduler's cache is kept"),
        new("lblcr_expiration", 86400, 0, int.MaxValue, "seconds an unused entry of the lblcr scheduler's cache is kept, and after which its server set shrinks"),
        new("fullnat_toa", 1, 0, 1, "1: tell FULLNAT real servers the client's address in a TCP option (TOA)"),
        new("fullnat_toa_v6_kind", 254, 253, 254, "the option kind of TOA with an IPv6 address: 254 as DPVS, 253 as alibaba/LVS"),
        new("fullnat_timestamp_remove", 1, 0, 1, "1: blank the TCP timestamp option in the SYN of FULLNAT connections"),
        new("fullnat_mss_adjust", 1, 0, 1, "1: lower the MSS of FULLNAT connections so that TOA fits"),
        new("fullnat_port_min", 5000, 1, 65535, "the least local port of FULLNAT connections"),
        new("fullnat_port_max", 65535, 1, 65535, "the greatest local port of FULLNAT connections"),
        new("icmp_ratelimit", 1000, 0, 1_000_000, "ICMP messages each worker may send per second; 0: none"),
        new(SyncThresholdName, 3, 0, int.MaxValue, "two numbers, threshold and period (3 50): a connection is synchronised at each packet whose number modulo the period is the threshold; period 0: at the threshold's packet only") { DefaultText = "3 50" },
        new("sync_refresh_period", 0, 0, int.MaxValue, "seconds: synchronise a connection again when its end has moved by so much; 0: by packets alone"),
        new("sync_retries", 0, 0, 3, "how often a message is repeated within sync_refresh_period"),
        new("sync_version", 1, 0, 1, "the version of the messages sent; both are received. Version 0 knows IPv4 only, and no timeouts"),
        new("sync_ports", 1, 1, 64, "a power of two: threads and UDP ports of each synchronisation daemon; read when one is started"),
        new("sync_persist_mode", 0, 0, 1, "1: synchronise templates, not the connections that follow them"),
        new("sync_qlen_max", 4096, 0, int.MaxValue, "messages of each thread that may wait for the network; further ones are given up"),
        new("backup_only", 0, 0, 1, "1: while a backup runs, requests go to the director's own stack: for a backup that is a real server itself"),
        new("sync_sock_size", 0, 0, int.MaxValue, "octets of the synchronisation sockets' buffers; 0: the system's default"),
        new("ignore_tunneled", 1, 1, 1, "1: what comes out of a tunnel device is not balanced") { WhyFixed = "packets that come out of a tunnel device are the kernel's: the director listens on Ethernet interfaces, and never sees them there" },
        new("conntrack", 0, 0, 0, "0: no entry of the kernel's connection tracking is kept for connections") { WhyFixed = "the director's packets do not pass netfilter, so that there is no entry to keep, and none is needed" },
        new("snat_reroute", 1, 1, 1, "1: a reply's route is looked up after its source is the virtual address") { WhyFixed = "replies are routed by their destination alone, which is the same before and after; 'ip rule' is not honoured" },
        new("debug_level", 0, 0, 0, "0: the log says nothing of single packets") { WhyFixed = "nothing is logged of packets: each that is dropped is counted under its reason ('netvs status'), and 'netvs why' explains" },
        new(FtpPortsName, 21, 0, 65535, "up to eight ports: services with NAT real servers on them are FTP, whose data connections are made to pass; 0: none") { DefaultText = "21" },
    ];

    /// <summary>IPVS's other sysctls, of which no value says what is so here, with the reason.</summary>
    private static readonly Dictionary<string, string> s_absent = new(StringComparer.Ordinal)
    {
        ["conn_lfactor"] = "the connection tables do not grow, their memory is reserved at the start: give 'netvs run --max-connections N'",
        ["svc_lfactor"] = "the table of services has no load to set: it is made anew, and as large as it has to be, when a rule changes",
    };

    private const string SyncThresholdName = "sync_threshold";
    private const string FtpPortsName = "ftp_ports";
    private const string EstCpuListName = "est_cpulist";
    private const int MostFtpPorts = 8;
    private const int DefaultSyncPeriod = 50;

    private readonly int[] _values = [.. s_descriptions.Select(d => d.Default)];
    private readonly Lock _lock = new();
    private int _syncPeriod = DefaultSyncPeriod;
    private volatile ushort[] _ftpPorts = [ServiceTable.FtpPort];
    private volatile ProcessorSet _estimators = ProcessorSet.All;

    private enum Setting
    {
        ExpireNodestConn, ExpireQuiescentTemplate, SloppyTcp, SloppySctp, NatIcmpSend, PmtuDisc, CacheBypass, ScheduleIcmp, IcmpSeqWindow, ConnReuseMode, SecureTcp, DropEntry, DropPacket, AmemThresh, AmDropRate,
        RunEstimation, EstCpuList, EstNice, ConnMax, LblcExpiration, LblcrExpiration,
        FullNatToa, FullNatToaV6Kind, FullNatTimestampRemove, FullNatMssAdjust, FullNatPortMin, FullNatPortMax, IcmpRateLimit,
        SyncThreshold, SyncRefreshPeriod, SyncRetries, SyncVersion, SyncPorts, SyncPersistMode, SyncQlenMax, BackupOnly, SyncSockSize,
        IgnoreTunneled, Conntrack, SnatReroute, DebugLevel, FtpPorts,
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

    /// <summary>Where a mark service has no real server, packets go on to where they are sent.</summary>
    public bool CacheBypass => this[Setting.CacheBypass] != 0;

    /// <summary>ICMP errors may begin connections.</summary>
    public bool ScheduleIcmp => this[Setting.ScheduleIcmp] != 0;

    /// <summary>How far, in KiB, the sequence number that an ICMP error quotes may be from the last one known; 0 for anywhere.</summary>
    public int IcmpSequenceWindow => this[Setting.IcmpSeqWindow];

    /// <summary>Bits: 1 = a SYN on a closing connection is scheduled anew, 2 = in FIN_WAIT of DR and TUN too.</summary>
    public int ConnReuseMode => this[Setting.ConnReuseMode];

    /// <summary>Whether the second TCP table is in force (reference §6.1).</summary>
    public bool UsesSecureTcp => this[Setting.SecureTcp] >= Active;

    /// <summary>The mode of drop_packet.</summary>
    public int DropPacket => this[Setting.DropPacket];

    /// <summary>Memory is short when fewer pages of 4 KiB are free.</summary>
    public int AmemThresh => this[Setting.AmemThresh];

    /// <summary>With drop_packet 3, one in so many.</summary>
    public int AmDropRate => this[Setting.AmDropRate];

    /// <summary>Whether the two-second estimator runs.</summary>
    public bool RunsEstimation => this[Setting.RunEstimation] != 0 && !_estimators.IsEmpty;

    /// <summary>Where the thread that estimates may run.</summary>
    public ProcessorSet Estimators => _estimators;

    /// <summary>The nice value of the thread that estimates.</summary>
    public int EstimatorNice => this[Setting.EstNice];

    /// <summary>The most connections and templates of both families.</summary>
    public int ConnMax => this[Setting.ConnMax];

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

    /// <summary>The packet at which a connection is synchronised first, and the remainder by <see cref="SyncPeriod"/> of later ones.</summary>
    public int SyncThreshold => this[Setting.SyncThreshold];

    /// <summary>Packets between two synchronisations; 0 for none. The second number of sync_threshold.</summary>
    public int SyncPeriod => Volatile.Read(ref _syncPeriod);

    /// <summary>By how many seconds a connection's end must have moved to be announced again; 0 for no such rule.</summary>
    public int SyncRefreshPeriod => this[Setting.SyncRefreshPeriod];

    /// <summary>Repetitions within <see cref="SyncRefreshPeriod"/>.</summary>
    public int SyncRetries => this[Setting.SyncRetries];

    /// <summary>The version of messages sent.</summary>
    public int SyncVersion => this[Setting.SyncVersion];

    /// <summary>Threads and ports of a daemon that is started now.</summary>
    public int SyncPorts => this[Setting.SyncPorts];

    /// <summary>Connections that a template controls are not synchronised.</summary>
    public bool SyncPersistMode => this[Setting.SyncPersistMode] != 0;

    /// <summary>Messages of a thread that may wait for the network.</summary>
    public int SyncQlenMax => this[Setting.SyncQlenMax];

    /// <summary>While a backup runs, nothing is balanced.</summary>
    public bool BackupOnly => this[Setting.BackupOnly] != 0;

    /// <summary>Octets of the synchronisation sockets' buffers; 0 for the system's default.</summary>
    public int SyncSockSize => this[Setting.SyncSockSize];

    /// <summary>The virtual ports of FTP's control connections, host order. The array never changes; another one takes its place.</summary>
    public ReadOnlySpan<ushort> FtpPorts => _ftpPorts;

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
        if (index == (int)Setting.SyncThreshold) value += string.Create(CultureInfo.InvariantCulture, $" {SyncPeriod}");
        if (index == (int)Setting.EstCpuList) value = _estimators.ToString();
        if (index == (int)Setting.FtpPorts) value = _ftpPorts is { Length: > 0 } ports ? string.Join(' ', ports) : "0";
        return true;
    }

    /// <summary>Sets a setting by its name, with or without <c>net.ipv4.vs.</c>; it acts from the next packet on.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">A decimal number.</param>
    /// <param name="error">What is wrong and what to do; null when set. Nothing changed otherwise.</param>
    public bool TrySet(string name, string value, out string? error)
    {
        if (!TryFind(name, out int index, out error)) return false;
        if (index == (int)Setting.SyncThreshold) return TrySetSyncThreshold(value, out error);
        if (index == (int)Setting.FtpPorts) return TrySetFtpPorts(value, out error);
        if (index == (int)Setting.EstCpuList) return TrySetEstimators(value, out error);
        SettingDescription description = s_descriptions[index];
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int number)
            || number < description.Minimum || number > description.Maximum)
        {
            error = description.WhyFixed is { } reason
                ? $"{description.Name} can't be '{value}', it is {description.DefaultText}: {reason}"
                : $"{description.Name} can't be '{value}': give a number from {description.Minimum} to {description.Maximum}";
            return false;
        }

        if (index == (int)Setting.SyncPorts && !int.IsPow2(number))
        {
            error = $"sync_ports can't be {number}: give a power of two from 1 to {description.Maximum}";
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

    /// <summary>Whether a defence depends on how much memory there is.</summary>
    internal bool HasAutomaticDefence => this[Setting.DropEntry] is Armed or Active || this[Setting.DropPacket] is Armed or Active || this[Setting.SecureTcp] is Armed or Active;

    /// <summary>Turns the automatic modes of drop_entry to what the memory asks for; whether it is active.</summary>
    internal bool TurnDropEntry(bool isShort) => Turn(Setting.DropEntry, isShort);

    /// <summary>The same for drop_packet.</summary>
    internal bool TurnDropPacket(bool isShort) => Turn(Setting.DropPacket, isShort);

    /// <summary>The same for secure_tcp.</summary>
    internal bool TurnSecureTcp(bool isShort) => Turn(Setting.SecureTcp, isShort);

    private bool Turn(Setting setting, bool isShort)
    {
        ref int value = ref _values[(int)setting];

        // Under the lock, lest the operator's value be written over.
        lock (_lock)
        {
            if (value is Armed or Active) Volatile.Write(ref value, isShort ? Active : Armed);
            return value >= Active;
        }
    }

    // One number leaves the period as it is, as sysctl does.
    private bool TrySetSyncThreshold(string value, out string? error)
    {
        string[] words = WordsOf(value);
        int threshold = 0, period = SyncPeriod;
        bool isGood = words.Length is 1 or 2 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out threshold);
        if (isGood && words.Length == 2) isGood = int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out period);
        if (!isGood || (period != 0 && threshold >= period))
        {
            error = $"{SyncThresholdName} can't be '{value}': give a threshold and a period, the threshold less than the period, or a period of 0";
            return false;
        }

        lock (_lock)
        {
            Volatile.Write(ref _values[(int)Setting.SyncThreshold], threshold);
            Volatile.Write(ref _syncPeriod, period);
        }

        error = null;
        return true;
    }

    private bool TrySetFtpPorts(string value, out string? error)
    {
        var ports = new SortedSet<ushort>();
        foreach (string word in WordsOf(value))
        {
            if (ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) ports.Add(port);
            else ports.Clear();
            if (ports.Count == 0) break;
        }

        // Nothing but 0 means none.
        if (ports.Count is 0 or > MostFtpPorts || (ports.Contains(0) && ports.Count > 1))
        {
            error = $"{FtpPortsName} can't be '{value}': give one to {MostFtpPorts} ports from 1 to 65535, or 0 for none";
            return false;
        }

        _ftpPorts = ports.Contains(0) ? [] : [.. ports];
        error = null;
        return true;
    }

    private bool TrySetEstimators(string value, out string? error)
    {
        error = ProcessorSet.TryParse(value, out ProcessorSet? processors)
            ? null
            : $"{EstCpuListName} can't be '{value}': give processors from 0 to {ProcessorSet.Most - 1}, as in 0-3,6; all; or nothing";
        if (processors is not null) _estimators = processors;
        return error is null;
    }

    private static string[] WordsOf(string value) => value.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);

    private static bool TryFind(string name, out int index, out string? error)
    {
        ArgumentNullException.ThrowIfNull(name);
        string plain = name.StartsWith(SysctlPrefix, StringComparison.Ordinal) ? name[SysctlPrefix.Length..] : name;
        index = Array.FindIndex(s_descriptions, d => d.Name == plain);
        error = index >= 0 ? null
            : s_absent.TryGetValue(plain, out string? reason) ? $"there is no {plain} here: {reason}"
            : $"there is no setting '{name}': 'netvs get' lists them";
        return index >= 0;
    }
}
