namespace NetVS.Rules.Listing;

/// <summary>What <c>ipvsadm -L</c> lists.</summary>
public enum ListingSubject : byte
{
    /// <summary>Services and their servers.</summary>
    Services,

    /// <summary><c>-c</c>.</summary>
    Connections,

    /// <summary><c>--timeout</c>.</summary>
    Timeouts,

    /// <summary><c>--daemon</c>.</summary>
    SyncDaemons,
}
