using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A name, and where it stands.</summary>
/// <param name="Name">The name.</param>
/// <param name="Position">Where it stands.</param>
public sealed record NamedPlace(string Name, SourcePosition Position);
