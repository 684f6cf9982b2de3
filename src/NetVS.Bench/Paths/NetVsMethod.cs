namespace NetVS.Bench.Paths;

/// <summary>How the daemon forwards.</summary>
internal enum NetVsMethod
{
    /// <summary>The real server's address and port replace the service's.</summary>
    Nat,

    /// <summary>The packet goes to the real server as it is.</summary>
    DirectRouting,

    /// <summary>The packet goes to the real server inside another.</summary>
    Tunnel,

    /// <summary>Both ends are replaced.</summary>
    FullNat,
}
