using System.Runtime.InteropServices;
using NetVS.Linux.Vrrp;

namespace NetVS.Linux.Native;

/// <summary>recvmsg(2) of one message with its sender and its control messages, which .NET's Socket does not give. Allocates nothing.</summary>
internal static unsafe class SocketMessage
{
    /// <summary>Octets of room for control messages.</summary>
    public const int ControlOctets = 128;

    /// <summary>Takes one message, if there is one.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">What does not fit is cut.</param>
    /// <param name="control"><see cref="ControlOctets"/> of the caller's.</param>
    /// <param name="source">The sender; IPv4: the beginning of a sockaddr_in.</param>
    /// <param name="messages">The control messages; borrowed from <paramref name="control"/>.</param>
    /// <returns>The message's length; negative when nothing waits, or the socket's interface is gone.</returns>
    public static int Receive(int descriptor, Span<byte> buffer, byte* control, out VrrpAbi.sockaddr_in6 source, out ControlReader messages)
    {
        VrrpAbi.sockaddr_in6 sender = default;
        LibC.msghdr message = default;
        nint length;
        fixed (byte* octets = buffer)
        {
            LibC.iovec part = new() { iov_base = octets, iov_len = (nuint)buffer.Length };
            message.msg_name = &sender;
            message.msg_namelen = (uint)sizeof(VrrpAbi.sockaddr_in6);
            message.msg_iov = &part;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = ControlOctets;
            do length = LibC.recvmsg(descriptor, &message, LibC.MSG_DONTWAIT);
            while (length < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        }

        source = sender;
        messages = length < 0 ? default : new ControlReader(new ReadOnlySpan<byte>(control, (int)message.msg_controllen));
        return (int)length;
    }
}
