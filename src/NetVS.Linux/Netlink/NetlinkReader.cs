using System.Runtime.InteropServices;

namespace NetVS.Linux.Netlink;

/// <summary>Walks the messages of one datagram (netlink(7): struct nlmsghdr; host byte order, aligned to 4 octets).</summary>
internal ref struct NetlinkReader(ReadOnlySpan<byte> octets)
{
    private ReadOnlySpan<byte> _rest = octets;

    /// <summary>The next message; false at the end, or where a length lies.</summary>
    public bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.Length < Rtnetlink.NLMSG_HDRLEN) return false;
        uint length = MemoryMarshal.Read<uint>(_rest);
        if (length < Rtnetlink.NLMSG_HDRLEN || length > _rest.Length) return false;
        message = new NetlinkMessage(
            MemoryMarshal.Read<ushort>(_rest[4..]),
            MemoryMarshal.Read<ushort>(_rest[6..]),
            MemoryMarshal.Read<uint>(_rest[8..]),
            _rest[Rtnetlink.NLMSG_HDRLEN..(int)length]);
        _rest = _rest[Math.Min(((int)length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
