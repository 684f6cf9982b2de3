using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetVS.Linux.Native;

namespace NetVS.Linux.Divert;

/// <summary>Says to other directors in this network namespace that an interface is taken; goes with the process, however it ends.</summary>
/// <remarks>
/// An abstract unix socket: its name exists once per network namespace and as long as a descriptor of it is open, so nothing is left behind by
/// a killed process. It is listened on only so that another director can ask the kernel who holds it (unix(7), SO_PEERCRED).
/// </remarks>
internal sealed class InterfaceLock : IDisposable
{
    // Nobody accepts: whoever was refused stays in the queue. Past its end the owner is no longer named, and nobody waits for that.
    private const int Backlog = 4096;

    private readonly Socket _socket;

    private InterfaceLock(Socket socket) => _socket = socket;

    /// <summary>Takes an interface.</summary>
    /// <exception cref="KernelCallException">Another director has it.</exception>
    public static InterfaceLock Take(int interfaceIndex, string interfaceName)
    {
        var name = new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0netvs/director/{interfaceIndex}"));
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(name);
            socket.Listen(Backlog);
            return new InterfaceLock(socket);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new KernelCallException(
                "bind", Errno.EADDRINUSE, interfaceName,
                $"another NetVS director{DescribeOwner(name)} has this interface: stop it, or give each director its own with -i");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Gives the interface up.</summary>
    public void Dispose() => _socket.Dispose();

    private static string DescribeOwner(UnixDomainSocketEndPoint name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A blocking connect would wait for ever for room in the queue.
            socket.Blocking = false;
            socket.Connect(name);
            Span<byte> credentials = stackalloc byte[12];
            socket.GetRawSocketOption(LibC.SOL_SOCKET, LibC.SO_PEERCRED, credentials);
            return $" (process {MemoryMarshal.Read<int>(credentials)})";
        }
        catch (SocketException)
        {
            return "";
        }
    }
}
