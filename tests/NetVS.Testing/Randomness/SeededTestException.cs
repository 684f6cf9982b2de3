namespace NetVS.Testing.Randomness;

/// <summary>A random test failed; the message holds the seed.</summary>
public sealed class SeededTestException(string message, Exception inner) : Exception(message, inner);
