using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

/// <summary>An IPv6 packet whose lengths were checked (RFC 8200 §3).</summary>
/// <remarks>
/// Trusted for version and payload length only; extension headers are walked by <see cref="Ipv6ExtensionWalk"/>.
/// Jumbograms (RFC 2675) are not supported: their payload length of 0 leaves an empty payload.
/// </remarks>
public readonly ref struct Ipv6Packet
{
    private readonly ref Ipv6Header _header;

    private Ipv6Packet(ref Ipv6Header header, Span<byte> octets)
    {
        _header = ref header;
        Octets = octets;
    }

    /// <summary>The header, in place.</summary>
    public ref Ipv6Header Header => ref _header;

    /// <summary>The whole packet by its payload length; padding behind it is not included.</summary>
    public Span<byte> Octets { get; }

    /// <summary>What follows the fixed header, extension headers included.</summary>
    public Span<byte> Payload => Octets[Ipv6Header.Size..];

    /// <summary>Checks version and length of the packet at the beginning of <paramref name="octets"/>.</summary>
    public static bool TryParse(Span<byte> octets, out Ipv6Packet packet)
    {
        packet = default;
        if (octets.Length < Ipv6Header.Size) return false;
        ref Ipv6Header header = ref MemoryMarshal.AsRef<Ipv6Header>(octets);
        int length = Ipv6Header.Size + header.PayloadLength.Host;
        if (header.Version != 6 || length > octets.Length) return false;
        packet = new Ipv6Packet(ref header, octets[..length]);
        return true;
    }
}
