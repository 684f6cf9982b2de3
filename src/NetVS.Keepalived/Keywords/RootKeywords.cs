// Reference §3.1.
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords of a file outside all blocks.</summary>
internal static class RootKeywords
{
    /// <summary>The table; <c>local_address_group</c> is of the keepalived of DPVS and of Alibaba's LVS.</summary>
    public static KeywordTable<KeepalivedConfiguration> Table { get; } = new KeywordTable<KeepalivedConfiguration>("the file itself")
        .Block("global_defs", GlobalKeywords.Table, (_, s, c) => c.Global with { Position = s.Position }, (_, c, g) => c with { Global = g })
        .Lines("static_ipaddress", (r, line, c) => AddressEntry.Read(r, line, c, IpFamily.None, isStatic: true), (c, i) => c with { StaticAddresses = c.StaticAddresses.AddRange(i) })
        .Lines("static_routes", RouteLine.ReadRoute, (c, i) => c with { StaticRoutes = c.StaticRoutes.AddRange(i) })
        .Lines("static_rules", RouteLine.ReadRule, (c, i) => c with { StaticRules = c.StaticRules.AddRange(i) })
        .Block("vrrp_script", VrrpPartsKeywords.Script, (r, s, _) => Named(r, s, "vrrp_script") is { } n ? new VrrpScript { Name = n, Position = s.Position } : null, AddScript)
        .Block("vrrp_track_process", VrrpPartsKeywords.Process, (r, s, _) => Named(r, s, "vrrp_track_process") is { } n ? new TrackProcess { Name = n, Position = s.Position } : null, AddProcess)
        .Block("track_file", VrrpPartsKeywords.File, (r, s, _) => Named(r, s, "track_file") is { } n ? new TrackFile { Name = n, Position = s.Position } : null, AddFile)
        .Alias("vrrp_track_file", "track_file")
        .Block("vrrp_sync_group", VrrpPartsKeywords.SyncGroup, (r, s, _) => Unique(r, s, "vrrp_sync_group", "vrrp sync group") is { } n ? new SyncGroup { Name = n, Position = s.Position } : null, (_, c, g) => c with { SyncGroups = c.SyncGroups.Add(g) })
        .Block("vrrp_instance", VrrpInstanceKeywords.Table, (r, s, _) => Unique(r, s, "vrrp_instance", "vrrp instance") is { } n ? new VrrpInstance { Name = n, Position = s.Position } : null, (_, c, v) => c with { Instances = c.Instances.Add(v) })
        .Block("garp_group", VrrpPartsKeywords.GarpGroup, (_, s, _) => new GarpGroup { Position = s.Position }, (_, c, g) => c with { GarpGroups = c.GarpGroups.Add(g) })
        .Block("track_group", VrrpPartsKeywords.TrackGroup, (r, s, _) => Unique(r, s, "track_group", "track group") is { } n ? new TrackGroup { Name = n, Position = s.Position } : null, (_, c, g) => c with { TrackGroups = c.TrackGroups.Add(g) })
        .Lines("interface_up_down_delays", ReadDelay, (c, i) => c with { LinkDelays = c.LinkDelays.AddRange(i) })
        .Lines("linkbeat_interfaces", ReadBeat, (c, i) => c with { LinkBeats = c.LinkBeats.AddRange(i) })
        .Flag("linkbeat_use_polling", c => c with { PollsAllLinks = true })
        .Block("SSL", VrrpPartsKeywords.Ssl, (_, s, _) => new SslContext { Position = s.Position }, (_, c, x) => c with { Ssl = x })
        .Block("bfd_instance", VrrpPartsKeywords.Bfd, MakeBfd, AddBfd)
        .Text("net_namespace", (c, s) => c with { NetworkNamespace = s })
        .On("net_namespace_ipvs", (_, s, c) => c with { IpvsNamespace = s[1]?.Text ?? "" })
        .Flag("namespace_with_ipsets", c => c with { HasIpsetsInNamespace = true })
        .Text("instance", (c, s) => c with { Instance = s })
        .Flag("use_pid_dir", c => c with { UsesPidDirectory = true })
        .Number("child_wait_time", 0, 4294, (c, n) => c with { ChildWait = TimeSpan.FromSeconds(n) }, "Invalid child_wait_time %v")
        .Support(KeywordSupport.Applied)
        .On("virtual_server_group", ReadGroup)
        .Block("virtual_server", VirtualServerKeywords.Table, VirtualServerKeywords.Make, (_, c, v) => c with { VirtualServers = c.VirtualServers.Add(v) })
        .On("local_address_group", ReadLocalGroup)
        .Alias("laddr_group", "local_address_group")
        .Run("global_defs", "track_file", "vrrp_track_file", "SSL", "static_ipaddress", "static_routes", "static_rules", "vrrp_script", "vrrp_track_process", "vrrp_sync_group",
            "vrrp_instance", "bfd_instance")
        .Refused("interface_up_down_delays")
        .Reported("net_namespace", "net_namespace_ipvs")
        .Idle("use vrrp_garp_interval in global_defs", "garp_group")
        .Idle("take it out: static addresses, routes and rules are there as long as the daemon runs", "track_group")
        .Idle("take it out: the kernel announces links that go down", "linkbeat_interfaces", "linkbeat_use_polling")
        .Idle("take it out: NetVS makes no ipsets", "namespace_with_ipsets")
        .Idle("take it out: a daemon is known by its control socket, see --socket", "instance")
        .Idle("take it out: NetVS is one process and writes no file with its number", "use_pid_dir", "child_wait_time");

