namespace NetVS.Control.Status;

/// <summary>Packets dropped for one reason.</summary>
/// <param name="Reason">The reason's name.</param>
/// <param name="Packets">How many.</param>
/// <param name="Meaning">The sentence for the operator.</param>
public sealed record DropCount(string Reason, long Packets, string Meaning);
