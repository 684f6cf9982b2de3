namespace NetVS.Director.Forwarding;

/// <summary>What is to be done with a packet after the director has seen it.</summary>
public enum Verdict : byte
{
    /// <summary>Nothing is sent; <see cref="Packet.Reason"/> says why. It has been counted.</summary>
    Drop = 0,

    /// <summary>The frame is finished: send it on <see cref="Packet.TransmitInterface"/>.</summary>
    Transmit,

    /// <summary>Finished but for the destination MAC: hold it until <see cref="Packet.NextHop"/> is resolved.</summary>
    AwaitNeighbour,

    /// <summary>For the director's own network stack: hand it in as if it had just been received.</summary>
    ToStack,
}
