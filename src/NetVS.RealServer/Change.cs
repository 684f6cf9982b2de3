namespace NetVS.RealServer;

/// <summary>One thing that was changed on this host, with what is needed to put it back.</summary>
/// <param name="Key">Names the thing, see <see cref="Step.Key"/>.</param>
/// <param name="Kind">Which kind of step made it.</param>
/// <param name="Interface">The interface it concerns, or empty.</param>
/// <param name="InterfaceIndex">Its index then: an interface of the same name that came later is left alone.</param>
/// <param name="Subject">A sysctl's path, or an address with its prefix, or a program's name.</param>
/// <param name="Old">A sysctl's value before.</param>
/// <param name="New">A sysctl's value since.</param>
internal sealed record Change(string Key, StepKind Kind, string Interface, int InterfaceIndex, string Subject, string? Old = null, string? New = null);
