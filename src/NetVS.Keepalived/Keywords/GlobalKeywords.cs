// Reference §3.2.
using System.Collections.Immutable;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords of global_defs.</summary>
internal static class GlobalKeywords
{
    private const decimal MostTimer = 4294.967295m;

    /// <summary>The table.</summary>
    public static KeywordTable<GlobalDefinitions> Table { get; } = new KeywordTable<GlobalDefinitions>("global_defs")
        .Text("router_id", (g, v) => g with { RouterId = v })
        .Lines("notification_email", (_, line, _) => line[0]?.Text, (g, v) => Mail(g, m => m with { Recipients = m.Recipients.AddRange(v) }))
        .Text("notification_email_from", (g, v) => Mail(g, m => m with { From = v }))
        .On("smtp_server", ReadMailServer)
        .Text("smtp_helo_name", (g, v) => Mail(g, m => m with { HeloName = v }))
        .Number("smtp_connect_timeout", 0, 4294, (g, v) => Mail(g, m => m with { Timeout = Seconds(Math.Max(1, v)) }), "smtp_connect_timeout '%v' must be in [0, 4294] - ignoring")
        .OnOff("smtp_alert", (g, v) => Mail(g, m => m with { Alerts = v }), "Invalid value '%v' for global smtp_alert specified")
        .OnOff("smtp_alert_vrrp", (g, v) => Mail(g, m => m with { VrrpAlerts = v }), "Invalid value '%v' for global smtp_alert_vrrp specified")
        .OnOff("smtp_alert_checker", (g, v) => Mail(g, m => m with { CheckerAlerts = v }), "Invalid value '%v' for global smtp_alert_checker specified")
        .Flag("no_email_faults", g => Mail(g, m => m with { HasNoFaults = true }))
        .OnOff("no_checker_emails", (g, v) => Mail(g, m => m with { IsCheckerSilent = v }), "Invalid value '%v' for global no_checker_emails specified")
        .Flag("enable_script_security", g => g with { HasScriptSecurity = true })
        .On("script_user", ReadScriptUser)
        .Script("startup_script", (g, v) => g with { StartupScript = v })
        .Script("shutdown_script", (g, v) => g with { ShutdownScript = v })
        .Number("startup_script_timeout", 1, 1000, (g, v) => g with { StartupTimeout = Seconds(v) }, "startup_script_timeout '%v' must be in [1, 1000] - ignoring")
        .Number("shutdown_script_timeout", 1, 1000, (g, v) => g with { ShutdownTimeout = Seconds(v) }, "shutdown_script_timeout '%v' must be in [1, 1000] - ignoring")
        .On("notify_fifo", (r, s, g) => g with { Pipe = ReadPipe(r, s, g.Pipe) })
        .On("vrrp_notify_fifo", (r, s, g) => g with { VrrpPipe = ReadPipe(r, s, g.VrrpPipe) })
        .On("lvs_notify_fifo", (r, s, g) => g with { LvsPipe = ReadPipe(r, s, g.LvsPipe) })
        .Script("notify_fifo_script", (g, v) => g with { Pipe = g.Pipe with { Script = v } })
        .Script("vrrp_notify_fifo_script", (g, v) => g with { VrrpPipe = g.VrrpPipe with { Script = v } })
        .Script("lvs_notify_fifo_script", (g, v) => g with { LvsPipe = g.LvsPipe with { Script = v } }, side: ScriptSide.Checkers)
        .OnOff("vrrp_notify_priority_changes", (g, v) => Vrrp(g, d => d with { NotifiesPriority = v }), "Invalid value '%v' for global vrrp_notify_priority_changes specified")
        .Flag("fifo_write_vrrp_states_on_reload", g => Vrrp(g, d => d with { RepeatsStatesOnReload = true }))
        .Number("vrrp_version", 2, 3, (g, v) => Vrrp(g, d => d with { Version = (int)v }), "VRRP Error: Version must be either 2 or 3")
        .Flag("vrrp_strict", g => Vrrp(g, d => d with { IsStrict = true }))
        .On("vrrp_mcast_group4", (r, s, g) => ReadGroup(r, s, g, IpFamily.V4) is { IsNone: false } a ? Vrrp(g, d => d with { MulticastGroup4 = a }) : g)
        .On("vrrp_mcast_group6", (r, s, g) => ReadGroup(r, s, g, IpFamily.V6) is { IsNone: false } a ? Vrrp(g, d => d with { MulticastGroup6 = a }) : g)
        .Number("vrrp_garp_master_delay", 0, 4294, (g, v) => Garp(g, p => p with { MasterDelay = Seconds(v) }), "vrrp_garp_master_delay '%v' invalid - ignoring")
        .Number("vrrp_garp_master_repeat", 1, int.MaxValue, (g, v) => Garp(g, p => p with { MasterRepeat = (int)v }), "vrrp_garp_master_repeat '%v' invalid - ignoring", zero: "vrrp_garp_master_repeat must be greater than 0, setting to 1")
        .Number("vrrp_garp_master_refresh", 0, 4294, (g, v) => Garp(g, p => p with { MasterRefresh = Seconds(v) }), "Invalid vrrp_garp_master_refresh '%v' - ignoring")
        .Number("vrrp_garp_master_refresh_repeat", 1, int.MaxValue, (g, v) => Garp(g, p => p with { MasterRefreshRepeat = (int)v }), "vrrp_garp_master_refresh_repeat '%v' invalid - ignoring", zero: "vrrp_garp_master_refresh_repeat must be greater than 0, setting to 1")
        .Number("vrrp_garp_lower_prio_delay", 0, 4294, (g, v) => Garp(g, p => p with { LowerPriorityDelay = Seconds(v) }), "vrrp_garp_lower_prio_delay '%v' invalid - ignoring")
        .Number("vrrp_garp_lower_prio_repeat", 0, int.MaxValue, (g, v) => Garp(g, p => p with { LowerPriorityRepeat = (int)v }), "Invalid vrrp_garp_lower_prio_repeat '%v'")
        .Timer("vrrp_garp_interval", 0.000001m, MostTimer, (g, v) => Garp(g, p => p with { Interval = v }), "vrrp_garp_interval '%v' is invalid")
        .Timer("vrrp_gna_interval", 0.000001m, MostTimer, (g, v) => Garp(g, p => p with { NeighbourInterval = v }), "vrrp_gna_interval '%v' is invalid")
        .OnOff("vrrp_min_garp", (g, v) => Garp(g, p => p with { IsMinimal = v }), "Invalid value for vrrp_min_garp specified")
        .On("vrrp_garp_extra_if", (r, s, g) => Garp(g, p => ReadExtra(r, s, g, p, "vrrp_garp_extra_if '%v' invalid - ignoring")))
        .Number("vrrp_down_timer_adverts", 1, 100, (g, v) => Vrrp(g, d => d with { DownTimerAdverts = (int)v }), "Invalid vrrp_down_timer_adverts [1:100] '%v'")
        .OnOff("vrrp_lower_prio_no_advert", (g, v) => Vrrp(g, d => d with { LowerPriorityNoAdvert = v }), "Invalid value for vrrp_lower_prio_no_advert specified")
        .OnOff("vrrp_higher_prio_send_advert", (g, v) => Vrrp(g, d => d with { HigherPrioritySendAdvert = v }), "Invalid value for vrrp_higher_prio_send_advert specified")
        .Flag("vrrp_skip_check_adv_addr", g => Vrrp(g, d => d with { SkipsAddressCheck = true }))
        .Flag("vrrp_check_unicast_src", g => Vrrp(g, d => d with { ChecksUnicastSource = true }))
        .Timer("vrrp_startup_delay", 0.001m, MostTimer, (g, v) => Vrrp(g, d => d with { StartupDelay = v }), "vrrp_startup_delay '%v' is invalid")
        .On("dynamic_interfaces", ReadDynamic)
        .Text("default_interface", (g, v) => g with { DefaultInterface = v })
        .Flag("log_unknown_vrids", g => Vrrp(g, d => d with { LogsUnknownIds = true }))
        .Flag("disable_local_igmp", g => Vrrp(g, d => d with { DisablesLocalIgmp = true }))
        .Text("vmac_prefix", (g, v) => Vrrp(g, d => d with { VirtualMacPrefix = v }))
        .Text("vmac_addr_prefix", (g, v) => Vrrp(g, d => d with { VirtualMacAddressPrefix = v }))
        .On("lvs_timeouts", GlobalLvsLines.ReadTimeouts)
        .On("lvs_sync_daemon", GlobalLvsLines.ReadSyncDaemon)
        .Flag("lvs_flush", g => Lvs(g, d => d with { FlushesAtStart = true }))
        .On("lvs_flush_on_stop", GlobalLvsLines.ReadFlushOnStop)
        .Alias("lvs_flush_onstop", "lvs_flush_on_stop")
        .OnOff("checker_log_all_failures", (g, v) => Lvs(g, d => d with { LogsAllFailures = v }), "Invalid value for checker_log_all_failures specified")
        .OnOff("rs_init_notifies", (g, v) => Lvs(g, d => d with { NotifiesAtStart = v }), "Invalid value '%v' for global rs_init_notifies specified")
        .Flag("reload_check_config", g => g with { ChecksReload = true })
        .On("include_check", ReadIncludeCheck)
        .On("random_seed", ReadSeed)
        .On("netvs_reconcile", ReadReconcile)
        .Idle("use vrrp_garp_master_refresh", "vrrp_garp_extra_if")
        .Idle("take it out: use_vmac_addr is not supported", "vmac_addr_prefix")
        .Idle("take it out: NetVS takes the system's random numbers", "random_seed")
        .RunAll()
        .Unsupported("NetVS is one process and sets its own scheduling; take the line out, or set it in the systemd unit",
            "max_auto_priority", "min_auto_priority_delay", "vrrp_priority", "checker_priority", "bfd_priority", "vrrp_rt_priority", "checker_rt_priority", "bfd_rt_priority",
            "vrrp_rlimit_rttime", "checker_rlimit_rttime", "bfd_rlimit_rttime", "vrrp_rlimit_rtime", "checker_rlimit_rtime", "bfd_rlimit_rtime",
            "vrrp_no_swap", "checker_no_swap", "bfd_no_swap", "vrrp_cpu_affinity", "checker_cpu_affinity", "bfd_cpu_affinity", "umask",
            "process_names", "process_name", "vrrp_process_name", "checker_process_name", "bfd_process_name")
        .Unsupported("NetVS has its own table of nftables, netvs_vrrp, for no_accept, and needs no other", "vrrp_iptables", "vrrp_ipsets", "nftables", "nftables_priority", "nftables_counters", "nftables_ifindex",
            "nftables_ipvs", "nftables_ipvs_priority", "nftables_ipvs_start_fwmark", "iptables")
        .Unsupported("use NetVS's HTTP API instead", "enable_snmp_keepalived", "enable_snmp_vrrp", "enable_snmp_checker", "enable_snmp_rfc", "enable_snmp_rfcv2", "enable_snmp_rfcv3", "enable_traps",
            "snmp_socket", "snmp_server", "enable_dbus", "dbus_service_name", "dbus_no_interface_name", "json_version", "snmp_rs_stats_update_interval", "snmp_vs_stats_update_interval")
        .Unsupported("NetVS sizes its buffers by itself", "vrrp_rx_bufs_policy", "vrrp_rx_bufs_multiplier", "vrrp_netlink_cmd_rcv_bufs", "vrrp_netlink_cmd_rcv_bufs_force",
            "vrrp_netlink_monitor_rcv_bufs", "vrrp_netlink_monitor_rcv_bufs_force", "lvs_netlink_cmd_rcv_bufs", "lvs_netlink_cmd_rcv_bufs_force",
            "lvs_netlink_monitor_rcv_bufs", "lvs_netlink_monitor_rcv_bufs_force", "process_monitor_rcv_bufs", "process_monitor_rcv_bufs_force")
        .Unsupported("reload with 'netvs reload' when the file is to take effect", "reload_time_file", "reload_repeat", "reload_file")
        .Unsupported("see 'netvs status' and the journal", "config_save_dir", "tmp_config_directory", "data_use_instance", "json_dump_file", "state_dump_file", "stats_dump_file")
        .Unsupported("a keyword of a keepalived newer than 2.2.7", "use_symlink_paths", "iproute_usr_dir", "iproute_etc_dir", "vrrp_owner_ignore_adverts", "thread_timer_expired", "timer_expired_backup",
            "vrrp_delay_after_boot", "set_supplementary_groups");

