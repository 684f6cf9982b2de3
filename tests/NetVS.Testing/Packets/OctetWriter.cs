using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>Appends big-endian numbers; the plainest way to write a header, so that it can be read beside the RFC.</summary>
internal sealed class OctetWriter
{
    private readonly List<byte> _octets = [];

    public int Length => _octets.Count;

    public OctetWriter U8(int value)
    {
        _octets.Add((byte)value);
        return this;
    }

    public OctetWriter U16(int value) => U8((value >> 8) & 255).U8(value & 255);

    public OctetWriter U32(uint value) => U16((int)(value >> 16)).U16((int)(value & 0xFFFF));

    public OctetWriter Octets(ReadOnlySpan<byte> octets)
    {
        _octets.AddRange(octets);
        return this;
    }

    public OctetWriter Address(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[address.Size];
        address.Write(octets);
        return Octets(octets);
    }

    public OctetWriter Mac(MacAddress address)
    {
        Span<byte> octets = stackalloc byte[MacAddress.Size];
        address.Write(octets);
        return Octets(octets);
    }

    public byte[] ToArray() => [.. _octets];
}
