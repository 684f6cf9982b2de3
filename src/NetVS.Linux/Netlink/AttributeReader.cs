using System.Runtime.InteropServices;

namespace NetVS.Linux.Netlink;

/// <summary>Walks attributes (struct nlattr / rtattr: length, type, value; host byte order, aligned to 4 octets).</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> octets)
{
    private ReadOnlySpan<byte> _rest = octets;

    /// <summary>The next attribute; false at the end, or where a length lies.</summary>
    /// <param name="type">Its type, without the flags NLA_F_*.</param>
    /// <param name="value">Its value, without the padding.</param>
    public bool TryRead(out int type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (_rest.Length < 4) return false;
        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length) return false;
        type = MemoryMarshal.Read<ushort>(_rest[2..]) & Rtnetlink.NLA_TYPE_MASK;
        value = _rest[4..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
