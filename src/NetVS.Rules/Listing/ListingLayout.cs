namespace NetVS.Rules.Listing;

/// <summary>The layouts of <c>ipvsadm -L</c> (reference §12.7).</summary>
public enum ListingLayout : byte
{
    /// <summary>Method, weight, connections.</summary>
    Default,

    /// <summary><c>--stats</c>.</summary>
    Statistics,

    /// <summary><c>--rate</c>.</summary>
    Rates,

    /// <summary><c>--thresholds</c>.</summary>
    Thresholds,

    /// <summary><c>--persistent-conn</c>.</summary>
    PersistentConnections,

    /// <summary><c>--tun-info</c>.</summary>
    TunnelInfo,
}
