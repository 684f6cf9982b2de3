namespace NetVS.Golden.Running;

/// <summary>A fixture is not fulfilled, or cannot be read.</summary>
public sealed class GoldenException(string message) : Exception(message);
