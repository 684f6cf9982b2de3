// Reference §5.6.
using System.Collections.Immutable;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Keywords;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Keepalived.Validation;

/// <summary>What keepalived checks of virtual servers when everything has been read, in its order, with its corrections.</summary>
internal static class VirtualServerChecks
{
    /// <summary>Checks and corrects.</summary>
    public static KeepalivedConfiguration Check(KeepalivedConfiguration configuration, BlockReader reader, DiagnosticBag diagnostics)
    {
        Dictionary<string, VirtualServerGroup> groups = configuration.VirtualServerGroups.GroupBy(g => g.Name).ToDictionary(g => g.Key, g => g.First());
        HashSet<string> localGroups = [.. configuration.LocalAddressGroups.Select(g => g.Name)];
        ImmutableList<VirtualServer>.Builder servers = ImmutableList.CreateBuilder<VirtualServer>();
        foreach (VirtualServer server in configuration.VirtualServers)
        {
            VirtualServerGroup? group = null;
            if (server.Kind == VirtualServerKind.Group && !groups.TryGetValue(server.Group!, out group))
            {
                diagnostics.Warn(server.Position, $"virtual server group {server.Group} is not defined: the virtual server is ignored", "define it, anywhere in the file", ProblemClass.None);
                continue;
            }

            if (new VirtualServerCheck(server, group, diagnostics).Complete() is not { } complete) continue;
            CheckLocalAddresses(complete, localGroups, diagnostics);
            servers.Add(complete);
        }

        if (!configuration.Global.HasScriptSecurity && reader.Scripts.FirstRunnable(ScriptSide.Checkers) is { } script)
        {
            diagnostics.Warn(script.Position, "SECURITY VIOLATION - check scripts are being executed but script_security not enabled.",
                "set enable_script_security and script_user in global_defs", ProblemClass.Security);
        }

        return configuration with { VirtualServers = servers.ToImmutable() };
    }

    // Not keepalived's: FULLNAT cannot do without addresses of its own.
    private static void CheckLocalAddresses(VirtualServer v, HashSet<string> localGroups, DiagnosticBag diagnostics)
    {
        bool isFullNat = v.RealServers.Any(r => (r.Forwarding ?? v.Forwarding)!.Method == ForwardingMethod.FullNat);
        if (v.LocalAddressGroup is { } name && !localGroups.Contains(name))
            diagnostics.Error(v.LocalAddressPosition, $"local address group {name} is not defined", $"add 'local_address_group {name}' with the director's addresses");
        else if (isFullNat && v.LocalAddressGroup is null)
            diagnostics.Error(v.Position, $"Virtual server {v.Name}: FULLNAT needs local addresses", "add laddr_group_name, and a local_address_group with the director's addresses");
    }
}
