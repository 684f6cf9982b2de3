namespace NetVS.Bench;

/// <summary>A measurement that cannot be made here; the message is for the operator.</summary>
public sealed class BenchException(string message) : Exception(message);
