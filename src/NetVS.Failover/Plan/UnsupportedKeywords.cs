using NetVS.Keepalived.Model;

namespace NetVS.Failover.Plan;

/// <summary>VRRP keywords that are understood and not done: the list a user finds in docs/vrrp.md.</summary>
internal static class UnsupportedKeywords
{
    /// <summary>Reports those that a configuration uses.</summary>
    public static void Report(KeepalivedConfiguration configuration, PlanProblems problems)
    {
        foreach (VrrpInstance v in configuration.Instances) Report(v, configuration.Global, problems);
        if (configuration.LinkDelays.Count > 0) problems.Refuse(configuration.LinkDelays[0].Position, "interface_up_down_delays is not supported", "take it out: links count as they are");
        foreach (ConfiguredAddress a in configuration.StaticAddresses)
        {
            if (a.TrackGroup is not null) problems.Refuse(a.Position, "track_group is not supported", "take it out");
            if (a.Interface is null && configuration.Global.DefaultInterface is null) problems.Refuse(a.Position, $"static address {a.Address} has no interface", "add dev, or default_interface in global_defs");
        }

        foreach (RouteEntry r in configuration.StaticRoutes.Concat(configuration.StaticRules))
            if (r.TrackGroup is not null) problems.Refuse(r.Position, "track_group is not supported", "take it out");
    }

    private static void Report(VrrpInstance v, GlobalDefinitions global, PlanProblems problems)
    {
        void Refuse(bool isUsed, string keyword, string advice)
        {
            if (isUsed) problems.Refuse(v.Position, $"({v.Name}) {keyword} is not supported", advice);
        }

        void LeaveOut(bool isUsed, string keyword, string advice)
        {
            if (isUsed) problems.LeaveOut(v.Position, $"({v.Name}) {keyword}", advice);
        }

        Refuse(v.Ipvlan is not null, "use_ipvlan", "use_vmac gives the addresses an interface of their own");
        Refuse(v.Vrf is not null, "vrf", "name an interface");
        Refuse(v.UsesVirtualMacForAddresses, "use_vmac_addr", "put addresses of other interfaces into instances of their own");
        Refuse(v.Interface is null, "an instance without interface", "add an interface line");
        Refuse(v.SyncInterface is not null, "lvs_sync_daemon_interface", "write lvs_sync_daemon in global_defs");
        LeaveOut(v.SendsMail == true && global.Mail is not { Server: not null, Recipients.Count: > 0 }, "smtp_alert sends nothing", "set smtp_server and notification_email in global_defs");
        foreach (ConfiguredAddress a in v.Addresses.Concat(v.ExcludedAddresses))
            if (a.UsesVirtualMac && a.Interface is not null) problems.Refuse(a.Position, $"({v.Name}) use_vmac on another interface is not supported", "put the address into an instance of its own");
    }
}
