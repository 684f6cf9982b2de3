namespace NetVS.Packets;

/// <summary>The two Internet protocol families; the values are the IP version numbers.</summary>
public enum IpFamily : byte
{
    /// <summary>No family: the default of an address that was never set.</summary>
    None = 0,

    /// <summary>IPv4, RFC 791.</summary>
    V4 = 4,

    /// <summary>IPv6, RFC 8200.</summary>
    V6 = 6,
}
