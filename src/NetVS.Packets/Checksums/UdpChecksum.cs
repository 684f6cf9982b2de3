namespace NetVS.Packets.Checksums;

/// <summary>UDP's two meanings of zero, written once.</summary>
public static class UdpChecksum
{
    /// <summary>
    /// Whether the sender computed no checksum. RFC 768: "An all zero transmitted checksum value means that the transmitter
    /// generated no checksum". Over IPv6 that is an error except in tunnels (RFC 6936).
    /// </summary>
    public static bool IsAbsent(ushort field) => field == 0;

    /// <summary>
    /// What is sent for a computed checksum. RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
    /// </summary>
    public static ushort ToWire(ushort computed) => computed == 0 ? ushort.MaxValue : computed;
}
