using System.Net.Sockets;

namespace NetVS.Api.Server;

/// <summary>The daemon's unix socket: one daemon per path, for root only.</summary>
/// <remarks>
/// A lock file beside the socket is held as long as the daemon lives, so that two daemons that start at the same moment cannot
/// both think the other one's socket stale. The directory is made with mode 0755, the socket gets mode 0600 before it listens.
/// </remarks>
public sealed class ControlSocket : IDisposable
{
    private readonly FileStream _lock;

    private ControlSocket(string path, FileStream held, Socket socket)
    {
        Path = path;
        _lock = held;
        Socket = socket;
    }

    /// <summary>Where the daemon is reached when nothing else is said.</summary>
    public static string DefaultPath => Environment.GetEnvironmentVariable("NETVS_SOCKET") is { Length: > 0 } path ? path : "/run/netvs/netvs.sock";

    /// <summary>The socket's path.</summary>
    public string Path { get; }

    /// <summary>Bound, not yet listening.</summary>
    internal Socket Socket { get; }

    /// <summary>Takes the path: replaces what a dead daemon left, refuses what is alive or no socket.</summary>
    /// <exception cref="ControlSocketException">The path cannot be taken; the message says why and what to do.</exception>
    public static ControlSocket Take(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            string directory = System.IO.Path.GetDirectoryName(full)!;
            if (!Directory.Exists(directory))
            {
                const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                    | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
                Directory.CreateDirectory(directory, readable);
            }

            held = Lock(full);
            if (File.Exists(full)) Replace(full);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(full));
            File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return new ControlSocket(full, held, socket);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            held?.Dispose();
            throw new ControlSocketException($"the control socket {full} cannot be made: {e.Message}: name another with --socket", e);
        }
        catch (ControlSocketException)
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Removes socket and lock file.</summary>
    public void Dispose()
    {
        Socket.Dispose();
        File.Delete(Path);
        File.Delete(_lock.Name);
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw AlreadyRunning(path, e);
        }
    }

    private static void Replace(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e)
        {
            throw new ControlSocketException($"{path} exists and is no socket: remove it, or name another path with --socket", e);
        }

        throw AlreadyRunning(path, null);
    }

    // A socket cannot be opened (ENXIO); connecting to a plain file is refused just as connecting to a dead socket is.
    private static bool IsSocket(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static ControlSocketException AlreadyRunning(string path, Exception? cause) =>
        new($"a NetVS daemon is already running on {path}: stop it with 'netvs stop', or name another socket with --socket", cause);
}
