namespace NetVS.Control.Replay;

/// <summary>A replay that cannot be done as asked; the message is for the operator, several lines where there are several problems.</summary>
public sealed class ReplayException(string message) : Exception(message);
