namespace NetVS.Control.Peers;

/// <summary>A key file cannot be used, or not be made: the message says what is wrong and what to do.</summary>
public sealed class PeerKeyException(string message) : Exception(message);
