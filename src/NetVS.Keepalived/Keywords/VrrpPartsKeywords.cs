// Reference §4.4 to §4.7, §5.8.
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords of the blocks that VRRP instances refer to.</summary>
internal static class VrrpPartsKeywords
{
    /// <summary>vrrp_script.</summary>
    public static KeywordTable<VrrpScript> Script { get; } = new KeywordTable<VrrpScript>("vrrp_script")
        .Script("script", (v, s) => v with { Script = s }, takesUser: false)
        .Timer("interval", 0m, 4294m, (v, t) => v with { Interval = t == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : t }, "(%n): vrrp script interval '%v' must be between 1 and 4294 - ignoring")
        .Timer("timeout", 0.000001m, 4294m, (v, t) => v with { Timeout = t }, "(%n): vrrp script timeout '%v' invalid - ignoring")
        .On("weight", (r, s, v) => ReadWeight(r, s, v, 253, "vrrp_script %n weight %v must be in [-253, 253]", out int n, out bool isReversed) ? v with { Weight = n, IsReversed = isReversed } : v)
        .Number("rise", 1, int.MaxValue, (v, n) => v with { Rise = (int)n }, "(%n): vrrp script rise value '%v' invalid, defaulting to 1", v => v with { Rise = 1 })
        .Number("fall", 1, int.MaxValue, (v, n) => v with { Fall = (int)n }, "(%n): vrrp script fall value '%v' invalid, defaulting to 1", v => v with { Fall = 1 })
        .On("user", (r, s, v) => ReadUser(r, s, v, "Unable to set uid/gid for script '%v'", out string? user, out string? group) ? v with { User = user, Group = group } : v)
        .Flag("init_fail", v => v with { FailsAtStart = true })
        .RunAll();

    /// <summary>vrrp_track_process.</summary>
    public static KeywordTable<TrackProcess> Process { get; } = new KeywordTable<TrackProcess>("vrrp_track_process")
        .On("process", (r, s, v) => r.TryTake(s, 1, out _) ? v with { Command = [.. s.Words.Skip(1).Select(w => w.Text)] } : v)
        .On("param_match", ReadMatch)
        .On("weight", (r, s, v) => ReadWeight(r, s, v, 254, "Weight (%v) for vrrp_track_process %n must be between [-254..254] inclusive. Ignoring...", out int n, out bool isReversed) ? v with { Weight = n, IsReversed = isReversed } : v)
        .Number("quorum", 1, 65535, (v, n) => v with { Quorum = (int)n }, "Quorum (%v) for vrrp_track_process %n must be between [1..65535] inclusive. Ignoring...")
        .Number("quorum_max", 0, 65535, (v, n) => v with { QuorumMax = (int)n }, "quorum_max (%v) for vrrp_track_process %n must be between [0..65535] inclusive. Ignoring...")
        .Timer("fork_delay", 0.000001m, 3600m, (v, t) => v with { ForkDelay = t }, "fork_delay (%v) for vrrp_track_process %n must be between [0.000001..3600] inclusive. Ignoring...")
        .Timer("terminate_delay", 0.000001m, 3600m, (v, t) => v with { TerminateDelay = t }, "terminate_delay (%v) for vrrp_track_process %n must be between [0.000001..3600] inclusive. Ignoring...")
        .Timer("delay", 0.000001m, 3600m, (v, t) => v with { ForkDelay = t, TerminateDelay = t }, "delay (%v) for vrrp_track_process %n must be between [0.000001..3600] inclusive. Ignoring...")
        .Flag("full_command", v => v with { MatchesFullCommand = true })
        .RunAll();

    /// <summary>track_file and vrrp_track_file.</summary>
    public static KeywordTable<TrackFile> File { get; } = new KeywordTable<TrackFile>("track_file")
        .Text("file", (v, s) => v with { File = s })
        .On("weight", (r, s, v) => ReadWeight(r, s, v, 254, "Weight (%v) for track_file %n must be between [-254..254] inclusive. Ignoring...", out int n, out bool isReversed) ? v with { Weight = n, IsReversed = isReversed } : v)
        .On("init_file", ReadInitialFile)
        .RunAll();

