using static NetVS.Rules.Ipvsadm.OptionArgument;

namespace NetVS.Rules.Ipvsadm;

/// <summary>How commands and options are written (reference §12.2).</summary>
/// <remarks>
/// Ids of commands are <see cref="VerbBase"/> plus the verb, ids of options are <see cref="IpvsadmOption"/>, and where several
/// spellings set one option, <see cref="OptionValue"/> tells them apart.
/// </remarks>
internal static class IpvsadmTables
{
    /// <summary>Added to a verb to make its id.</summary>
    public const int VerbBase = 0x10_0000;

    /// <summary>The shift of the value within the id of an option.</summary>
    public const int ValueShift = 8;

    /// <summary>The id of <c>--sort</c>, which does nothing.</summary>
    public const int Sort = 0x20_0000;

    /// <summary>The id of <c>--ipv6</c>, which changes the service before it.</summary>
    public const int Ipv6 = 0x20_0001;

    /// <summary>Commands only: the first option of a line.</summary>
    public static IReadOnlyList<OptionSpec> Verbs { get; } =
    [
        Verb("add-service", 'A', IpvsadmVerb.AddService),
        Verb("edit-service", 'E', IpvsadmVerb.EditService),
        Verb("delete-service", 'D', IpvsadmVerb.DeleteService),
        Verb("clear", 'C', IpvsadmVerb.Flush),
        Verb("list", 'L', IpvsadmVerb.List),
        Verb("list", 'l', IpvsadmVerb.List),
        Verb("add-server", 'a', IpvsadmVerb.AddServer),
        Verb("delete-server", 'd', IpvsadmVerb.DeleteServer),
        Verb("edit-server", 'e', IpvsadmVerb.EditServer),
        Verb("set", '\0', IpvsadmVerb.SetTimeouts),
        Verb("start-daemon", '\0', IpvsadmVerb.StartDaemon, Required),
        Verb("stop-daemon", '\0', IpvsadmVerb.StopDaemon, Required),
        Verb("restore", 'R', IpvsadmVerb.Restore),
        Verb("save", 'S', IpvsadmVerb.Save),
        Verb("zero", 'Z', IpvsadmVerb.Zero),
        Verb("add-laddr", 'P', IpvsadmVerb.AddLocalAddress),
        Verb("del-laddr", 'Q', IpvsadmVerb.DeleteLocalAddress),
        Verb("get-laddr", 'G', IpvsadmVerb.ListLocalAddresses),
        Verb("help", 'h', IpvsadmVerb.Help),
        Verb("version", 'v', IpvsadmVerb.Version),
    ];

