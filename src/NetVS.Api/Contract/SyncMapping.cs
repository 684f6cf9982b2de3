using System.Globalization;
using NetVS.Control.Status;
using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Contract;

/// <summary>Synchronisation daemons between the model and JSON.</summary>
internal static class SyncMapping
{
    private const int LongestInterface = 15;
    private const int MostOctets = 65507;

    /// <summary>A daemon as JSON.</summary>
    public static SyncDaemonBody ToBody(SyncDaemonRule rule) => new()
    {
        Role = RoleOf(rule.IsMaster),
        Interface = rule.Interface,
        SyncId = rule.SyncId,
        Group = rule.Group.IsNone ? null : rule.Group.ToString(),
        Port = rule.Port,
        Ttl = rule.Ttl,
        MaxLength = rule.MaxLength,
    };

    /// <summary>The peer channel as JSON.</summary>
    public static PeersReport ToReport(PeersStatus peers) => new(
        peers.Listening, peers.LastRefusal.Length > 0 ? peers.LastRefusal : null,
        [
            .. peers.Channels.Select(p => new PeerReport(
                p.IsHeard ? "heard" : "told", p.Peer, p.State.ToString().ToLowerInvariant(), p.Transferred, p.Expected, p.Changes, p.Transfers,
                p.LastTransfer?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                Math.Round(p.LastTransferTook.TotalSeconds, 3), p.LastError.Length > 0 ? p.LastError : null)),
        ]);

    /// <summary>A daemon out of JSON.</summary>
    /// <exception cref="BodyException">A member is out of its range.</exception>
    public static SyncDaemonRule ToRule(SyncDaemonBody body)
    {
        IpAddress group = default;
        if (body.Group is { } text && !IpAddress.TryParse(text, out group)) throw new BodyException($"group: '{text}' is no address");
        if (body.Interface.Length is 0 or > LongestInterface) throw new BodyException($"interface: '{body.Interface}' is no name of 1 to {LongestInterface} characters");
        return new SyncDaemonRule
        {
            IsMaster = IsMaster(body.Role),
            Interface = body.Interface,
            SyncId = (byte)InRange("sync_id", body.SyncId, byte.MaxValue),
            Group = group,
            Port = (ushort)InRange("port", body.Port, ushort.MaxValue),
            Ttl = (byte)InRange("ttl", body.Ttl, byte.MaxValue),
            MaxLength = (ushort)InRange("max_length", body.MaxLength, MostOctets),
        };
    }

    /// <summary>A role's name.</summary>
    public static string RoleOf(bool isMaster) => isMaster ? "master" : "backup";

    /// <summary>Reads a role's name.</summary>
    /// <exception cref="BodyException">It is none.</exception>
    public static bool IsMaster(string role) => role switch
    {
        "master" => true,
        "backup" => false,
        _ => throw new BodyException($"role: '{role}' is neither master nor backup"),
    };

    private static int InRange(string member, int value, int most) =>
        value >= 0 && value <= most ? value : throw new BodyException($"{member}: {value} is no number from 0 to {most}");
}
