namespace NetVS.Api.Contract;

/// <summary>The encapsulation of a TUN destination.</summary>
internal sealed record TunnelBody
{
    /// <summary>ipip, gue or gre.</summary>
    public string Type { get; set; } = "ipip";

    /// <summary>The UDP port of a GUE tunnel; 0 otherwise.</summary>
    public ushort Port { get; set; }

    /// <summary>none, checksum or remote.</summary>
    public string Checksum { get; set; } = "none";
}
