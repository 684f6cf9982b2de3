namespace NetVS.Control.Status;

/// <summary>How often something happened for which no packet was dropped.</summary>
/// <param name="Event">The event's name.</param>
/// <param name="Count">How often.</param>
/// <param name="Meaning">The sentence for the operator.</param>
public sealed record EventCount(string Event, long Count, string Meaning);
