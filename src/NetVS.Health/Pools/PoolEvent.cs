using NetVS.Keepalived.Model;

namespace NetVS.Health.Pools;

/// <summary>Something that is told: a line for the log, a script for it, a line for the pipes.</summary>
/// <param name="Line">keepalived's words; empty where others have said it.</param>
/// <param name="Script">The script, or null.</param>
/// <param name="What">What the script is told, for the log if it fails.</param>
/// <param name="PipeLine">What the pipes are told, with a line feed (reference §10.3).</param>
internal sealed record PoolEvent(string Line, ScriptCommand? Script, string What, string PipeLine)
{
    /// <summary>A real server has come up.</summary>
    public static PoolEvent ServerUp(PooledServer server) => new("", server.Configured.NotifyUp, $"notify_up of {server.Name}", PipeLineOf(server, "UP"));

    /// <summary>A real server has gone down.</summary>
    public static PoolEvent ServerDown(PooledServer server) => new("", server.Configured.NotifyDown, $"notify_down of {server.Name}", PipeLineOf(server, "DOWN"));

    /// <summary>A reload has taken a real server away that was up.</summary>
    public static PoolEvent ServerGone(PooledServer server) =>
        new($"service {server.Name} of VS {server.Pool.Configured.Name} no longer exist", server.Configured.NotifyDown, $"notify_down of {server.Name}", PipeLineOf(server, "DOWN"));

    /// <summary>The quorum was gained.</summary>
    public static PoolEvent QuorumUp(ServerPool pool)
    {
        VirtualServer v = pool.Configured;
        return new PoolEvent($"Gained quorum {v.Quorum}+{v.Hysteresis}={v.Quorum + v.Hysteresis} <= {pool.AliveWeight} for VS {v.Name}{Sorry(v, "Removing", "from")}", v.QuorumUp, $"quorum_up of {v.Name}", PipeLineOf(pool, "UP"));
    }

    /// <summary>The quorum was lost.</summary>
    public static PoolEvent QuorumDown(ServerPool pool)
    {
        VirtualServer v = pool.Configured;
        return new PoolEvent($"Lost quorum {v.Quorum}-{v.Hysteresis}={(long)v.Quorum - v.Hysteresis} > {pool.AliveWeight} for VS {v.Name}{Sorry(v, "Adding", "to")}", v.QuorumDown, $"quorum_down of {v.Name}", PipeLineOf(pool, "DOWN"));
    }

    /// <summary>There is no quorum at the start.</summary>
    public static PoolEvent StartsDown(ServerPool pool) =>
        new($"Starting with quorum down for VS {pool.Configured.Name}{Sorry(pool.Configured, "Adding", "to")}", pool.Configured.QuorumDown, $"quorum_down of {pool.Configured.Name}", PipeLineOf(pool, "DOWN"));

    private static string PipeLineOf(PooledServer server, string state) => $"RS {server.Name} {server.Pool.Configured.Name} {state}\n";

    private static string PipeLineOf(ServerPool pool, string state) => $"VS {pool.Configured.Name} {state}\n";

    private static string Sorry(VirtualServer v, string verb, string where) =>
        v.Sorry is { } sorry ? $"; {verb} sorry server [{sorry.Endpoint.Address}]:{v.ProtocolName}:{sorry.Endpoint.Port} {where} VS {v.Name}" : "";
}
