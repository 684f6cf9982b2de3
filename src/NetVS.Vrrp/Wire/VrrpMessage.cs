// RFC 3768 §5.1 (version 2), RFC 9568 §5.2 (version 3).
using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Vrrp.Wire;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+---------------+---------------+---------------+
//   |Version|  Type | Virtual Rtr ID|   Priority    | Count IP Addrs|
//   +-------+-------+---------------+---------------+---------------+
//   |   Auth Type   |   Advert Int  |           Checksum            |   version 2: seconds
//   +-------+-------+---------------+-------------------------------+
//   | (rsv) |    Max Advert Int     |           Checksum            |   version 3: hundredths of a second
//   +-------+-----------------------+-------------------------------+
//   |                        addresses                              |   4 or 16 octets each
//   +---------------------------------------------------------------+
//   |              authentication data, 8 octets                    |   version 2 only, always there
//   +---------------------------------------------------------------+

/// <summary>Reads the fields of a VRRP message, versions 2 and 3; lengths were checked by who made the span.</summary>
public readonly ref struct VrrpMessage(ReadOnlySpan<byte> octets)
{
    /// <summary>Octets before the addresses.</summary>
    public const int HeaderSize = 8;

    /// <summary>Octets of version 2's authentication data.</summary>
    public const int AuthenticationSize = 8;

    /// <summary>The only type: ADVERTISEMENT.</summary>
    public const int Advertisement = 1;

    /// <summary>Where the checksum stands.</summary>
    public const int ChecksumOffset = 6;

    private readonly ReadOnlySpan<byte> _octets = octets;

    /// <summary>The protocol's version.</summary>
    public int Version => _octets[0] >> 4;

    /// <summary>The type.</summary>
    public int Type => _octets[0] & 15;

    /// <summary>The virtual router id.</summary>
    public byte RouterId => _octets[1];

    /// <summary>The sender's priority; 0: it stops being master.</summary>
    public byte Priority => _octets[2];

    /// <summary>How many addresses follow.</summary>
    public int AddressCount => _octets[3];

    /// <summary>Version 2: the kind of authentication.</summary>
    public byte AuthenticationType => _octets[4];

    /// <summary>The sender's interval, by the version's unit.</summary>
    public TimeSpan Interval => Version == 2
        ? TimeSpan.FromSeconds(_octets[5])
        : TimeSpan.FromMilliseconds(10 * (BinaryPrimitives.ReadUInt16BigEndian(_octets[4..]) & 0x0FFF));

    /// <summary>The checksum as it stands there.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_octets[ChecksumOffset..]);

    /// <summary>Version 2: the authentication data, the last eight octets.</summary>
    public ReadOnlySpan<byte> AuthenticationData => _octets[^AuthenticationSize..];

    /// <summary>One address.</summary>
    /// <param name="index">Below <see cref="AddressCount"/>.</param>
    /// <param name="family">The family of the packet that carries the message.</param>
    public IpAddress Address(int index, IpFamily family) => family == IpFamily.V6
        ? Ipv6Address.Read(_octets[(HeaderSize + (index * Ipv6Address.Size))..])
        : Ipv4Address.Read(_octets[(HeaderSize + (index * Ipv4Address.Size))..]);

    /// <summary>Octets of a message with so many addresses.</summary>
    public static int Size(int version, IpFamily family, int addresses) =>
        HeaderSize + (addresses * (family == IpFamily.V6 ? Ipv6Address.Size : Ipv4Address.Size)) + (version == 2 ? AuthenticationSize : 0);
}
