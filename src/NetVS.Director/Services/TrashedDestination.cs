using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>A deleted destination that waits until no connection refers to it.</summary>
/// <remarks>Thread: control, under the engine's lock.</remarks>
internal sealed class TrashedDestination(Destination destination)
{
    /// <summary>The destination.</summary>
    public Destination Destination { get; } = destination;

    /// <summary>The first scan that found it without connections; null before.</summary>
    public MonotonicTime? IdleSince { get; set; }

    /// <summary>
    /// Maintenance turns for which its packets are still recognised whether or not it has connections: a worker in the middle of a
    /// batch may still be choosing it.
    /// </summary>
    public int LingerTurns { get; set; } = RuleBook.LingerTurns;
}
