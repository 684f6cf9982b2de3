namespace NetVS.Packets;

/// <summary>An address and a port; port in host order.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port, host order; 0 where a port has no meaning.</param>
public readonly record struct IpEndpoint(IpAddress Address, ushort Port) : IComparable<IpEndpoint>
{
    /// <summary>By address, then port, unsigned.</summary>
    public int CompareTo(IpEndpoint other)
    {
        int address = Address.CompareTo(other.Address);
        return address != 0 ? address : Port.CompareTo(other.Port);
    }

    /// <summary>As ipvsadm prints it: 192.0.2.1:80 or [2001:db8::1]:80.</summary>
    public override string ToString() =>
        Address.Family == IpFamily.V6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator <(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) < 0;

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator >(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) > 0;

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator <=(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) <= 0;

    /// <summary>The order of <see cref="CompareTo"/>.</summary>
    public static bool operator >=(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) >= 0;
}
