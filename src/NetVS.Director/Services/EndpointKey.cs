using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>A protocol, an address of either family and a port as one small value, for lookups by packets.</summary>
/// <remarks>Byte order: host. Protocol 0 and port 0 stand for "no matter which" where a set is about addresses alone.</remarks>
internal readonly struct EndpointKey : IEquatable<EndpointKey>
{
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ulong _rest;

    /// <summary>An IPv4 endpoint.</summary>
    public EndpointKey(IpProtocol protocol, Ipv4Address address, ushort port)
    {
        _low = address.Value;
        _rest = ((ulong)IpFamily.V4 << 32) | ((ulong)protocol << 16) | port;
    }

    /// <summary>An IPv6 endpoint.</summary>
    public EndpointKey(IpProtocol protocol, Ipv6Address address, ushort port)
    {
        (_high, _low) = address;
        _rest = ((ulong)IpFamily.V6 << 32) | ((ulong)protocol << 16) | port;
    }

    /// <summary>A firewall mark of one family.</summary>
    public EndpointKey(IpFamily family, uint mark)
    {
        _low = mark;
        _rest = (ulong)family << 32;
    }

    /// <summary>An endpoint of either family.</summary>
    public static EndpointKey Of(IpProtocol protocol, in IpAddress address, ushort port) =>
        address.Family == IpFamily.V6 ? new(protocol, address.V6, port) : new(protocol, address.V4, port);

    /// <summary>An address alone.</summary>
    public static EndpointKey Of(in IpAddress address) => Of(default, in address, 0);

    /// <inheritdoc/>
    public bool Equals(EndpointKey other) => _low == other._low && _rest == other._rest && _high == other._high;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EndpointKey other && Equals(other);

    /// <summary>Mixes all bits: the keys in a table are the operator's, so nobody outside chooses who collides.</summary>
    public override int GetHashCode()
    {
        unchecked
        {
            ulong mixed = (_high * 0x9E37_79B9_7F4A_7C15) ^ (_low * 0xC2B2_AE3D_27D4_EB4F) ^ (_rest * 0x1656_67B1_9E37_79F9);
            mixed ^= mixed >> 32;
            return (int)((mixed * 0x9E37_79B9_7F4A_7C15) >> 32);
        }
    }
}
