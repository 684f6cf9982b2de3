// Reference §4.7, §4.9, §4.10.
using System.Collections.Immutable;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Packets;

namespace NetVS.Keepalived.Validation;

/// <summary>What keepalived checks of VRRP when everything has been read, in its order, with its corrections.</summary>
internal static class VrrpChecks
{
    /// <summary>Checks and corrects.</summary>
    public static KeepalivedConfiguration Check(KeepalivedConfiguration configuration, BlockReader reader, DiagnosticBag diagnostics)
    {
        if (reader.HasMissingInterface && !configuration.Global.HasDynamicInterfaces)
        {
            Stop(diagnostics, configuration.Position, "Non-existent interface specified in configuration",
                "VRRP would not start: correct the names, or set dynamic_interfaces in global_defs");
        }

        bool isIncomplete = false;
        foreach (VrrpInstance v in configuration.Instances)
        {
            if (v.RouterId == 0) diagnostics.Error(v.Position, $"({v.Name}) the virtual router id must be set", "add virtual_router_id, 1 to 255");
            else if (v.Interface is null && (v.Peers.Count == 0 || v.SourceAddress.IsNone)) diagnostics.Error(v.Position, $"({v.Name}) Unknown interface!", "add an interface line");
            else continue;
            isIncomplete = true;
        }

        if (isIncomplete) diagnostics.IsBeyondStop = true;
        if (!configuration.Global.HasScriptSecurity && reader.Scripts.FirstRunnable(ScriptSide.Vrrp) is { } script)
        {
            diagnostics.Warn(script.Position, "SECURITY VIOLATION - scripts are being executed but script_security not enabled.",
                "set enable_script_security and script_user in global_defs", ProblemClass.Security);
        }

        ImmutableList<SyncGroup> groups = CheckGroups(configuration, diagnostics);
        Dictionary<string, SyncGroup> groupOf = [];
        foreach (SyncGroup group in groups)
        {
            foreach (NamedPlace member in group.Members) groupOf.TryAdd(member.Name, group);
        }

        Dictionary<string, int> scriptWeights = configuration.Scripts.GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.First().Weight);
        ImmutableList<VrrpInstance> instances = [.. configuration.Instances.Select(v =>
            new VrrpInstanceCheck(v, configuration.Global, groupOf.GetValueOrDefault(v.Name), scriptWeights, diagnostics).Complete())];
        FindTwins(instances, configuration.Global, diagnostics);
        diagnostics.IsBeyondStop = false;
        return configuration with { SyncGroups = groups, Instances = instances };
    }

    /// <summary>Reports a reason for which VRRP would not start: what comes after it does not count.</summary>
    public static void Stop(DiagnosticBag diagnostics, SourcePosition position, string message, string advice)
    {
        diagnostics.Error(position, message, advice);
        diagnostics.IsBeyondStop = true;
    }

    private static ImmutableList<SyncGroup> CheckGroups(KeepalivedConfiguration configuration, DiagnosticBag diagnostics)
    {
        HashSet<string> names = [.. configuration.Instances.Select(v => v.Name)];
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        ImmutableList<SyncGroup>.Builder groups = ImmutableList.CreateBuilder<SyncGroup>();
        foreach (SyncGroup group in configuration.SyncGroups)
        {
            ImmutableList<NamedPlace>.Builder members = ImmutableList.CreateBuilder<NamedPlace>();
            foreach (NamedPlace member in group.Members)
            {
                if (!names.Contains(member.Name))
                    diagnostics.Error(member.Position, $"Virtual router {member.Name} specified in sync group {group.Name} doesn't exist - ignoring", "correct the name, or take it out");
                else if (!owners.TryAdd(member.Name, group.Name))
                    diagnostics.Error(member.Position, $"Virtual router {member.Name} cannot be in sync group {group.Name}: it is in {owners[member.Name]} - ignoring", "an instance is in one group only");
                else
                    members.Add(member);
            }

            if (members.Count == 0)
            {
                diagnostics.Error(group.Position, $"Sync group {group.Name} has no virtual router(s). removing", "add a group block with instances");
                continue;
            }

            if (members.Count == 1)
                diagnostics.Warn(group.Position, $"Sync group {group.Name} has only 1 virtual router(s) - this probably isn't what you want", "add the others, or take the group out");
            groups.Add(group with { Members = members.ToImmutable() });
        }

        return groups.ToImmutable();
    }

    // Two instances that would take each other's adverts for a peer's.
    private static void FindTwins(ImmutableList<VrrpInstance> instances, GlobalDefinitions global, DiagnosticBag diagnostics)
    {
        var seen = new Dictionary<(int Id, IpFamily Family, string Interface, IpAddress Group), VrrpInstance>();
        foreach (VrrpInstance v in instances)
        {
            if (v.RouterId == 0 || v.Interface is not { } name) continue;
            IpAddress group = v.Peers.Count > 0 ? v.SourceAddress : v.MulticastGroup;
            if (v.Peers.Count == 0 && group.IsNone) group = v.Family == IpFamily.V6 ? global.Vrrp.MulticastGroup6 : global.Vrrp.MulticastGroup4;
            if (seen.TryAdd((v.RouterId, v.Family, name, group), v)) continue;
            VrrpInstance other = seen[(v.RouterId, v.Family, name, group)];
            bool canMeet = (v.Peers.Count > 0) == (other.Peers.Count > 0) && (v.Peers.Count == 0 || v.Peers.Any(p => other.Peers.Any(o => o.Address == p.Address)));
            if (canMeet)
            {
                Stop(diagnostics, v.Position, $"{other.Name} and {v.Name} both use VRID {v.RouterId} with {(v.Family == IpFamily.V6 ? "IPv6" : "IPv4")} on interface {name}",
                    $"choose another virtual_router_id; the other instance is at {other.Position}");
            }
        }
    }
}
