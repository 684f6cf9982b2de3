namespace NetVS.Control.Status;

/// <summary>What only the executable knows about the running daemon: its links and its program's counters.</summary>
public interface IDaemonFacts
{
    /// <summary>The interfaces, as they are now.</summary>
    IReadOnlyList<InterfaceStatus> ReadInterfaces();

    /// <summary>What the eBPF program decided, in frames, by name.</summary>
    IReadOnlyDictionary<string, long> ReadDivertCounters();
}