    /// <summary>Reads the value of a garp_extra_if.</summary>
    public static GarpSettings ReadExtra(BlockReader reader, Statement statement, IConfigurationBlock record, GarpSettings garp, string error)
    {
        int index = 1;
        if (statement[1]?.Text == "all")
        {
            garp = garp with { IsExtraForAll = true };
            index = 2;
        }

        if (!reader.TryTake(statement, index, out Word word)) return garp;
        if (NumberText.TryParse(word.Text, 0, 86400, out long seconds, out string complaint)) return garp with { ExtraInterval = Seconds(seconds) };
        reader.BadNumber(word, record, complaint, error);
        return garp;
    }

    /// <summary>Whole seconds.</summary>
    public static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(seconds);

    private static GlobalDefinitions Mail(GlobalDefinitions g, Func<MailSettings, MailSettings> set) => g with { Mail = set(g.Mail) };

    private static GlobalDefinitions Vrrp(GlobalDefinitions g, Func<VrrpDefaults, VrrpDefaults> set) => g with { Vrrp = set(g.Vrrp) };

    private static GlobalDefinitions Garp(GlobalDefinitions g, Func<GarpSettings, GarpSettings> set) => Vrrp(g, d => d with { Garp = set(d.Garp) });

    private static GlobalDefinitions Lvs(GlobalDefinitions g, Func<LvsDefaults, LvsDefaults> set) => g with { Lvs = set(g.Lvs) };

