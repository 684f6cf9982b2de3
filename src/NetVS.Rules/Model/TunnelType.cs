namespace NetVS.Rules;

/// <summary>The encapsulation of a TUN destination; values as IPVS's.</summary>
public enum TunnelType : byte
{
    /// <summary>IPIP and IP6IP6: RFC 2003, RFC 2473.</summary>
    IpIp = 0,

    /// <summary>Generic UDP encapsulation.</summary>
    Gue = 1,

    /// <summary>GRE: RFC 2784.</summary>
    Gre = 2,
}
