using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

/// <summary>A UDP datagram whose length was checked (RFC 768).</summary>
/// <remarks>Trusted for its length; not for its checksum. A first fragment, whose length names the whole datagram, is refused.</remarks>
public readonly ref struct UdpDatagram
{
    private readonly ref UdpHeader _header;

    private UdpDatagram(ref UdpHeader header, Span<byte> payload)
    {
        _header = ref header;
        Payload = payload;
    }

    /// <summary>The header, in place.</summary>
    public ref UdpHeader Header => ref _header;

    /// <summary>What follows the header, by the datagram's own length.</summary>
    public Span<byte> Payload { get; }

    /// <summary>Checks the length of a datagram.</summary>
    /// <param name="octets">The IP payload; octets behind the datagram's own length are left out.</param>
    /// <param name="datagram">The view.</param>
    public static bool TryParse(Span<byte> octets, out UdpDatagram datagram)
    {
        datagram = default;
        if (octets.Length < UdpHeader.Size) return false;
        ref UdpHeader header = ref MemoryMarshal.AsRef<UdpHeader>(octets);
        int length = header.Length.Host;
        if (length < UdpHeader.Size || length > octets.Length) return false;
        datagram = new UdpDatagram(ref header, octets[UdpHeader.Size..length]);
        return true;
    }
}
