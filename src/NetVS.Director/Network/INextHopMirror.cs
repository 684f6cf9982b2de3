using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>Somebody else who sends by the next hops, keeps a copy of them, and says which it uses.</summary>
internal interface INextHopMirror
{
    /// <summary>A next hop is, or has become, this. Calls for one id do not overlap.</summary>
    void Write(int id, in NextHop hop);

    /// <summary>When a packet last left by it there; <see cref="MonotonicTime.Zero"/> for never. Thread: any.</summary>
    /// <param name="id">The next hop.</param>
    /// <param name="reference">A time not far from now.</param>
    MonotonicTime LastUsed(int id, MonotonicTime reference);
}
