namespace NetVS.Director.Network;

/// <summary>The routing tables the director knows, by the kernel's numbers (RT_TABLE_*).</summary>
public enum RouteTableId
{
    /// <summary>Searched last.</summary>
    Default = 253,

    /// <summary>Where routes are unless said otherwise.</summary>
    Main = 254,

    /// <summary>The director's own and broadcast addresses; searched first.</summary>
    Local = 255,
}
