namespace NetVS.Control.Status;

/// <summary>One interface as the director uses it.</summary>
/// <param name="Name">The interface's name.</param>
/// <param name="Index">Its index; 0 while it does not exist.</param>
/// <param name="IsAttached">Whether the director listens on it.</param>
/// <param name="Link">The kind of link; empty when there is none.</param>
/// <param name="Hook">The hook and its mode.</param>
/// <param name="Copy">"zero-copy" or "copy".</param>
/// <param name="Queues">Receive queues served.</param>
/// <param name="Reason">Why this link and hook, or why none.</param>
/// <param name="Counters">Link counters by name.</param>
public sealed record InterfaceStatus(
    string Name, int Index, bool IsAttached, string Link, string Hook, string Copy, int Queues, string Reason,
    IReadOnlyDictionary<string, long> Counters);
