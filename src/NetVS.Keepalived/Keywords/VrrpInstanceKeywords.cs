// Reference §4.8.
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords of vrrp_instance.</summary>
internal static class VrrpInstanceKeywords
{
    private const string NotSource = "Configuration error: VRRP instance[%n] malformed src address[%v]. Skipping...";

    /// <summary>The keywords of authentication; first, because the table below names it.</summary>
    public static KeywordTable<Authentication> Authentication { get; } = new KeywordTable<Authentication>("authentication")
        .On("auth_type", ReadType)
        .On("auth_pass", ReadPassword)
        .RunAll();

    /// <summary>The table.</summary>
    public static KeywordTable<VrrpInstance> Table { get; } = TrackingKeywords.Add(new KeywordTable<VrrpInstance>("vrrp_instance"), v => v.Tracking, (v, t) => v with { Tracking = t })
        .On("interface", ReadInterface)
        .Number("virtual_router_id", 1, 255, (v, n) => v with { RouterId = (int)n }, "(%n): VRID '%v' not valid - must be between 1 & 255")
        .On("state", ReadState)
        .Number("priority", 1, 255, (v, n) => v with { Priority = (int)n }, "(%n) Priority not valid! must be between 1 & 255. Using default 100", v => v with { Priority = 100 })
        .Timer("advert_int", 0.01m, 255m, (v, t) => v with { AdvertInterval = t }, "(%n) Advert interval (%v) not valid! Must be > 0 - ignoring")
        .Number("version", 2, 3, (v, n) => v with { Version = (int)n }, "(%n): Version must be either 2 or 3")
        .Lines("virtual_ipaddress", (r, line, v) => AddressEntry.Read(r, line, v, FirstFamily(v), isStatic: false), (v, a) => v with { Addresses = v.Addresses.AddRange(a) })
        .Lines("virtual_ipaddress_excluded", (r, line, v) => AddressEntry.Read(r, line, v, IpFamily.None, isStatic: false), (v, a) => v with { ExcludedAddresses = v.ExcludedAddresses.AddRange(a) })
        .Lines("virtual_routes", RouteLine.ReadRoute, (v, a) => v with { Routes = v.Routes.AddRange(a) })
        .Lines("virtual_rules", RouteLine.ReadRule, (v, a) => v with { Rules = v.Rules.AddRange(a) })
        .Block("authentication", Authentication, (_, s, v) => new Authentication { Name = v.Name, Position = s.Position }, (_, v, a) => v with { Authentication = a })
        .Flag("nopreempt", v => v with { IsNonPreempting = true })
        .Flag("preempt", v => v with { IsNonPreempting = false })
        .Timer("preempt_delay", 0m, 1000m, (v, t) => v with { PreemptDelay = t }, "(%n) Preempt_delay not valid! must be between 0-1000")
        .Address("unicast_src_ip", (v, a) => v with { SourceAddress = a, HasUnicastKeyword = true }, NotSource)
        .Address("mcast_src_ip", (v, a) => v with { SourceAddress = a }, NotSource)
        .Lines("unicast_peer", ReadPeer, (v, p) => v with { Peers = v.Peers.AddRange(p), HasUnicastKeyword = true })
        .Flag("unicast_fault_no_peer", v => v with { FaultsWithoutPeers = true, HasUnicastKeyword = true })
        .Flag("check_unicast_src", v => v with { ChecksUnicastSource = true, HasUnicastKeyword = true })
        .Number("unicast_ttl", 0, 255, (v, n) => v with { UnicastTtl = (int)n, HasUnicastKeyword = true }, "(%n): TTL '%v' not valid - must be between 0 & 255")
        .On("old_unicast_checksum", ReadOldChecksum)
        .Address("mcast_dst_ip", (v, a) => v with { MulticastGroup = a }, "(%n) malformed mcast dest address %v. Skipping...")
        .Flag("track_src_ip", v => v with { TracksSourceAddress = true })
        .Flag("dont_track_primary", v => v with { IgnoresOwnInterface = true })
        .On("use_vmac", ReadVirtualMac)
        .Flag("vmac_xmit_base", v => v with { TransmitsFromBase = true })
        .Flag("use_vmac_addr", v => v with { UsesVirtualMacForAddresses = true })
        .On("use_ipvlan", (_, s, v) => v with { Ipvlan = [.. s.Words.Skip(1).Select(w => w.Text)] })
        .Text("vrf", (v, t) => v with { Vrf = t })
        .Flag("native_ipv6", v => v with { IsNativeIpv6 = true })
        .Flag("accept", v => v with { Accepts = true })
        .Flag("no_accept", v => v with { Accepts = false })
        .OnOff("strict_mode", (v, b) => v with { IsStrict = b }, "(%n) invalid strict_mode %v specified")
        .OnOff("skip_check_adv_addr", (v, _) => v with { SkipsAddressCheck = true }, "(%n) invalid skip_check_adv_addr %v specified")
        .Flag("promote_secondaries", v => v with { PromotesSecondaries = true })
        .Number("garp_master_delay", 0, 4294, (v, n) => Garp(v, g => g with { MasterDelay = GlobalKeywords.Seconds(n) }), "(%n): garp_master_delay '%v' invalid - ignoring")
        .Number("garp_master_repeat", 1, int.MaxValue, (v, n) => Garp(v, g => g with { MasterRepeat = (int)n }), "(%n): garp_master_repeat '%v' invalid - ignoring", zero: "(%n): garp_master_repeat must be greater than 0, setting to 1")
        .Number("garp_master_refresh", 0, 4294, (v, n) => Garp(v, g => g with { MasterRefresh = GlobalKeywords.Seconds(n) }), "(%n): Invalid garp_master_refresh '%v' - ignoring")
        .Number("garp_master_refresh_repeat", 1, int.MaxValue, (v, n) => Garp(v, g => g with { MasterRefreshRepeat = (int)n }), "(%n): garp_master_refresh_repeat '%v' invalid - ignoring", zero: "(%n): garp_master_refresh_repeat must be greater than 0, setting to 1")
        .Number("garp_lower_prio_delay", 0, 4294, (v, n) => Garp(v, g => g with { LowerPriorityDelay = GlobalKeywords.Seconds(n) }), "(%n): garp_lower_prio_delay '%v' invalid - ignoring")
        .Number("garp_lower_prio_repeat", 0, int.MaxValue, (v, n) => Garp(v, g => g with { LowerPriorityRepeat = (int)n }), "(%n): Invalid garp_lower_prio_repeat '%v'")
        .On("garp_extra_if", (r, s, v) => Garp(v, g => GlobalKeywords.ReadExtra(r, s, v, g, "(%n): garp_extra_if '%v' invalid - ignoring")))
        .Number("down_timer_adverts", 1, 100, (v, n) => v with { DownTimerAdverts = (int)n }, "(%n): Invalid down_timer_adverts [1:100] '%v'")
        .OnOff("lower_prio_no_advert", (v, b) => v with { LowerPriorityNoAdvert = b }, "(%n) invalid lower_prio_no_advert %v specified")
        .OnOff("higher_prio_send_advert", (v, b) => v with { HigherPrioritySendAdvert = b }, "(%n) invalid higher_prio_send_advert %v specified")
        .Script("notify_master", (v, s) => Notify(v, n => n with { Master = s }), v => v.Notify.Master)
        .Script("notify_backup", (v, s) => Notify(v, n => n with { Backup = s }), v => v.Notify.Backup)
        .Script("notify_fault", (v, s) => Notify(v, n => n with { Fault = s }), v => v.Notify.Fault)
        .Script("notify_stop", (v, s) => Notify(v, n => n with { Stop = s }), v => v.Notify.Stop)
        .Script("notify", (v, s) => Notify(v, n => n with { All = s }), v => v.Notify.All)
        .On("notify_deleted", (r, s, v) => Notify(v, n => n with { SendsDeleted = true, Deleted = s.Words.Count > 1 ? r.Scripts.TryRead(s, ScriptSide.Vrrp, takesUser: true) : null }))
        .Script("notify_master_rx_lower_pri", (v, s) => Notify(v, n => n with { MasterReceivedLowerPriority = s }), v => v.Notify.MasterReceivedLowerPriority)
        .OnOff("notify_priority_changes", (v, b) => v with { NotifiesPriority = b }, "(%n) Invalid value '%v' for notify_priority_changes specified")
        .OnOff("smtp_alert", (v, b) => v with { SendsMail = b }, "Invalid vrrp_instance smtp_alert parameter %v")
        .On("lvs_sync_daemon_interface", ReadSyncInterface)
        .Number("kernel_rx_buf_size", 0, int.MaxValue, (v, n) => v with { ReceiveBuffer = (int)n }, "(%n) invalid kernel_rx_buf_size specified")
        .Number("debug", 0, 4, (v, _) => v, "(%n) Debug value '%v' not valid; must be between 0-4")
        .On("linkbeat_use_polling", (r, s, v) =>
        {
            r.Diagnostics.Warn(s.Position, $"({v.Name}) 'linkbeat_use_polling' in vrrp instance deprecated - use linkbeat_interfaces block", kind: ProblemClass.Deprecated);
            return v;
        })
        .Refused("use_vmac_addr", "use_ipvlan", "vrf", "lvs_sync_daemon_interface")
        .Idle("use garp_master_refresh", "garp_extra_if")
        .Idle("take it out: it has none in keepalived either", "debug")
        .Idle("take it out: the kernel announces links that go down", "linkbeat_use_polling")
        .RunAll()
        .Unsupported("a keyword of DPVS: NetVS has no DPDK interfaces", "dpdk_interface")
        .Unsupported("a keyword of a keepalived newer than 2.2.7", "no_virtual_ipaddress", "timer_expired_backup", "v3_checksum_as_v2", "owner_ignore_adverts", "auth_hmac", "thread_timer_expired");

