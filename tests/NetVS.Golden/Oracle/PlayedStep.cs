using NetVS.Director.Forwarding;
using NetVS.Golden.Running;

namespace NetVS.Golden.Oracle;

/// <summary>A step as the director took it, and as the kernel is to take it.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Kernel">The step for the kernel.</param>
internal sealed record PlayedStep(string Place, KernelStep Kernel)
{
    /// <summary>The frame given to the director; null where the step is another.</summary>
    public ReceivedFrame? Received { get; init; }

    /// <summary>What came of it.</summary>
    public IReadOnlyList<Outcome> Outcomes { get; init; } = [];

    /// <summary>Why it was dropped, if it was.</summary>
    public DropReason Reason { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }

    public int Status { get; init; }

    /// <summary>Whether this is a moment at which counters are compared: they are two seconds old in between.</summary>
    public bool ShowsCounters { get; init; }

    /// <summary>As /proc/net/ip_vs.</summary>
    public required string Services { get; init; }

    /// <summary>As /proc/net/ip_vs_conn.</summary>
    public required string Connections { get; init; }

    /// <summary>As /proc/net/ip_vs_stats.</summary>
    public required string Statistics { get; init; }

    /// <summary>The known difference that this step shows; null for none.</summary>
    public string? Excuse { get; init; }

    /// <summary>Whether all further steps may show it too.</summary>
    public bool IsExcuseLasting { get; init; }
}
