using NetVS.Health.Checks;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Pools;

/// <summary>A real server of one virtual server: up while all its checks are.</summary>
/// <remarks>Thread: the health part's lock.</remarks>
internal sealed class PooledServer(ServerPool pool, RealServer configured, IReadOnlyList<Check> checks)
{
    /// <summary>The virtual server.</summary>
    public ServerPool Pool { get; } = pool;

    /// <summary>The block of the configuration.</summary>
    public RealServer Configured { get; } = configured;

    /// <summary>Its checks.</summary>
    public IReadOnlyList<Check> Checks { get; } = checks;

    /// <summary>Whether it counts.</summary>
    public bool IsAlive { get; private set; } = checks.All(c => c.State.IsUp);

    /// <summary>Whether a check has found it failed: not merely one that has not been asked yet.</summary>
    public bool HasFailed => !IsAlive && Checks.Any(c => c.State is { HasRun: true, IsUp: false });

    /// <summary>When it became what it is.</summary>
    public DateTimeOffset Since { get; private set; } = pool.Made;

    /// <summary>It stays with weight 0 when it has failed.</summary>
    public bool IsInhibiting => Configured.IsInhibiting ?? Pool.Configured.IsInhibiting;

    /// <summary>The weight of the configuration.</summary>
    public int ConfiguredWeight => Configured.Weight ?? Pool.Configured.Weight;

    /// <summary>The weight it has while it is up: what dynamic checks say is added up (reference §6.9).</summary>
    public int Weight => (int)Math.Clamp(ConfiguredWeight + Checks.Sum(c => c.Weight), 0, int.MaxValue);

    /// <summary>As keepalived names it: <c>[10.0.1.1]:tcp:80</c>.</summary>
    public string Name { get; } = $"[{configured.Endpoint.Address}]:{pool.Configured.ProtocolName}:{configured.Endpoint.Port}";

    /// <summary>Goes on from the same server of a former configuration.</summary>
    public void GoOnFrom(PooledServer former)
    {
        IsAlive = Checks.All(c => c.State.IsUp);
        if (IsAlive == former.IsAlive) Since = former.Since;
    }

    /// <summary>Looks at the checks again.</summary>
    /// <returns>Whether the server came up or went down.</returns>
    public bool Update(DateTimeOffset now)
    {
        bool isAlive = Checks.All(c => c.State.IsUp);
        if (isAlive == IsAlive) return false;
        IsAlive = isAlive;
        Since = now;
        return true;
    }
}
