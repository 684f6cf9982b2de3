using System.Runtime.InteropServices;
using NetVS.Linux.Vrrp;

namespace NetVS.Linux.Native;

/// <summary>Walks the control messages of a received message (cmsg(3)).</summary>
internal unsafe ref struct ControlReader(ReadOnlySpan<byte> control)
{
    private ReadOnlySpan<byte> _rest = control;

    /// <summary>Reads the next one.</summary>
    /// <returns>False at the end, and where one does not fit what is left.</returns>
    public bool TryRead(out int level, out int type, out ReadOnlySpan<byte> data)
    {
        level = type = 0;
        data = default;
        int header = sizeof(VrrpAbi.cmsghdr);
        if (_rest.Length < header) return false;
        VrrpAbi.cmsghdr message = MemoryMarshal.Read<VrrpAbi.cmsghdr>(_rest);
        int length = (int)message.cmsg_len;
        if (length < header || length > _rest.Length) return false;
        (level, type) = (message.cmsg_level, message.cmsg_type);
        data = _rest[header..length];
        _rest = _rest[Math.Min((length + 7) & ~7, _rest.Length)..];
        return true;
    }
}
