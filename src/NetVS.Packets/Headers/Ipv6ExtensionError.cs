namespace NetVS.Packets.Headers;

/// <summary>Why a chain of IPv6 extension headers could not be walked.</summary>
public enum Ipv6ExtensionError : byte
{
    /// <summary>It could.</summary>
    None = 0,

    /// <summary>A header reaches beyond the packet's end.</summary>
    Truncated,

    /// <summary>More headers than <see cref="Ipv6ExtensionWalk.MaxHeaders"/>.</summary>
    TooMany,

    /// <summary>Hop-by-hop options not directly behind the fixed header (RFC 8200 §4.1), or a second fragment header.</summary>
    Misplaced,

    /// <summary>An authentication header shorter than its fixed fields (RFC 4302 §2.2).</summary>
    BadLength,
}
