using System.Text;
using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Listing;

/// <summary>A synchronisation daemon as <c>-L --daemon</c> prints it (reference §12.8).</summary>
internal static class SyncDaemonText
{
    /// <summary>One line without newline; after the sync id, what is not set is left out.</summary>
    public static string Format(SyncDaemonRule daemon)
    {
        var line = new StringBuilder(daemon.IsMaster ? "master" : "backup");
        line.Append($" sync daemon (mcast={daemon.Interface}, syncid={daemon.SyncId}");
        if (daemon.MaxLength != 0) line.Append($", maxlen={daemon.MaxLength}");
        if (!daemon.Group.IsNone && !daemon.Group.IsAny) line.Append($", group={daemon.Group}");
        if (daemon.Port != 0) line.Append($", port={daemon.Port}");
        if (daemon.Ttl != 0) line.Append($", ttl={daemon.Ttl}");
        return line.Append(')').ToString();
    }
}
