namespace NetVS.Packets;

/// <summary>Cuts one packet into fragments, one at a time.</summary>
public interface IFragmenter
{
    /// <summary>Writes the next fragment as a frame with the packet's own Ethernet header.</summary>
    /// <param name="buffer">At least as many octets as the frame has, or as the IP MTU allows; may not overlap the frame.</param>
    /// <param name="length">Octets written.</param>
    /// <returns>False when all fragments have been written.</returns>
    bool TryWriteNext(scoped Span<byte> buffer, out int length);
}
