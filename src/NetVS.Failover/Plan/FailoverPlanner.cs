// keepalived's defaults: reference §3.2 and §4.8.
using System.Globalization;
using System.Text;
using NetVS.Keepalived.Model;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Scripts;
using NetVS.Vrrp.Options;

namespace NetVS.Failover.Plan;

/// <summary>Makes a plan of a configuration that was read and checked, and says what NetVS does not do.</summary>
public sealed class FailoverPlanner
{
    private readonly KeepalivedConfiguration _configuration;
    private readonly PlanProblems _problems;
    private readonly Dictionary<string, SyncGroup> _groupOf = [];
    private uint _nextPreference = 16384;

    private FailoverPlanner(KeepalivedConfiguration configuration, PlanProblems problems)
    {
        _configuration = configuration;
        _problems = problems;
        foreach (SyncGroup group in configuration.SyncGroups)
        {
            foreach (NamedPlace member in group.Members) _groupOf.TryAdd(member.Name, group);
        }
    }

    private VrrpDefaults Defaults => _configuration.Global.Vrrp;

    private bool SendsMail => _configuration.Global.Mail.VrrpAlerts ?? _configuration.Global.Mail.Alerts ?? false;

    /// <summary>Makes the plan.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="problems">Takes what is refused, and what is not done yet.</param>
    public static FailoverPlan Plan(KeepalivedConfiguration configuration, PlanProblems problems)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new FailoverPlanner(configuration, problems).Plan();
    }

    private FailoverPlan Plan()
    {
        GlobalDefinitions global = _configuration.Global;
        UnsupportedKeywords.Report(_configuration, _problems);
        InstancePlan[] instances = [.. _configuration.Instances.Select(Plan)];
        return new FailoverPlan
        {
            Instances = instances,
            Groups = [.. _configuration.SyncGroups.Select(g => g with { SendsMail = g.SendsMail ?? SendsMail })],
            Scripts = [.. _configuration.Scripts.Where(s => instances.Any(i => i.Tracking.Scripts.Any(t => t.Name == s.Name)))],
            Files = [.. _configuration.Files.Where(s => instances.Any(i => i.Tracking.Files.Any(t => t.Name == s.Name)))],
            Processes = [.. _configuration.Processes.Where(s => instances.Any(i => i.Tracking.Processes.Any(t => t.Name == s.Name)))],
            BfdInstances = [.. _configuration.BfdInstances.Where(s => instances.Any(i => i.Tracking.BfdInstances.Any(t => t.Name == s.Name)))],
            StaticAddresses = [.. _configuration.StaticAddresses.Select(a => a with { Interface = a.Interface ?? global.DefaultInterface })],
            StaticRoutes = [.. _configuration.StaticRoutes.Select(r => RouteWords.ReadRoute(r, null, _problems)).OfType<RoutePlan>()],
            StaticRules = [.. _configuration.StaticRules.Select(ReadRule).OfType<RulePlan>()],
            Pipes = [.. new[] { global.Pipe, global.VrrpPipe }.Where(p => p.Path is not null)],
            RepeatsStatesOnReload = Defaults.RepeatsStatesOnReload,
            LogsUnknownIds = Defaults.LogsUnknownIds,
            DisablesLocalIgmp = Defaults.DisablesLocalIgmp,
            GarpInterval = Defaults.Garp.Interval ?? TimeSpan.Zero,
            NeighbourInterval = Defaults.Garp.NeighbourInterval ?? TimeSpan.Zero,
            ScriptPolicy = ScriptPolicy.Of(global),
            Global = global,
        };
    }

    private InstancePlan Plan(VrrpInstance v)
    {
        SyncGroup? group = _groupOf.GetValueOrDefault(v.Name);
        bool isUnicast = v.Peers.Count > 0;
        int version = v.Version ?? (v.Family == IpFamily.V6 ? 3 : Defaults.Version);
        IpAddress globalGroup = v.Family == IpFamily.V6 ? Defaults.MulticastGroup6 : Defaults.MulticastGroup4;
        IpAddress standardGroup = v.Family == IpFamily.V6 ? VirtualRouterOptions.DefaultGroup6 : VirtualRouterOptions.DefaultGroup4;
        bool isAuthenticated = version == 2 && v.Authentication is { Type: not VrrpAuthentication.None };
        var options = new VirtualRouterOptions
        {
            Name = v.Name,
            RouterId = (byte)v.RouterId,
            Version = version,
            Family = v.Family,
            Priority = (byte)v.BasePriority,
            StartsAsMaster = v.StartsAsMaster ?? v.IsOwner,
            AdvertInterval = v.AdvertInterval,
            Addresses = [.. v.Addresses.Select(a => a.Address)],
            IsPreempting = !v.IsNonPreempting,
            PreemptDelay = v.PreemptDelay,
            DownTimerAdverts = v.DownTimerAdverts ?? Defaults.DownTimerAdverts ?? 3,
            StartupDelay = Defaults.StartupDelay,
            LowerPriorityNoAdvert = v.LowerPriorityNoAdvert ?? Defaults.LowerPriorityNoAdvert,
            HigherPrioritySendAdvert = v.HigherPrioritySendAdvert ?? Defaults.HigherPrioritySendAdvert,
            Garp = PlanGarp(v.Garp, Defaults.Garp),
            Authentication = !isAuthenticated ? AuthenticationKind.None : v.Authentication!.Type == VrrpAuthentication.Header ? AuthenticationKind.Header : AuthenticationKind.Password,
            Password = Key(isAuthenticated ? v.Authentication!.Password : ""),
            Peers = [.. v.Peers.Select(p => new PeerOptions(p.Address, (byte)(p.MinTtl ?? 0), (byte)(p.MaxTtl ?? 255)))],
            ChecksPeers = v.ChecksUnicastSource ?? Defaults.ChecksUnicastSource,
            SkipsAddressCheck = v.SkipsAddressCheck ?? Defaults.SkipsAddressCheck,
            Group = !v.MulticastGroup.IsNone ? v.MulticastGroup : globalGroup.IsNone ? standardGroup : globalGroup,
            UnicastTtl = (byte?)v.UnicastTtl,
            OldChecksum = v.OldUnicastChecksum switch { null => OldChecksumUse.Learned, "never" => OldChecksumUse.Never, _ => OldChecksumUse.Always },
        };
        RoutePlan[] routes = [.. v.Routes.Select(r => RouteWords.ReadRoute(r, null, _problems)).OfType<RoutePlan>()];
        RulePlan[] rules = [.. v.Rules.Select(ReadRule).OfType<RulePlan>()];
        return new InstancePlan
        {
            Options = options,
            Interface = v.Interface ?? "",
            Source = v.SourceAddress,
            TracksSource = v.TracksSourceAddress,
            IgnoresOwnLink = v.IgnoresOwnInterface,
            IsBarred = v.FaultsWithoutPeers && !isUnicast,
            IsFiltered = IsFiltered(v, version),
            PromotesSecondaries = v.PromotesSecondaries,
            Addresses = [.. v.Addresses, .. v.ExcludedAddresses],
            Routes = routes,
            Rules = rules,
            GuardedRoutes = Guard(routes, rules),
            Tracking = PlanTracking(v.Tracking, group?.Tracking),
            VirtualMacName = v.UsesVirtualMac ? v.VirtualMacName ?? $"{Defaults.VirtualMacPrefix}.{v.RouterId}" : null,
            IsVirtualMacNameGiven = v.VirtualMacName is not null,
            VirtualMac = PlanMac(v),
            TransmitsFromBase = v.TransmitsFromBase,
            ReceiveBuffer = v.ReceiveBuffer ?? 0,
            SendsMail = v.SendsMail ?? SendsMail,
            Notify = v.Notify,
            NotifiesPriority = v.NotifiesPriority ?? Defaults.NotifiesPriority || group is { NotifiesPriority: true },
            Group = group?.Name,
        };
    }

    // Reference §4.2: only by keepalived's number are a route's deletions known for one of ours.
    private static HashSet<RouteKey> Guard(RoutePlan[] routes, RulePlan[] rules) =>
    [
        .. routes.Where(r => !r.IsUntracked && r.Request.Protocol == RouteRequest.ProtocolKeepalived).Select(r => RouteKey.Of(r.Request)),
        .. rules.Where(r => !r.IsUntracked).Select(r => RouteKey.Of(r.Request)),
    ];

    // Reference §4.8, §4.9: strict mode knows no accept in version 2, and an owner accepts unless told otherwise.
    private bool IsFiltered(VrrpInstance v, int version)
    {
        bool isStrict = v.IsStrict ?? Defaults.IsStrict;
        return v.Accepts == false || (isStrict && !v.IsOwner && (v.Accepts is null || version == 2));
    }

    private RulePlan? ReadRule(RouteEntry entry) => RouteWords.ReadRule(entry, ref _nextPreference, _problems);

    // What the group tracks counts for every member; what the member says of the same thing itself goes before.
    private static Tracking PlanTracking(Tracking own, Tracking? group)
    {
        if (group is null) return own;
        return own with
        {
            Interfaces = [.. own.Interfaces, .. group.Interfaces.Where(i => own.Interfaces.TrueForAll(o => o.Name != i.Name))],
            Scripts = [.. own.Scripts, .. group.Scripts.Where(i => own.Scripts.TrueForAll(o => o.Name != i.Name))],
            Files = [.. own.Files, .. group.Files.Where(i => own.Files.TrueForAll(o => o.Name != i.Name))],
            Processes = [.. own.Processes, .. group.Processes.Where(i => own.Processes.TrueForAll(o => o.Name != i.Name))],
            BfdInstances = [.. own.BfdInstances, .. group.BfdInstances.Where(i => own.BfdInstances.TrueForAll(o => o.Name != i.Name))],
        };
    }

    private static GarpTimes PlanGarp(GarpSettings own, GarpSettings global)
    {
        var standard = new GarpTimes();
        TimeSpan masterDelay = global.MasterDelay ?? (global.IsMinimal ? TimeSpan.Zero : standard.MasterDelay);
        int masterRepeat = global.MasterRepeat ?? (global.IsMinimal ? 1 : standard.MasterRepeat);
        return new GarpTimes
        {
            MasterDelay = own.MasterDelay ?? masterDelay,
            MasterRepeat = own.MasterRepeat ?? masterRepeat,
            MasterRefresh = own.MasterRefresh ?? global.MasterRefresh ?? TimeSpan.Zero,
            MasterRefreshRepeat = own.MasterRefreshRepeat ?? global.MasterRefreshRepeat ?? 1,
            LowerPriorityDelay = own.LowerPriorityDelay ?? global.LowerPriorityDelay ?? masterDelay,
            LowerPriorityRepeat = own.LowerPriorityRepeat ?? global.LowerPriorityRepeat ?? masterRepeat,
        };
    }

    private MacAddress PlanMac(VrrpInstance v)
    {
        ulong standard = 0x0000_5E00_0000 | (v.Family == IpFamily.V6 ? 0x0200UL : 0x0100) | (byte)v.RouterId;
        if (v.VirtualMac is not { } text) return new MacAddress(standard);
        string whole = text.Count(c => c == ':') == 4 ? $"{text}:{v.RouterId.ToString("x2", CultureInfo.InvariantCulture)}" : text;
        if (MacAddress.TryParse(whole, out MacAddress mac)) return mac;
        _problems.Refuse(v.Position, $"({v.Name}) {text} is no MAC address", "write five or six pairs of hexadecimal digits");
        return default;
    }

    private static byte[] Key(string password)
    {
        byte[] key = new byte[8];
        byte[] octets = Encoding.UTF8.GetBytes(password);
        octets.AsSpan(0, Math.Min(octets.Length, key.Length)).CopyTo(key);
        return key;
    }
}
