namespace NetVS.Packets.Capture;

/// <summary>Writes a capture file packet by packet.</summary>
public interface ICaptureWriter
{
    /// <summary>Adds an interface.</summary>
    /// <param name="name">Its name; a format without names leaves it out.</param>
    /// <returns>Its id for <see cref="Write"/>.</returns>
    int AddInterface(string name);

    /// <summary>Writes a packet.</summary>
    /// <param name="interfaceId">From <see cref="AddInterface"/>.</param>
    /// <param name="timestamp">Nanoseconds since 1970-01-01 00:00 UTC; not negative.</param>
    /// <param name="frame">The frame from its Ethernet header on.</param>
    /// <param name="originalLength">Octets the frame had; at least those of <paramref name="frame"/>. 0 for just as many.</param>
    void Write(int interfaceId, long timestamp, ReadOnlySpan<byte> frame, int originalLength = 0);

    /// <summary>Hands everything written to the stream.</summary>
    void Flush();
}
