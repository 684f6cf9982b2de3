namespace NetVS.Vrrp.Options;

/// <summary>
/// Whether the checksum of version 3 over unicast IPv4 takes 224.0.0.18 for the destination, as implementations before 2018 did.
/// </summary>
public enum OldChecksumUse
{
    /// <summary>As soon as a peer is seen to do so.</summary>
    Learned,

    /// <summary>From the beginning.</summary>
    Always,

    /// <summary>Never: such adverts are invalid.</summary>
    Never,
}
