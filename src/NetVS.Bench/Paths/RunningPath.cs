using System.Diagnostics;

namespace NetVS.Bench.Paths;

/// <summary>A path that is set up; disposing of it takes it down again.</summary>
/// <param name="end">Takes it down.</param>
internal sealed class RunningPath(Action end) : IDisposable
{
    /// <summary>The process that forwards; null where the kernel does.</summary>
    public Process? Process { get; init; }

    /// <summary>Reads how many frames user space has received so far; null where none sees any.</summary>
    public Func<long>? ReadUserFrames { get; init; }

    /// <summary>Whether known flows are to be forwarded without user space.</summary>
    public bool IsFast { get; init; }

    /// <summary>Reads how many connections are known; null where it is not known.</summary>
    public Func<long>? ReadConnections { get; init; }

    /// <inheritdoc/>
    public void Dispose() => end();
}
