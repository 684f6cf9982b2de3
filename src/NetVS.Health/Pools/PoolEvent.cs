using NetVS.Health.Checks;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Pools;

/// <summary>Something that is told: a line for the log, a script for it, a line for the pipes, a mail.</summary>
/// <param name="Line">keepalived's words; empty where others have said it.</param>
/// <param name="Script">The script, or null.</param>
/// <param name="What">What the script is told, for the log if it fails.</param>
/// <param name="PipeLine">What the pipes are told, with a line feed (reference §10.3).</param>
/// <param name="Mail">What mail says (reference §10.4).</param>
internal sealed record PoolEvent(string Line, ScriptCommand? Script, string What, string PipeLine, PoolMail Mail)
{
    /// <summary>A real server has come up.</summary>
    /// <param name="server">The real server.</param>
    /// <param name="check">The check that has found it; null where none has.</param>
    public static PoolEvent ServerUp(PooledServer server, CheckKind? check = null) => new("", server.Configured.NotifyUp, $"notify_up of {server.Name}", PipeLineOf(server, "UP"), MailOf(server, check, isUp: true));

    /// <summary>A real server has gone down.</summary>
    /// <param name="server">The real server.</param>
    /// <param name="check">The check that has found it; null where none has.</param>
    public static PoolEvent ServerDown(PooledServer server, CheckKind? check = null) => new("", server.Configured.NotifyDown, $"notify_down of {server.Name}", PipeLineOf(server, "DOWN"), MailOf(server, check, isUp: false));

    /// <summary>A reload has taken a real server away that was up.</summary>
    public static PoolEvent ServerGone(PooledServer server) =>
        new($"service {server.Name} of VS {server.Pool.Configured.Name} no longer exist", server.Configured.NotifyDown, $"notify_down of {server.Name}", PipeLineOf(server, "DOWN"), MailOf(server, null, isUp: false));

    /// <summary>The quorum was gained.</summary>
    public static PoolEvent QuorumUp(ServerPool pool)
    {
        VirtualServer v = pool.Configured;
        string gained = $"Gained quorum {v.Quorum}+{v.Hysteresis}={v.Quorum + v.Hysteresis} <= {pool.AliveWeight}";
        return new PoolEvent($"{gained} for VS {v.Name}{Sorry(v, "Removing", "from")}", v.QuorumUp, $"quorum_up of {v.Name}", PipeLineOf(pool, "UP"), MailOf(v, "UP", gained));
    }

    /// <summary>The quorum was lost.</summary>
    public static PoolEvent QuorumDown(ServerPool pool)
    {
        VirtualServer v = pool.Configured;
        string lost = $"Lost quorum {v.Quorum}-{v.Hysteresis}={(long)v.Quorum - v.Hysteresis} > {pool.AliveWeight}";
        return new PoolEvent($"{lost} for VS {v.Name}{Sorry(v, "Adding", "to")}", v.QuorumDown, $"quorum_down of {v.Name}", PipeLineOf(pool, "DOWN"), MailOf(v, "DOWN", lost));
    }

    /// <summary>There is no quorum at the start.</summary>
    public static PoolEvent StartsDown(ServerPool pool) =>
        new($"Starting with quorum down for VS {pool.Configured.Name}{Sorry(pool.Configured, "Adding", "to")}", pool.Configured.QuorumDown, $"quorum_down of {pool.Configured.Name}", PipeLineOf(pool, "DOWN"), MailOf(pool.Configured, "DOWN", "Starting with quorum down"));

    private static string PipeLineOf(PooledServer server, string state) => $"RS {server.Name} {server.Pool.Configured.Name} {state}\n";

    private static string PipeLineOf(ServerPool pool, string state) => $"VS {pool.Configured.Name} {state}\n";

    private static PoolMail MailOf(PooledServer server, CheckKind? check, bool isUp)
    {
        string name = check == CheckKind.Tcp ? "TCP CHECK" : check == CheckKind.Misc ? "MISC CHECK" : "CHECK";
        string result = !isUp ? "failed" : check == CheckKind.Misc ? "succeeded" : "succeed";
        return new PoolMail($"Realserver {server.Name} of virtual server {server.Pool.Configured.Name} - {(isUp ? "UP" : "DOWN")}", $"=> {name} {result} on service <=", server.Configured.SendsMail, true);
    }

    private static PoolMail MailOf(VirtualServer v, string state, string body) => new($"Virtualserver {v.Name} - {state}", $"=> {body} <=", v.SendsMail, false);

    private static string Sorry(VirtualServer v, string verb, string where) =>
        v.Sorry is { } sorry ? $"; {verb} sorry server [{sorry.Endpoint.Address}]:{v.ProtocolName}:{sorry.Endpoint.Port} {where} VS {v.Name}" : "";
}
