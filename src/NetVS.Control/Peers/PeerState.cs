namespace NetVS.Control.Peers;

/// <summary>How far a peer channel is.</summary>
public enum PeerState
{
    /// <summary>There is no connection; it is tried again and again.</summary>
    Connecting,

    /// <summary>A full transfer is under way.</summary>
    Transferring,

    /// <summary>The full transfer is complete, and changes follow as they happen.</summary>
    Following,
}