    private static GlobalDefinitions ReadMailServer(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        if (!reader.TryTake(statement, 1, out Word server)) return g;
        ushort port = 25;
        if (statement[2] is { } word && !AddressText.TryParsePort(word.Text, out port, out string complaint))
        {
            reader.BadNumber(word, g, complaint, $"Invalid smtp server {server.Text} %v");
            return g;
        }

        return Mail(g, m => m with { Server = server.Text, Port = port });
    }

    private static GlobalDefinitions ReadScriptUser(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        if (!reader.TryTake(statement, 1, out Word user)) return g;
        Word? group = statement[2];
        if (reader.Host.HasAccount(user.Text, isGroup: false) && (group is null || reader.Host.HasAccount(group.Text, isGroup: true)))
            return g with { ScriptUser = user.Text, ScriptGroup = group?.Text };
        reader.Error(user, g, "Error setting global script uid/gid", $"there is no user '{user.Text}'{(group is null ? "" : $" or no group '{group.Text}'")}");
        return g;
    }

    private static NotifyPipe ReadPipe(BlockReader reader, Statement statement, NotifyPipe pipe) => reader.TryTake(statement, 1, out Word path)
        ? pipe with { Path = path.Text, User = statement[2]?.Text, Group = statement[3]?.Text }
        : pipe;

