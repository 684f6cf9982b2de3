namespace NetVS.Director.Forwarding;

/// <summary>Takes the further frames of a packet that became several (fragments, segments).</summary>
public interface IFrameSink
{
    /// <summary>Takes one frame with its verdict; the buffer is the caller's again when this returns.</summary>
    void Emit(ref Packet packet, Verdict verdict);
}