    private static string? Named(BlockReader reader, Statement statement, string kind)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return null;
        reader.Names.TryAdd((kind, word.Text), word.Position);
        return word.Text;
    }

    // Exactly one name, that is not taken: else the block is skipped.
    private static string? Unique(BlockReader reader, Statement statement, string kind, string words)
    {
        if (statement.Words.Count != 2)
        {
            reader.ErrorAt(statement.Position, $"{kind} must have a name", "one word; put names with blanks in double quotes");
            return null;
        }

        Word word = statement.Words[1];
        if (reader.Names.TryAdd((kind, word.Text), word.Position)) return word.Text;
        reader.Error(word, new KeepalivedConfiguration(), $"{words} %v already defined", $"the first one, at {reader.Names[(kind, word.Text)]}, counts: give this one another name");
        return null;
    }

    private static KeepalivedConfiguration AddScript(BlockReader reader, KeepalivedConfiguration c, VrrpScript script)
    {
        if (script.Script is not null) return c with { Scripts = c.Scripts.Add(script) };
        reader.Names.Remove(("vrrp_script", script.Name));
        reader.ErrorAt(script.Position, $"No script set for vrrp_script {script.Name} - removing", "add a script line");
        return c;
    }

    private static KeepalivedConfiguration AddProcess(BlockReader reader, KeepalivedConfiguration c, TrackProcess process)
    {
        if (process.Command.Count > 0) return c with { Processes = c.Processes.Add(process) };
        reader.Names.Remove(("vrrp_track_process", process.Name));
        reader.ErrorAt(process.Position, $"No process set for vrrp_track_process {process.Name} - removing", "add a process line");
        return c;
    }

    private static KeepalivedConfiguration AddFile(BlockReader reader, KeepalivedConfiguration c, TrackFile file)
    {
        if (file.File is null)
        {
            reader.Names.Remove(("track_file", file.Name));
            reader.ErrorAt(file.Position, $"No file set for track_file {file.Name} - ignoring", "add a file line");
            return c;
        }

        if (reader.Host.IsIrregularFile(file.File))
        {
            reader.ErrorAt(file.Position, $"Cannot initialise track file {file.Name} - it is not a regular file", "name a regular file");
            return c;
        }

        return c with { Files = c.Files.Add(file) };
    }

    private static BfdInstance? MakeBfd(BlockReader reader, Statement statement, KeepalivedConfiguration c)
    {
        const int Longest = 31;
        if (!reader.TryTake(statement, 1, out Word word)) return null;
        if (word.Text.Length > Longest) reader.Error(word, c, $"Configuration error: BFD instance %v name too long (maximum length is {Longest} characters) - ignoring", "choose a shorter name");
        else if (reader.Names.TryAdd(("bfd_instance", word.Text), word.Position)) return new BfdInstance { Name = word.Text, Position = statement.Position };
        else reader.Error(word, c, "BFD %v already specified", $"the first one is at {reader.Names[("bfd_instance", word.Text)]}");
        return null;
    }

    private static KeepalivedConfiguration AddBfd(BlockReader reader, KeepalivedConfiguration c, BfdInstance bfd)
    {
        if (!bfd.Neighbour.IsNone) return c with { BfdInstances = c.BfdInstances.Add(bfd) };
        reader.ErrorAt(bfd.Position, $"Configuration error: BFD instance {bfd.Name} has no neighbor address set, ignoring instance", "add neighbor_ip");
        return c;
    }

    private static LinkDelay? ReadDelay(BlockReader reader, Statement line, KeepalivedConfiguration c)
    {
        const decimal Most = 4294.967295m;
        if (line[0] is not { } name) return null;
        if (!reader.TryTake(line, 1, out Word down) || !reader.TryReadTimer(down, c, 0m, Most, null, out TimeSpan downTime)) return null;
        TimeSpan upTime = TimeSpan.Zero;
        if (line[2] is { } up && !reader.TryReadTimer(up, c, 0m, Most, null, out upTime)) return null;
        return new LinkDelay { Interface = name.Text, Down = downTime, Up = upTime, Position = name.Position };
    }

    private static LinkBeat? ReadBeat(BlockReader reader, Statement line, KeepalivedConfiguration c)
    {
        if (line[0] is not { } name) return null;
        if (!reader.Host.HasInterface(name.Text)) Interfaces.ReportMissing(reader, name, $"WARNING - interface {name.Text} specified for linkbeat_interfaces doesn't exist");
        string? method = line[1]?.Text is "MII" or "ETHTOOL" or "IOCTL" ? line[1]!.Text : null;
        if (line[1] is { } word && method is null) reader.Error(word, c, "extra characters %v in linkbeat interface", "MII, ETHTOOL or IOCTL may follow");
        return new LinkBeat { Interface = name.Text, Method = method, Position = name.Position };
    }

    private static KeepalivedConfiguration ReadGroup(BlockReader reader, Statement statement, KeepalivedConfiguration c)
    {
        if (!reader.TryTake(statement, 1, out Word word))
        {
            reader.SkipBlockIfAny();
            return c;
        }

        var group = new VirtualServerGroup { Name = word.Text, Position = statement.Position };
        foreach (Statement line in reader.ReadLines())
        {
            if (GroupEntryLine.Read(reader, line, c) is { } entry) group = group with { Entries = group.Entries.Add(entry) };
        }

        if (group.Entries.Count == 0)
        {
            reader.ErrorAt(group.Position, $"virtual server group {group.Name} has no entries - removing", "add an address or a firewall mark, or take the group out");
            return c;
        }

        bool hasV4 = group.Entries.Any(e => e.Family == IpFamily.V4), hasV6 = group.Entries.Any(e => e.Family == IpFamily.V6);
        if (hasV4 && hasV6 && group.Entries.Any(e => e.Family == IpFamily.None))
        {
            reader.ErrorAt(group.Position, $"virtual server group {group.Name} cannot have IPv4, IPv6 and fwmark without family - removing", "write inet or inet6 after the mark");
            return c;
        }

        return c with { VirtualServerGroups = c.VirtualServerGroups.Add(group) };
    }

    // NAME { ADDRESS[-END|/LENGTH] [INTERFACE] … }: the interface is DPVS's and means nothing here.
    private static KeepalivedConfiguration ReadLocalGroup(BlockReader reader, Statement statement, KeepalivedConfiguration c)
    {
        if (!reader.TryTake(statement, 1, out Word word))
        {
            reader.SkipBlockIfAny();
            return c;
        }

        var group = new LocalAddressGroup { Name = word.Text, Position = statement.Position };
        foreach (Statement line in reader.ReadLines())
        {
            if (line[0] is { } address && GroupEntryLine.TryReadRange(reader, address, c, "Invalid local address %v - skipping", out IpAddress first, out IpAddress last))
                group = group with { Addresses = group.Addresses.AddRange(GroupEntryLine.Enumerate(first, last)) };
        }

        if (reader.Names.TryAdd(("local_address_group", group.Name), word.Position)) return c with { LocalAddressGroups = c.LocalAddressGroups.Add(group) };
        reader.Error(word, c, "local address group %v already defined", "put all addresses into one group");
        return c;
    }
}