    private static IpAddress ReadGroup(BlockReader reader, Statement statement, GlobalDefinitions g, IpFamily family)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return default;
        if (!IpAddress.TryParse(word.Text, out IpAddress address) || address.Family != family)
            reader.Error(word, g, $"Can't parse {statement.Keyword} [%v]. Skipping", "write a multicast address");
        else if (!address.IsMulticast)
            reader.Error(word, g, $"{statement.Keyword} [%v] is not multicast. Skipping", "write a multicast address");
        else
        {
            if (family == IpFamily.V6 && address.V6.High >> 48 != 0xFF02) reader.Warn(word, g, $"{statement.Keyword} [%v] should be link-local multicast.");
            return address;
        }

        return default;
    }

    private static GlobalDefinitions ReadDynamic(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        reader.Names[(Interfaces.Dynamic, "")] = statement.Position;
        if (statement[1] is { } word && word.Text != "allow_if_changes") reader.Error(word, g, "Unknown dynamic_interfaces option '%v'", "only allow_if_changes may follow");
        return g with { HasDynamicInterfaces = true, AllowsInterfaceChanges = g.AllowsInterfaceChanges || statement[1]?.Text == "allow_if_changes" };
    }

    private static GlobalDefinitions ReadIncludeCheck(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        if (statement.Words.Count == 1) reader.Includes.Checks = IncludeChecks.All;
        char sign = '=';
        for (int i = 1; i < statement.Words.Count; i++)
        {
            string text = statement.Words[i].Text;
            if (i == 1 && text[0] is '+' or '-') sign = text[0];
            IncludeChecks check = text.TrimStart('+', '-') switch
            {
                "read" or "readable" => IncludeChecks.Read,
                "match" => IncludeChecks.Match,
                "wildcard_match" => IncludeChecks.WildcardMatch,
                "brace_match" => IncludeChecks.BraceMatch,
                _ => IncludeChecks.None,
            };
            if (check == IncludeChecks.None) reader.Error(statement.Words[i], g, "Unknown include_check type '%v' - ignoring", "read, match, wildcard_match or brace_match");
            if (i == 1 && sign == '=') reader.Includes.Checks = IncludeChecks.None;
            if (sign == '-') reader.Includes.Checks &= ~check;
            else reader.Includes.Checks |= check;
        }

        return g;
    }

    // NetVS's own: netvs_reconcile SECONDS [report].
    private static GlobalDefinitions ReadReconcile(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        const int MostSeconds = 86400;
        if (!reader.TryTake(statement, 1, out Word word)) return g;
        if (!NumberText.TryParse(word.Text, 1, MostSeconds, out long seconds, out string complaint))
        {
            reader.BadNumber(word, g, complaint, $"netvs_reconcile '%v' must be in [1, {MostSeconds}] - ignoring");
            return g;
        }

        if (statement[2] is { } mode && mode.Text != "report") reader.Error(mode, g, "unknown netvs_reconcile option '%v' - ignoring", "report, or nothing, may follow the seconds");
        return g with { ReconcileInterval = Seconds(seconds), ReconcilesByReport = statement[2]?.Text == "report" };
    }

    private static GlobalDefinitions ReadSeed(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return g;
        if (NumberText.TryParse(word.Text, 0, uint.MaxValue, out long seed, out string complaint)) reader.Definitions.Seed((uint)seed);
        else reader.BadNumber(word, g, complaint, "random_seed %v invalid");
        return g;
    }
}
