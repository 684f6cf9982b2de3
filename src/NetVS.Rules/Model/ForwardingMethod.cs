namespace NetVS.Rules;

/// <summary>How a packet reaches its real server; values as IPVS's connection flags (FWD_MASK).</summary>
public enum ForwardingMethod : byte
{
    /// <summary>NAT: destination address and port rewritten, replies rewritten back (ipvsadm "Masq").</summary>
    Nat = 0,

    /// <summary>The director itself is the real server (ipvsadm "Local").</summary>
    Local = 1,

    /// <summary>The packet is wrapped in another IP packet (ipvsadm "Tunnel").</summary>
    Tunnel = 2,

    /// <summary>DR: only the Ethernet destination changes (ipvsadm "Route").</summary>
    DirectRouting = 3,

    /// <summary>Past the real servers, to where the packet is sent: what <c>cache_bypass</c> makes of a connection. No rule can say it.</summary>
    Bypass = 4,

    /// <summary>FULLNAT: both ends rewritten, with a local address of the director (ipvsadm "FullNat").</summary>
    FullNat = 5,
}