    /// <summary>vrrp_sync_group.</summary>
    public static KeywordTable<SyncGroup> SyncGroup { get; } = TrackingKeywords.Add(new KeywordTable<SyncGroup>("vrrp_sync_group"), v => v.Tracking, (v, t) => v with { Tracking = t })
        .On("group", ReadMembers)
        .Script("notify_master", (v, s) => Notify(v, n => n with { Master = s }), v => v.Notify.Master)
        .Script("notify_backup", (v, s) => Notify(v, n => n with { Backup = s }), v => v.Notify.Backup)
        .Script("notify_fault", (v, s) => Notify(v, n => n with { Fault = s }), v => v.Notify.Fault)
        .Script("notify_stop", (v, s) => Notify(v, n => n with { Stop = s }), v => v.Notify.Stop)
        .Script("notify", (v, s) => Notify(v, n => n with { All = s }), v => v.Notify.All)
        .OnOff("smtp_alert", (v, b) => v with { SendsMail = b }, "Invalid vrrp_group smtp_alert parameter %v")
        .Flag("sync_group_tracking_weight", v => v with { AllowsWeights = true })
        .On("global_tracking", (r, s, v) =>
        {
            r.Diagnostics.Warn(s.Position, $"({v.Name}) global_tracking is deprecated. Use track_interface/script/file on the sync group", kind: ProblemClass.Deprecated);
            return v with { AllowsWeights = true };
        })
        .OnOff("notify_priority_changes", (v, b) => v with { NotifiesPriority = b }, "(%n) Invalid value '%v' for sync group notify_priority_changes specified")
        .RunAll();

    /// <summary>bfd_instance.</summary>
    public static KeywordTable<BfdInstance> Bfd { get; } = new KeywordTable<BfdInstance>("bfd_instance")
        .Address("neighbor_ip", (v, a) => v with { Neighbour = a }, "Configuration error: BFD instance %n has malformed neighbor address %v, ignoring instance")
        .Alias("neighbour_ip", "neighbor_ip")
        .Address("source_ip", (v, a) => v with { Source = a }, "Configuration error: BFD instance %n has malformed source address %v, ignoring")
        .Number("min_rx", 1, 4294967, (v, n) => v with { MinReceive = (int)n }, "Configuration error: BFD instance %n min_rx value %v is not valid (must be in range [1-4294967]), ignoring")
        .Number("min_tx", 1, 4294967, (v, n) => v with { MinTransmit = (int)n }, "Configuration error: BFD instance %n min_tx value %v is not valid (must be in range [1-4294967]), ignoring")
        .Number("idle_tx", 1000, 4294967, (v, n) => v with { IdleTransmit = (int)n }, "Configuration error: BFD instance %n idle_tx value %v is not valid (must be in range [1000-4294967]), ignoring")
        .Number("multiplier", 1, 255, (v, n) => v with { Multiplier = (int)n }, "Configuration error: BFD instance %n multiplier value %v not valid (must be in range [1-255]), ignoring")
        .Flag("passive", v => v with { IsPassive = true })
        .Number("ttl", 1, 255, (v, n) => v with { Ttl = (int)n }, "Configuration error: BFD instance %n ttl/hoplimit value %v not valid (must be in range [1-255]), ignoring")
        .Alias("hoplimit", "ttl")
        .Number("max_hops", -1, 255, (v, n) => v with { MaxHops = (int)n }, "Configuration error: BFD instance %n max_hops value %v not valid (must be in range [-1-255]), ignoring")
        .On("weight", (r, s, v) => ReadWeight(r, s, v, 253, "Configuration error: BFD instance %n weight value %v not valid (must be in range [-253-253]), ignoring", out int n, out bool isReversed) ? v with { Weight = n, IsReversed = isReversed } : v)
        .Flag("vrrp", v => v with { IsForVrrp = true })
        .Flag("checker", v => v with { IsForCheckers = true })
        .Flag("multihop", v => v with { IsMultihop = true })
        .RunAll();

    /// <summary>garp_group.</summary>
    public static KeywordTable<GarpGroup> GarpGroup { get; } = new KeywordTable<GarpGroup>("garp_group")
        .Timer("garp_interval", 0.000001m, 4294.967295m, (v, t) => v with { Interval = t })
        .Timer("gna_interval", 0.000001m, 4294.967295m, (v, t) => v with { NeighbourInterval = t })
        .On("interface", (r, s, v) => r.TryTake(s, 1, out Word word) ? v with { Interfaces = v.Interfaces.Add(Named(r, word)) } : v)
        .Lines("interfaces", (r, line, _) => Interfaces.ReadName(r, line, "garp_group"), (v, i) => v with { Interfaces = v.Interfaces.AddRange(i) })
        .Reported("garp_interval", "gna_interval", "interface", "interfaces");

