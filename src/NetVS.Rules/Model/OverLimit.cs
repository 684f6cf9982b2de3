namespace NetVS.Rules;

/// <summary>What becomes of a connection that a limit of its service refuses.</summary>
public enum OverLimit
{
    /// <summary>Its first packet is dropped: the client tries again, and may get in when others have ended.</summary>
    Drop,

    /// <summary>The client is told: TCP by a reset, everything else by ICMP port unreachable.</summary>
    Reject,
}
