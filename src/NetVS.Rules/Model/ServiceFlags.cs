namespace NetVS.Rules;

/// <summary>Flags of a virtual service; values as IPVS's.</summary>
[Flags]
public enum ServiceFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Persistent: a client keeps its real server.</summary>
    Persistent = 0x01,

    /// <summary>One-packet scheduling: every UDP datagram is scheduled afresh.</summary>
    OnePacket = 0x04,

    /// <summary>Scheduler flag 1: <c>sh-fallback</c>, <c>mh-fallback</c>.</summary>
    Scheduler1 = 0x08,

    /// <summary>Scheduler flag 2: <c>sh-port</c>, <c>mh-port</c>.</summary>
    Scheduler2 = 0x10,

    /// <summary>Scheduler flag 3, unused by the schedulers IPVS ships.</summary>
    Scheduler3 = 0x20,
}
