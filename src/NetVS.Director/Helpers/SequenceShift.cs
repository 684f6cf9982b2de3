namespace NetVS.Director.Helpers;

/// <summary>One place in a direction's octet stream where a text was replaced by one that may be longer or shorter.</summary>
/// <param name="End">The sequence number behind the replaced octets, as the sender counts.</param>
/// <param name="Octets">How many octets were replaced.</param>
/// <param name="Delta">What is added to sequence numbers from <paramref name="End"/> on, modulo 2^32: all replacements up to here together.</param>
internal readonly record struct SequenceShift(uint End, uint Octets, uint Delta);
