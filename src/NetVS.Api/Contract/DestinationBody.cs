namespace NetVS.Api.Contract;

/// <summary>A destination as asked for.</summary>
internal record DestinationBody
{
    /// <summary><c>10.0.0.1:8080</c> or <c>[2001:db8::a]:80</c>.</summary>
    public required string Real { get; init; }

    /// <summary>nat, dr, tun, fullnat or local.</summary>
    public string Method { get; set; } = "dr";

    /// <summary>The weight.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>Connections at which it counts as overloaded; 0 is off.</summary>
    public uint UpperThreshold { get; set; }

    /// <summary>Connections below which an overload ends.</summary>
    public uint LowerThreshold { get; set; }

    /// <summary>The encapsulation; null unless the method is tun.</summary>
    public TunnelBody? Tunnel { get; set; }
}
