namespace NetVS.Sync.Peers;

/// <summary>Who is to open a connection that was announced on a control connection.</summary>
public enum PeerAnnouncement : byte
{
    /// <summary>It is not an announced connection.</summary>
    None = 0,

    /// <summary>The client, from a port that is not known.</summary>
    FromClient = 1,

    /// <summary>The real server.</summary>
    FromServer = 2,
}
