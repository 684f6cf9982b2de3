namespace NetVS.Packets;

/// <summary>An address of either family, as a value: for rules, routes and listings.</summary>
/// <remarks>
/// An IPv4 address sits in the low 32 bits of <c>Low</c>. The packet path uses <see cref="Ipv4Address"/> and
/// <see cref="Ipv6Address"/> where the family is known.
/// </remarks>
public readonly record struct IpAddress : IComparable<IpAddress>
{
    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>Wraps an IPv4 address.</summary>
    public IpAddress(Ipv4Address address)
    {
        Family = IpFamily.V4;
        _low = address.Value;
    }

    /// <summary>Wraps an IPv6 address.</summary>
    public IpAddress(Ipv6Address address)
    {
        Family = IpFamily.V6;
        (_high, _low) = address;
    }

    /// <summary>The family; <see cref="IpFamily.None"/> for <c>default</c>.</summary>
    public IpFamily Family { get; }

    /// <summary>The IPv4 address; only meaningful when <see cref="Family"/> is V4.</summary>
    public Ipv4Address V4 => new(unchecked((uint)_low));

    /// <summary>The IPv6 address; only meaningful when <see cref="Family"/> is V6.</summary>
    public Ipv6Address V6 => new(_high, _low);

    /// <summary>Whether no address was ever set.</summary>
    public bool IsNone => Family == IpFamily.None;

    /// <summary>Whether the address is multicast in its family.</summary>
    public bool IsMulticast => Family == IpFamily.V4 ? V4.IsMulticast : Family == IpFamily.V6 && V6.IsMulticast;

    /// <summary>Whether the address is a loopback address in its family.</summary>
    public bool IsLoopback => Family == IpFamily.V4 ? V4.IsLoopback : Family == IpFamily.V6 && V6.IsLoopback;

    /// <summary>Whether all bits of the address are zero.</summary>
    public bool IsAny => _high == 0 && _low == 0;

    /// <summary>The number as IPVS hashes it: the IPv4 address, or the folded words of the IPv6 address.</summary>
    public uint Fold() => Family == IpFamily.V6 ? V6.Fold() : V4.Value;

    /// <summary>0.0.0.0 or ::.</summary>
    public static IpAddress AnyOf(IpFamily family) =>
        family == IpFamily.V6 ? new IpAddress(Ipv6Address.Any) : new IpAddress(Ipv4Address.Any);

    /// <summary>Reads either notation; no brackets, no zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        if (Ipv4Address.TryParse(text, out Ipv4Address v4))
        {
            address = new IpAddress(v4);
            return true;
        }

        if (Ipv6Address.TryParse(text, out Ipv6Address v6))
        {
            address = new IpAddress(v6);
            return true;
        }

        address = default;
        return false;
    }

    /// <summary>As <see cref="TryParse"/>, for text known to be right (constants, tests).</summary>
    /// <exception cref="FormatException">The text is no address.</exception>
    public static IpAddress Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out IpAddress address) ? address : throw new FormatException($"not an IP address: {text}");

    /// <summary>Octets of the address on the wire: 4 or 16.</summary>
    public int Size => Family == IpFamily.V6 ? Ipv6Address.Size : Ipv4Address.Size;

    /// <summary>Writes the address in network order; <paramref name="octets"/> holds at least <see cref="Size"/>.</summary>
    public void Write(Span<byte> octets)
    {
        if (Family == IpFamily.V6) V6.Write(octets);
        else V4.Write(octets);
    }

    /// <summary>IPv4 before IPv6, then by unsigned value.</summary>
    public int CompareTo(IpAddress other)
    {
        int family = Family.CompareTo(other.Family);
        if (family != 0) return family;
        int high = _high.CompareTo(other._high);
        return high != 0 ? high : _low.CompareTo(other._low);
    }

    /// <summary>The usual notation, without brackets.</summary>
    public override string ToString() => Family switch
    {
        IpFamily.V4 => V4.ToString(),
        IpFamily.V6 => V6.ToString(),
        _ => "none",
    };

    /// <summary>Wraps an IPv4 address.</summary>
    public static implicit operator IpAddress(Ipv4Address address) => new(address);

    /// <summary>Wraps an IPv6 address.</summary>
    public static implicit operator IpAddress(Ipv6Address address) => new(address);

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;
}
