using NetVS.Director.Connections;

namespace NetVS.Control;

/// <summary>Some connections of one worker.</summary>
/// <param name="Connections">The connections.</param>
/// <param name="Next">The cursor for the next page, or -1 when this was the last.</param>
public sealed record ConnectionPage(IReadOnlyList<ConnectionView> Connections, long Next);
