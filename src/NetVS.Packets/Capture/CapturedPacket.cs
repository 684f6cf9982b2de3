namespace NetVS.Packets.Capture;

/// <summary>One packet of a capture.</summary>
/// <param name="InterfaceId">Index into <see cref="ICaptureReader.Interfaces"/>.</param>
/// <param name="Timestamp">Nanoseconds since 1970-01-01 00:00 UTC; 0 where the file has no time (simple packet blocks).</param>
/// <param name="OriginalLength">Octets the packet had on the wire; more than <paramref name="Data"/> when it was cut.</param>
/// <param name="Data">The frame from its Ethernet header on; valid until the next packet is read.</param>
public readonly record struct CapturedPacket(int InterfaceId, long Timestamp, int OriginalLength, ReadOnlyMemory<byte> Data);
