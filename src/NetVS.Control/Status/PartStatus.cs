namespace NetVS.Control.Status;

/// <summary>What a part of the daemon has to say of itself.</summary>
/// <param name="Name">The part's name.</param>
/// <param name="Lines">Lines for people.</param>
public sealed record PartStatus(string Name, IReadOnlyList<string> Lines);
