using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>Builds requests: messages, their fixed part, attributes, nested attributes.</summary>
internal sealed class NetlinkWriter
{
    private byte[] _buffer = new byte[512];
    private int _message;

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Octets => _buffer.AsSpan(0, Length);

    /// <summary>Forgets everything.</summary>
    public void Clear() => Length = 0;

    /// <summary>Begins a message; several may follow one another.</summary>
    public NetlinkWriter Begin(ushort type, ushort flags, uint sequence)
    {
        Align();
        _message = Length;
        return U32(0).U16(type).U16((ushort)(flags | Rtnetlink.NLM_F_REQUEST)).U32(sequence).U32(0);
    }

    /// <summary>Ends the message: its length is known now.</summary>
    public NetlinkWriter End()
    {
        MemoryMarshal.Write(_buffer.AsSpan(_message), Length - _message);
        Align();
        return this;
    }

    /// <summary>One octet of the fixed part.</summary>
    public NetlinkWriter U8(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    /// <summary>Two octets, host order.</summary>
    public NetlinkWriter U16(ushort value)
    {
        MemoryMarshal.Write(Reserve(2), value);
        return this;
    }

    /// <summary>Four octets, host order.</summary>
    public NetlinkWriter U32(uint value)
    {
        MemoryMarshal.Write(Reserve(4), value);
        return this;
    }

    /// <summary>An attribute with a 32-bit value.</summary>
    public NetlinkWriter Attribute(int type, uint value) => AttributeHeader(type, 4).U32(value);

    /// <summary>An attribute with a 32-bit value in network order, as nfnetlink wants its numbers.</summary>
    public NetlinkWriter AttributeBigEndian(int type, uint value) => Attribute(type, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>An attribute with a 16-bit value.</summary>
    public NetlinkWriter Attribute16(int type, ushort value)
    {
        AttributeHeader(type, 2).U16(value);
        Align();
        return this;
    }

    /// <summary>An attribute with an 8-bit value.</summary>
    public NetlinkWriter Attribute8(int type, byte value)
    {
        AttributeHeader(type, 1).U8(value);
        Align();
        return this;
    }

    /// <summary>An attribute with an address in network order.</summary>
    public NetlinkWriter Attribute(int type, IpAddress value)
    {
        AttributeHeader(type, value.Size);
        value.Write(Reserve(value.Size));
        return this;
    }

    /// <summary>An attribute with a MAC address.</summary>
    public NetlinkWriter Attribute(int type, MacAddress value)
    {
        AttributeHeader(type, MacAddress.Size);
        value.Write(Reserve(MacAddress.Size));
        Align();
        return this;
    }

    /// <summary>An attribute with text and its terminating zero.</summary>
    public NetlinkWriter Attribute(int type, string value)
    {
        int size = Encoding.UTF8.GetByteCount(value);
        AttributeHeader(type, size + 1);
        Encoding.UTF8.GetBytes(value, Reserve(size));
        U8(0);
        Align();
        return this;
    }

    /// <summary>An attribute with octets.</summary>
    public NetlinkWriter Attribute(int type, ReadOnlySpan<byte> value)
    {
        AttributeHeader(type, value.Length);
        value.CopyTo(Reserve(value.Length));
        Align();
        return this;
    }

    /// <summary>Begins an attribute that holds attributes.</summary>
    /// <returns>What <see cref="EndNested"/> wants.</returns>
    public int BeginNested(int type)
    {
        Align();
        int start = Length;
        AttributeHeader(type | Rtnetlink.NLA_F_NESTED, 0);
        return start;
    }

    /// <summary>Ends it.</summary>
    public void EndNested(int start) => MemoryMarshal.Write(_buffer.AsSpan(start), (ushort)(Length - start));

    /// <summary>Begins a structure that knows its own length in its first two octets, as struct rtnexthop.</summary>
    /// <returns>What <see cref="EndNested"/> wants.</returns>
    public int BeginSized()
    {
        Align();
        int start = Length;
        U16(0);
        return start;
    }

    private NetlinkWriter AttributeHeader(int type, int length)
    {
        Align();
        return U16((ushort)(length + 4)).U16((ushort)type);
    }

    private void Align()
    {
        int padding = -Length & 3;
        if (padding > 0) Reserve(padding).Clear();
    }

    private Span<byte> Reserve(int size)
    {
        if (Length + size > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + size));
        Span<byte> reserved = _buffer.AsSpan(Length, size);
        Length += size;
        return reserved;
    }
}
