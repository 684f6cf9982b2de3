namespace NetVS.Packets.Checksums;

/// <summary>What changing some words of a packet does to its checksum: collected first, applied once.</summary>
/// <remarks>
/// RFC 1624 equation 3: HC' = ~(~HC + ~m + m'). A delta is the sum of all ~m + m', not folded; deltas of disjoint words may
/// be added. Words count from an even offset of what is summed. Byte order: host. A delta has room for 2^26 changes.
/// </remarks>
public readonly record struct ChecksumDelta
{
    private readonly ulong _sum;

    private ChecksumDelta(ulong sum) => _sum = sum;

    /// <summary>No change.</summary>
    public static ChecksumDelta None => default;

    /// <summary>A 16-bit word becomes another.</summary>
    public static ChecksumDelta Replace(ushort old, ushort @new) => new((old ^ 0xFFFFUL) + @new);

    /// <summary>A 32-bit word becomes another.</summary>
    public static ChecksumDelta Replace(uint old, uint @new) => new((ulong)~old + @new);

    /// <summary>An IPv4 address becomes another.</summary>
    public static ChecksumDelta Replace(Ipv4Address old, Ipv4Address @new) => Replace(old.Value, @new.Value);

    /// <summary>An IPv6 address becomes another.</summary>
    public static ChecksumDelta Replace(Ipv6Address old, Ipv6Address @new) =>
        new(PseudoHeader.AddressSum(new Ipv6Address(~old.High, ~old.Low)) + PseudoHeader.AddressSum(@new));

    /// <summary>An address becomes another of the same or the other family (both stand in the pseudo-header).</summary>
    public static ChecksumDelta Replace(IpAddress old, IpAddress @new) => Remove(old) + Insert(@new);

    /// <summary>Words appear whose folded sum is known.</summary>
    public static ChecksumDelta Insert(ushort sum) => new(sum);

    /// <summary>Words disappear whose folded sum is known.</summary>
    public static ChecksumDelta Remove(ushort sum) => new(sum ^ 0xFFFFUL);

    /// <summary>Both changes together.</summary>
    public static ChecksumDelta Add(ChecksumDelta left, ChecksumDelta right) => new(left._sum + right._sum);

    /// <summary>Both changes together.</summary>
    public static ChecksumDelta operator +(ChecksumDelta left, ChecksumDelta right) => Add(left, right);

    /// <summary>The change undone.</summary>
    public ChecksumDelta Negated => new(Folded ^ 0xFFFFUL);

    /// <summary>The change folded to 16 bits.</summary>
    public ushort Folded => InternetChecksum.Fold(_sum);

    /// <summary>The checksum field after the change (equation 3).</summary>
    /// <param name="checksum">A finished checksum field, host order.</param>
    public ushort ApplyTo(ushort checksum) =>
        InternetChecksum.Finish(InternetChecksum.Fold(_sum + (checksum ^ 0xFFFFUL)));

    /// <summary>A sum after the change: for a partial checksum field, which is not complemented.</summary>
    /// <param name="sum">A folded sum, host order.</param>
    public ushort ApplyToSum(ushort sum) => InternetChecksum.Fold(_sum + sum);

    private static ChecksumDelta Insert(IpAddress address) => address.Family == IpFamily.V6
        ? new ChecksumDelta(PseudoHeader.AddressSum(address.V6))
        : new ChecksumDelta(address.V4.Value);

    private static ChecksumDelta Remove(IpAddress address) => address.Family == IpFamily.V6
        ? new ChecksumDelta(PseudoHeader.AddressSum(new Ipv6Address(~address.V6.High, ~address.V6.Low)))
        : new ChecksumDelta(~address.V4.Value);
}
