using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Model;

namespace NetVS.Keepalived.Validation;

/// <summary>What the lines of global_defs must agree on.</summary>
internal static class GlobalChecks
{
    /// <summary>Checks them.</summary>
    public static KeepalivedConfiguration Check(KeepalivedConfiguration configuration, DiagnosticBag diagnostics)
    {
        GlobalDefinitions g = configuration.Global;
        string[] pipes = [.. new[] { g.Pipe.Path, g.VrrpPipe.Path, g.LvsPipe.Path }.OfType<string>()];
        if (pipes.Distinct().Count() != pipes.Length)
            diagnostics.Warn(g.Position, "notify_fifo, vrrp_notify_fifo and lvs_notify_fifo must be three different paths", "choose another path", ProblemClass.None);
        if (g.Lvs.SyncDaemon is { Instance: { } instance } daemon && configuration.Instances.All(v => v.Name != instance))
        {
            diagnostics.Error(daemon.Position, $"lvs_sync_daemon: there is no vrrp_instance '{instance}': connections are not synchronised",
                "name an instance of this file, or leave out inst",

                // keepalived -t says so only where it has an instance at all.
                configuration.Instances.Count > 0 ? ProblemClass.General : ProblemClass.None);
            return configuration with { Global = g with { Lvs = g.Lvs with { SyncDaemon = null } } };
        }

        return configuration;
    }
}
