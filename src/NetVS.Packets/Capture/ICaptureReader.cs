namespace NetVS.Packets.Capture;

/// <summary>Reads a capture file packet by packet, in the file's order.</summary>
public interface ICaptureReader
{
    /// <summary>The interfaces met so far; a pcapng file may announce more later.</summary>
    IReadOnlyList<CaptureInterface> Interfaces { get; }

    /// <summary>Reads the next packet.</summary>
    /// <param name="packet">The packet; its data is valid until the next call.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="CaptureFormatException">The file is broken here; no further packet can be read.</exception>
    bool TryReadNext(out CapturedPacket packet);
}
