using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetVS.Linux.Host;
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

    private const int Nobody = 0, Unknown = -1;

    // An interface that this process gave up may be held by a child of it that is becoming its program, for some milliseconds.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1), s_retry = TimeSpan.FromMilliseconds(5);
    private static readonly ConcurrentDictionary<(ulong Namespace, int Interface), bool> s_held = [];

    private readonly Socket _socket;
    private readonly (ulong, int) _key;

    private InterfaceLock(Socket socket, (ulong, int) key) => (_socket, _key) = (socket, key);

    /// <summary>Takes an interface.</summary>
    /// <exception cref="KernelCallException">Another director has it.</exception>
    public static InterfaceLock Take(int interfaceIndex, string interfaceName)
    {
        var name = new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0netvs/director/{interfaceIndex}"));
        (ulong, int) key = (NetworkNamespace.CurrentInode(), interfaceIndex);
        for (TimeSpan waited = TimeSpan.Zero; ; waited += s_retry)
        {
            if (TryListen(name) is { } socket)
            {
                s_held[key] = true;
                return new InterfaceLock(socket, key);
            }

            int owner = FindOwner(name);
            bool mayPass = owner == Nobody || (owner == Environment.ProcessId && !s_held.ContainsKey(key));
            if (!mayPass || waited >= s_patience)
            {
                throw new KernelCallException(
                    "bind", Errno.EADDRINUSE, interfaceName,
                    $"another NetVS director{(owner > 0 ? $" (process {owner})" : "")} has this interface: stop it, or give each director its own with -i");
            }

            Thread.Sleep(s_retry);
        }
    }

    /// <summary>Gives the interface up.</summary>
    public void Dispose()
    {
        s_held.TryRemove(_key, out _);
        _socket.Dispose();
    }

    private static Socket? TryListen(UnixDomainSocketEndPoint name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(name);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The process that listens; Nobody: it went, or does not listen yet; Unknown: too many have asked.
    private static int FindOwner(UnixDomainSocketEndPoint name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // A blocking connect would wait for ever for room in the queue.
            socket.Blocking = false;
            socket.Connect(name);
            Span<byte> credentials = stackalloc byte[12];
            socket.GetRawSocketOption(LibC.SOL_SOCKET, LibC.SO_PEERCRED, credentials);
            return MemoryMarshal.Read<int>(credentials);
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode == SocketError.ConnectionRefused ? Nobody : Unknown;
        }
    }
}
