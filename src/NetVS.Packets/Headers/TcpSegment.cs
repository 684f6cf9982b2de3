using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

/// <summary>A TCP segment whose data offset was checked (RFC 9293 §3.1).</summary>
/// <remarks>Trusted for its header length; not for its checksum, flags or the inside of its options.</remarks>
public readonly ref struct TcpSegment
{
    private readonly ref TcpHeader _header;
    private readonly Span<byte> _octets;

    private TcpSegment(ref TcpHeader header, Span<byte> octets)
    {
        _header = ref header;
        _octets = octets;
    }

    /// <summary>The header, in place.</summary>
    public ref TcpHeader Header => ref _header;

    /// <summary>The options, padding included; empty when there are none.</summary>
    public Span<byte> Options => _octets[TcpHeader.Size.._header.HeaderLength];

    /// <summary>What follows the header.</summary>
    public Span<byte> Payload => _octets[_header.HeaderLength..];

    /// <summary>Checks the header length of a segment.</summary>
    /// <param name="octets">The IP payload: exactly the segment.</param>
    /// <param name="segment">The view.</param>
    public static bool TryParse(Span<byte> octets, out TcpSegment segment)
    {
        segment = default;
        if (octets.Length < TcpHeader.Size) return false;
        ref TcpHeader header = ref MemoryMarshal.AsRef<TcpHeader>(octets);
        int headerLength = header.HeaderLength;
        if (headerLength < TcpHeader.Size || headerLength > octets.Length) return false;
        segment = new TcpSegment(ref header, octets);
        return true;
    }
}
