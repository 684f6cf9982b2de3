namespace NetVS.Packets.Headers;

/// <summary>Where a chain of IPv6 extension headers ends and what it says about fragmentation (RFC 8200 §4).</summary>
/// <remarks>
/// Walks hop-by-hop options, routing, fragment, destination options and AH, at most <see cref="MaxHeaders"/> of them, and
/// stops at the first other header: that is the protocol. Behind the fragment header of a later fragment nothing is
/// walked, because what stands there is payload.
/// </remarks>
public struct Ipv6ExtensionWalk
{
    /// <summary>The most extension headers that are walked; RFC 8200 §4.1 has at most seven in one packet.</summary>
    public const int MaxHeaders = 8;

    /// <summary>Why the walk failed; None when it did not.</summary>
    public Ipv6ExtensionError Error;

    /// <summary>The header the walk ended at; NoNextHeader when the packet ends there.</summary>
    public IpProtocol Protocol;

    /// <summary>Whether there is a fragment header, even one that says "whole packet" (RFC 6946).</summary>
    public bool HasFragmentHeader;

    /// <summary>Whether further fragments follow.</summary>
    public bool MoreFragments;

    /// <summary>Octets from the beginning of the payload to the header of <see cref="Protocol"/>, or to a later fragment's data.</summary>
    public int Offset;

    /// <summary>Octets from the beginning of the payload to the fragment header, when there is one.</summary>
    public int FragmentHeaderOffset;

    /// <summary>Where this fragment belongs in the fragmentable part, in octets.</summary>
    public int FragmentOffset;

    /// <summary>The identification of a fragment.</summary>
    public uint FragmentId;

    /// <summary>Walks the headers in a payload.</summary>
    /// <param name="payload">What follows the fixed header.</param>
    /// <param name="nextHeader">The fixed header's next header.</param>
    /// <param name="walk">The answer; with <see cref="Error"/> set when false is returned.</param>
    public static bool TryWalk(ReadOnlySpan<byte> payload, IpProtocol nextHeader, out Ipv6ExtensionWalk walk)
    {
        walk = default;
        walk.Protocol = nextHeader;
        for (int headers = 0; ; headers++)
        {
            if (!IsExtension(walk.Protocol)) return true;
            if (headers == MaxHeaders) return walk.Fail(Ipv6ExtensionError.TooMany);
            if (walk.Protocol == IpProtocol.HopByHop && headers > 0) return walk.Fail(Ipv6ExtensionError.Misplaced);

            // Every extension header is at least 8 octets long and begins with next header and length.
            int left = payload.Length - walk.Offset;
            if (left < 8) return walk.Fail(Ipv6ExtensionError.Truncated);
            if (walk.Protocol == IpProtocol.Fragment)
            {
                if (walk.HasFragmentHeader) return walk.Fail(Ipv6ExtensionError.Misplaced);
                walk.TakeFragment(payload);
                if (walk.FragmentOffset != 0) return true;
                continue;
            }

            int length = LengthOf(walk.Protocol, payload[walk.Offset + 1]);
            if (length < 8) return walk.Fail(Ipv6ExtensionError.BadLength);
            if (length > left) return walk.Fail(Ipv6ExtensionError.Truncated);
            walk.Protocol = (IpProtocol)payload[walk.Offset];
            walk.Offset += length;
        }
    }

    /// <summary>Whether the number is one of the headers this walk steps over.</summary>
    public static bool IsExtension(IpProtocol header) => header is IpProtocol.HopByHop or IpProtocol.Routing
        or IpProtocol.Fragment or IpProtocol.DestinationOptions or IpProtocol.Ah;

    // RFC 8200 §4.3: "length … in 8-octet units, not including the first 8 octets"; RFC 4302 §2.2: AH counts 4-octet
    // units minus 2, and its fixed fields are 12 octets.
    private static int LengthOf(IpProtocol header, byte length) =>
        header != IpProtocol.Ah ? (length + 1) * 8 : length == 0 ? 0 : (length + 2) * 4;

    private void TakeFragment(ReadOnlySpan<byte> payload)
    {
        ref readonly Ipv6FragmentHeader header = ref WireView.ReadAt<Ipv6FragmentHeader>(payload, Offset);
        HasFragmentHeader = true;
        FragmentHeaderOffset = Offset;
        FragmentOffset = header.FragmentOffset;
        MoreFragments = header.MoreFragments;
        FragmentId = header.Identification.Host;
        Protocol = header.NextHeader;
        Offset += Ipv6FragmentHeader.Size;
    }

    private bool Fail(Ipv6ExtensionError error)
    {
        Error = error;
        return false;
    }
}
