using NetVS.Packets;
using NetVS.Scripts;
using NetVS.Vrrp.Machine;

namespace NetVS.Failover.Running;

/// <summary>What the service is told once.</summary>
public sealed record FailoverOptions
{
    /// <summary>The clock, which never goes back.</summary>
    public required Func<MonotonicTime> Clock { get; init; }

    /// <summary>Told of an instance by its name when it has entered a state, and of all again after a reload. Thread: the loop's; must not wait.</summary>
    public Action<string, VirtualRouterState> StateChanged { get; init; } = static (_, _) => { };

    /// <summary>The pipes that other parts share; null for its own.</summary>
    public NotifyPipes? Pipes { get; init; }

    /// <summary>Sends mail; null for none.</summary>
    public MailQueue? Mail { get; init; }

    /// <summary>Takes lines for the log. Any thread.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
