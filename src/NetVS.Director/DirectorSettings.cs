namespace NetVS.Director;

/// <summary>The settings the packet path reads; names and defaults as reference §13, plus FULLNAT's (§11.3).</summary>
/// <remarks>Threads: written by control, read by workers; each is one word, so a reader sees the old or the new value.</remarks>
public sealed class DirectorSettings
{
}
