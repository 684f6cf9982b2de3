using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>Reads big-endian numbers at offsets of a copy; nothing shared with the code under test.</summary>
internal sealed class OctetReader(byte[] octets)
{
    public byte[] Octets { get; } = octets;

    public int Length => Octets.Length;

    public byte U8(int at) => Octets[at];

    public int U16(int at) => (Octets[at] << 8) | Octets[at + 1];

    public uint U32(int at) => ((uint)U16(at) << 16) | (uint)U16(at + 2);

    public IpAddress V4(int at) => new(Ipv4Address.Read(Octets.AsSpan(at, 4)));

    public IpAddress V6(int at) => new(Ipv6Address.Read(Octets.AsSpan(at, 16)));

    public string Mac(int at) => MacAddress.Read(Octets.AsSpan(at, 6)).ToString();

    public OctetReader From(int at) => new(Octets[at..]);

    public OctetReader First(int length) => new(Octets[..length]);
}
