namespace NetVS.Links;

/// <summary>What an operator is told about one interface.</summary>
/// <param name="Interface">The interface's name.</param>
/// <param name="Index">Its index.</param>
/// <param name="IsAttached">Whether the director listens on it now.</param>
/// <param name="Link">"af_xdp", "af_packet" or "transmit only"; empty when not attached.</param>
/// <param name="Hook">"xdp native", "xdp generic", "tcx", "tc clsact" or "none".</param>
/// <param name="Copy">"zero-copy" or "copy".</param>
/// <param name="Queues">Receive queues the director serves.</param>
/// <param name="Reason">Why this kind of link and hook, or why none.</param>
/// <param name="Counters">By name, over all queues and workers.</param>
public sealed record LinkStatus(
    string Interface, int Index, bool IsAttached, string Link, string Hook, string Copy, int Queues, string Reason,
    IReadOnlyDictionary<string, long> Counters);
