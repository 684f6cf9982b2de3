using NetVS.Bfd.Wire;

namespace NetVS.Bfd.Machine;

/// <summary>What a session does to the world.</summary>
public interface IBfdEffects
{
    /// <summary>Sends a packet to the session's neighbour.</summary>
    void Send(BfdSession session, in BfdPacket packet);

    /// <summary>The session has another state than before.</summary>
    void Change(BfdSession session, BfdState former);
}
