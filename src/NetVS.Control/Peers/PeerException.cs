namespace NetVS.Control.Peers;

/// <summary>The other end of a peer channel cannot be talked to: the message says why.</summary>
internal sealed class PeerException(string message) : Exception(message);
