namespace NetVS.Links;

/// <summary>Which hook is asked for.</summary>
public enum HookChoice
{
    /// <summary>Native XDP, then generic XDP, then tc.</summary>
    Auto,

    /// <summary>XDP in the driver.</summary>
    Xdp,

    /// <summary>XDP after the kernel built its packet.</summary>
    XdpGeneric,

    /// <summary>tc ingress, with AF_PACKET.</summary>
    Tc,

    /// <summary>No program: AF_PACKET copies what it takes, and the stack sees everything too.</summary>
    None,
}