    /// <summary>track_group.</summary>
    public static KeywordTable<TrackGroup> TrackGroup { get; } = new KeywordTable<TrackGroup>("track_group")
        .Lines("group", (_, line, _) => line[0] is { } w ? new NamedPlace(w.Text, w.Position) : null, (v, m) => v with { Members = v.Members.AddRange(m) })
        .Reported("group");

    /// <summary>SSL.</summary>
    public static KeywordTable<SslContext> Ssl { get; } = new KeywordTable<SslContext>("SSL")
        .Text("password", (v, s) => v with { Password = s })
        .Text("ca", (v, s) => v with { Authorities = s })
        .Text("certificate", (v, s) => v with { Certificate = s })
        .Text("key", (v, s) => v with { Key = s })
        .RunAll();

    /// <summary>Reads USER [GROUP].</summary>
    public static bool ReadUser(BlockReader reader, Statement statement, IConfigurationBlock record, string error, out string? user, out string? group)
    {
        (user, group) = (null, statement[2]?.Text);
        if (!reader.TryTake(statement, 1, out Word word)) return false;
        user = word.Text;
        if (reader.Host.HasAccount(user, isGroup: false) && (group is null || reader.Host.HasAccount(group, isGroup: true))) return true;
        reader.Error(word, record, error, $"there is no user '{user}'{(group is null ? "" : $" or no group '{group}'")}");
        return false;
    }

    private static bool ReadWeight(BlockReader reader, Statement statement, IConfigurationBlock record, int most, string error, out int weight, out bool isReversed)
    {
        weight = 0;
        isReversed = statement[2]?.Text == "reverse";
        if (!reader.TryTake(statement, 1, out Word word)) return false;
        bool isOk = NumberText.TryParse(word.Text, -most, most, out long number, out string complaint);
        if (isOk) weight = (int)number;
        else reader.BadNumber(word, record, complaint, error);
        return isOk;
    }

    private static SyncGroup Notify(SyncGroup v, Func<NotifyScripts, NotifyScripts> set) => v with { Notify = set(v.Notify) };

    private static NamedPlace Named(BlockReader reader, Word word)
    {
        if (!reader.Host.HasInterface(word.Text)) Interfaces.ReportMissing(reader, word, $"WARNING - interface {word.Text} specified for garp_group doesn't exist");
        return new NamedPlace(word.Text, word.Position);
    }

    private static SyncGroup ReadMembers(BlockReader reader, Statement statement, SyncGroup v)
    {
        if (v.HasMembers)
        {
            reader.ErrorAt(statement.Position, $"Group list already specified for sync group {v.Name}", "put all instances into one group block");
            reader.SkipBlockIfAny();
            return v;
        }

        NamedPlace[] members = [.. reader.ReadLines().SelectMany(l => l.Words.Select(w => new NamedPlace(w.Text, w.Position)))];
        return v with { HasMembers = true, Members = v.Members.AddRange(members) };
    }

    private static TrackProcess ReadMatch(BlockReader reader, Statement statement, TrackProcess v)
    {
        if (statement[1] is not { } word) return v with { ParameterMatch = "exact" };
        if (word.Text is "initial" or "partial") return v with { ParameterMatch = word.Text };
        reader.Error(word, v, "Invalid param_match type %v - ignoring", "nothing, initial or partial may follow");
        return v;
    }

    private static TrackFile ReadInitialFile(BlockReader reader, Statement statement, TrackFile v)
    {
        v = v with { IsInitialised = true };
        foreach (Word word in statement.Words.Skip(1))
        {
            if (word.Text == "overwrite") v = v with { OverwritesInitially = true };
            else if (NumberText.TryParse(word.Text, int.MinValue, int.MaxValue, out long value, out string complaint)) v = v with { InitialValue = value };
            else if (complaint.StartsWith("invalid", StringComparison.Ordinal)) reader.Error(word, v, "Unknown track file init option %v", "a number or overwrite may follow");
            else reader.BadNumber(word, v, complaint, "Track file %n init value %v must be in [-2147483648..2147483647] inclusive. Ignoring...");
        }

        return v;
    }
}