    private static readonly OptionSpec[] s_options =
    [
        .. Verbs,
        Option("tcp-service", 't', IpvsadmOption.ServiceAddress, Required, 6),
        Option("udp-service", 'u', IpvsadmOption.ServiceAddress, Required, 17),
        Option("sctp-service", '\0', IpvsadmOption.ServiceAddress, Required, 132),
        Option("fwmark-service", 'f', IpvsadmOption.ServiceAddress, Required),
        new OptionSpec("ipv6", '6', None, Ipv6),
        Option("scheduler", 's', IpvsadmOption.Scheduler, Required),
        Option("persistent", 'p', IpvsadmOption.Persistent, Optional),
        Option("netmask", 'M', IpvsadmOption.Netmask, Required),
        Option("pe", '\0', IpvsadmOption.PersistenceEngine, Required),
        Option("ops", 'o', IpvsadmOption.OnePacket, None),
        Option("real-server", 'r', IpvsadmOption.RealServer, Required),
        Option("gatewaying", 'g', IpvsadmOption.ForwardingMethod, None, (int)ForwardingMethod.DirectRouting),
        Option("ipip", 'i', IpvsadmOption.ForwardingMethod, None, (int)ForwardingMethod.Tunnel),
        Option("masquerading", 'm', IpvsadmOption.ForwardingMethod, None, (int)ForwardingMethod.Nat),
        Option("fullnat", '\0', IpvsadmOption.ForwardingMethod, None, (int)ForwardingMethod.FullNat),
        Option("weight", 'w', IpvsadmOption.Weight, Required),
        Option("u-threshold", 'x', IpvsadmOption.UpperThreshold, Required),
        Option("l-threshold", 'y', IpvsadmOption.LowerThreshold, Required),
        Option("mcast-interface", '\0', IpvsadmOption.McastInterface, Required),
        Option("mcast-group", '\0', IpvsadmOption.McastGroup, Required),
        Option("mcast-port", '\0', IpvsadmOption.McastPort, Required),
        Option("mcast-ttl", '\0', IpvsadmOption.McastTtl, Required),
        Option("sync-maxlen", '\0', IpvsadmOption.SyncMaxlen, Required),
        Option("syncid", '\0', IpvsadmOption.SyncId, Required),
        Option("connection", 'c', IpvsadmOption.Connection, None),
        Option("numeric", 'n', IpvsadmOption.Numeric, None),
        Option("exact", 'X', IpvsadmOption.Exact, None),
        Option("stats", '\0', IpvsadmOption.Stats, None),
        Option("rate", '\0', IpvsadmOption.Rate, None),
        Option("thresholds", '\0', IpvsadmOption.Thresholds, None),
        Option("persistent-conn", '\0', IpvsadmOption.PersistentConn, None),
        Option("tun-info", '\0', IpvsadmOption.TunnelInfo, None),
        Option("nosort", '\0', IpvsadmOption.NoSort, None),
        Option("timeout", '\0', IpvsadmOption.Timeout, None),
        Option("daemon", '\0', IpvsadmOption.Daemon, None),
        new OptionSpec("sort", '\0', None, Sort),
        Option("tun-type", '\0', IpvsadmOption.TunnelType, Required),
        Option("tun-port", '\0', IpvsadmOption.TunnelPort, Required),
        Option("tun-nocsum", '\0', IpvsadmOption.TunnelNoChecksum, None),
        Option("tun-csum", '\0', IpvsadmOption.TunnelChecksum, None),
        Option("tun-remcsum", '\0', IpvsadmOption.TunnelRemoteChecksum, None),
        Option("local-address", 'z', IpvsadmOption.LocalAddress, Required),
        Option("sched-flags", '\0', IpvsadmOption.SchedulerFlags, Required),
        .. ServiceOptionTable.All.Select((o, i) => Option(o.Name, '\0', IpvsadmOption.ServiceOption, o.IsSwitch ? None : Required, i)),
    ];

    private static readonly OptionSpec[] s_serverOptions =
        [.. s_options, Option("fullnat", 'b', IpvsadmOption.ForwardingMethod, None, (int)ForwardingMethod.FullNat)];

    private static readonly OptionSpec[] s_otherOptions =
        [.. s_options, Option("sched-flags", 'b', IpvsadmOption.SchedulerFlags, Required)];

    /// <summary>
    /// Everything that may follow the command. The letter b is FULLNAT where a server is added or edited, and the scheduler
    /// flags elsewhere, as in ipvsadm: no line that ipvsadm accepts changes its meaning.
    /// </summary>
    public static IReadOnlyList<OptionSpec> OptionsOf(IpvsadmVerb verb) =>
        verb is IpvsadmVerb.AddServer or IpvsadmVerb.EditServer ? s_serverOptions : s_otherOptions;

    /// <summary>The value a spelling gives its option.</summary>
    public static int OptionValue(int id) => id >> ValueShift;

    private static OptionSpec Verb(string name, char letter, IpvsadmVerb verb, OptionArgument argument = None) =>
        new(name, letter, argument, VerbBase + (int)verb);

    private static OptionSpec Option(string name, char letter, IpvsadmOption option, OptionArgument argument, int value = 0) =>
        new(name, letter, argument, (int)option | (value << ValueShift));
}
