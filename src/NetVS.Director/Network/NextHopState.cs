namespace NetVS.Director.Network;

/// <summary>Whether frames can be sent to a next hop now.</summary>
public enum NextHopState : byte
{
    /// <summary>Its MAC is not known yet; resolution has been, or must be, asked for.</summary>
    Unresolved = 0,

    /// <summary>Its MAC is known and its interface is up.</summary>
    Reachable,

    /// <summary>The kernel asked and nobody answered, or its interface is down.</summary>
    Failed,
}