    private static VrrpInstance Garp(VrrpInstance v, Func<GarpSettings, GarpSettings> set) => v with { Garp = set(v.Garp) };

    private static VrrpInstance Notify(VrrpInstance v, Func<NotifyScripts, NotifyScripts> set) => v with { Notify = set(v.Notify) };

    // The first address decides the family of all.
    private static IpFamily FirstFamily(VrrpInstance v) => v.Addresses.Count > 0 ? v.Addresses[0].Address.Family : IpFamily.None;

    private static VrrpInstance ReadInterface(BlockReader reader, Statement statement, VrrpInstance v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (word.Text == "lo")
        {
            reader.Error(word, v, "(%n) cannot use a loopback interface (%v) for vrrp - ignoring", "name the interface of the network that shares the addresses");
            return v;
        }

        if (!reader.Host.HasInterface(word.Text)) Interfaces.ReportMissing(reader, word, $"WARNING - interface {word.Text} for vrrp_instance {v.Name} doesn't exist");
        return v with { Interface = word.Text, InterfacePosition = word.Position };
    }

    private static VrrpInstance ReadState(BlockReader reader, Statement statement, VrrpInstance v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        switch (word.Text)
        {
            case "MASTER":
                return v with { StartsAsMaster = true };
            case "BACKUP" when v.StartsAsMaster == true:
                reader.Error(word, v, "(%n) state previously set as MASTER - ignoring BACKUP", "take one of them out");
                return v;
            case "BACKUP":
                return v with { StartsAsMaster = false };
            default:
                reader.Error(word, v, "(%n) unknown state '%v', defaulting to BACKUP", "MASTER or BACKUP, in capitals");
                return v;
        }
    }

