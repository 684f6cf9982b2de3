using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

/// <summary>An IPv4 packet whose lengths were checked (RFC 791 §3.1).</summary>
/// <remarks>Trusted for version, header length and total length; not for its checksum, addresses or fragment fields.</remarks>
public readonly ref struct Ipv4Packet
{
    private readonly ref Ipv4Header _header;

    private Ipv4Packet(ref Ipv4Header header, Span<byte> octets)
    {
        _header = ref header;
        Octets = octets;
    }

    /// <summary>The header, in place.</summary>
    public ref Ipv4Header Header => ref _header;

    /// <summary>The whole packet by its total length; padding behind it is not included.</summary>
    public Span<byte> Octets { get; }

    /// <summary>The options, padding included; empty when there are none.</summary>
    public Span<byte> Options => Octets[Ipv4Header.Size.._header.HeaderLength];

    /// <summary>What follows the header.</summary>
    public Span<byte> Payload => Octets[_header.HeaderLength..];

    /// <summary>Checks version and lengths of the packet at the beginning of <paramref name="octets"/>.</summary>
    public static bool TryParse(Span<byte> octets, out Ipv4Packet packet)
    {
        packet = default;
        if (octets.Length < Ipv4Header.Size) return false;
        ref Ipv4Header header = ref MemoryMarshal.AsRef<Ipv4Header>(octets);
        int headerLength = header.HeaderLength;
        int totalLength = header.TotalLength.Host;
        if (header.Version != 4 || headerLength < Ipv4Header.Size) return false;
        if (totalLength < headerLength || totalLength > octets.Length) return false;
        packet = new Ipv4Packet(ref header, octets[..totalLength]);
        return true;
    }
}