    private static VrrpInstance ReadOldChecksum(BlockReader reader, Statement statement, VrrpInstance v)
    {
        if (statement[1] is { } word && word.Text != "never")
        {
            reader.Error(word, v, "(%n) Unknown old_unicast_chksum mode %v - ignoring", "nothing or never may follow");
            return v;
        }

        return v with { OldUnicastChecksum = statement[1]?.Text ?? "" };
    }

    private static VrrpInstance ReadVirtualMac(BlockReader reader, Statement statement, VrrpInstance v)
    {
        v = v with { UsesVirtualMac = true };
        for (int i = 1; i < statement.Words.Count; i++)
        {
            Word word = statement.Words[i];
            if (word.Text.Contains(':')) v = v with { VirtualMac = word.Text };
            else if (word.Text.Length < 16) v = v with { VirtualMacName = word.Text };
            else reader.Error(word, v, "(%n) VMAC interface name '%v' too long or invalid characters - ignoring", "at most 15 characters");
        }

        return v;
    }

    private static VrrpInstance ReadSyncInterface(BlockReader reader, Statement statement, VrrpInstance v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        reader.Diagnostics.Warn(statement.Position, $"({v.Name}) Specifying lvs_sync_daemon_interface against a vrrp is deprecated.",
            $"write lvs_sync_daemon {word.Text} inst {v.Name} in global_defs", ProblemClass.Deprecated);
        return v with { SyncInterface = word.Text };
    }

    private static UnicastPeer? ReadPeer(BlockReader reader, Statement line, VrrpInstance v)
    {
        if (line[0] is not { } word) return null;
        if (!IpAddress.TryParse(word.Text, out IpAddress address))
        {
            reader.Error(word, v, "Configuration error: VRRP instance[%n] malformed unicast peer address[%v]. Skipping...", "write a numeric address");
            return null;
        }

        int? least = null, most = null;
        for (int i = 1; i < line.Words.Count; i += 2)
        {
            Word option = line.Words[i];
            if (option.Text is not ("min_ttl" or "max_ttl") || line[i + 1] is not { } value)
            {
                reader.Error(option, v, "(%n) unknown unicast_peer option %v - ignoring", "min_ttl N or max_ttl N may follow");
                continue;
            }

            if (!NumberText.TryParse(value.Text, 0, 255, out long ttl, out string complaint)) reader.BadNumber(value, v, complaint, $"(%n) invalid {option.Text} %v - ignoring");
            else if (option.Text == "min_ttl") least = (int)ttl;
            else most = (int)ttl;
        }

        return new UnicastPeer(address, least, most, word.Position);
    }

    private static Authentication ReadType(BlockReader reader, Statement statement, Authentication a)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return a;
        if (word.Text is "PASS" or "AH") return a with { Type = word.Text == "AH" ? VrrpAuthentication.Header : VrrpAuthentication.Password };
        reader.Error(word, a, "(%n) unknown authentication type '%v'", "PASS or AH");
        return a;
    }

    private static Authentication ReadPassword(BlockReader reader, Statement statement, Authentication a)
    {
        const int Longest = 8;
        if (!reader.TryTake(statement, 1, out Word word)) return a;
        if (word.Text.Length > Longest) reader.Warn(word, a, $"Truncating auth_pass to {Longest} characters");
        return a with { Password = word.Text.Length > Longest ? word.Text[..Longest] : word.Text };
    }
}
