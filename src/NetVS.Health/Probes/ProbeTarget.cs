using System.Net;
using System.Net.Sockets;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Health.Probes;

/// <summary>Whom a network check asks, and from where: address, port, source address, interface, mark, patience (reference §5.4).</summary>
internal sealed class ProbeTarget
{
    // Linux: include/uapi/asm-generic/socket.h.
    private const int SOL_SOCKET = 1, SO_BINDTODEVICE = 25, SO_MARK = 36, IPPROTO_TCP = 6, TCP_MAXSEG = 2;

    // Every path has room for it and the headers of any tunnel: the kernel does not know that there will be one.
    private const int TunnelledSegment = 1200;

    private readonly IPEndPoint? _source;
    private readonly CheckOptions _options;
    private readonly UserPath? _path;
    private readonly IUserPaths? _paths;

    /// <summary>Takes a check's options, and its real server's where they say nothing.</summary>
    public ProbeTarget(CheckOptions options, IpEndpoint real, TimeSpan patience, UserPath? path = null, IUserPaths? paths = null)
    {
        _options = options;
        (_path, _paths) = (path, paths);
        Address = options.Address.IsNone ? real.Address : options.Address;
        Port = options.Port ?? real.Port;
        Patience = patience;
        EndPoint = new IPEndPoint(ToAddress(Address), Port);
        if (!options.BindAddress.IsNone || options.BindPort is not null)
            _source = new IPEndPoint(ToAddress(options.BindAddress.IsNone ? IpAddress.AnyOf(Address.Family) : options.BindAddress), options.BindPort ?? 0);
    }

    /// <summary>The address.</summary>
    public IpAddress Address { get; }

    /// <summary>The port, host order.</summary>
    public ushort Port { get; }

    /// <summary>Both.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Address and port as text: a host's name for lack of another.</summary>
    public string Authority => new IpEndpoint(Address, Port).ToString();

    /// <summary>For connecting, and for each answer.</summary>
    public TimeSpan Patience { get; }

    /// <summary>The source address, where one is configured.</summary>
    public IPEndPoint? Source => _source;

    /// <summary>The interface it leaves by, or null.</summary>
    public string? Interface => _options.BindInterface;

    /// <summary>The firewall mark; 0 for none.</summary>
    public uint Mark => _path is not null && _paths!.TryFindMark(_path, out uint mark, out _) ? mark : _options.Mark;

    /// <summary>For status and log: who is asked, and which way.</summary>
    public override string ToString() => $"{Authority}{(_path is null ? "" : $" ({_path})")}";

    /// <summary>Makes a socket bound as the check says.</summary>
    /// <exception cref="SocketException">This host cannot: nothing is said about the server.</exception>
    public Socket Open(SocketType type, ProtocolType protocol, bool bindsPort = true)
    {
        var socket = new Socket(EndPoint.AddressFamily, type, protocol);
        try
        {
            if (Mark is not 0 and uint mark) socket.SetRawSocketOption(SOL_SOCKET, SO_MARK, BitConverter.GetBytes(mark));
            if (_path?.Tunnel is not null && type == SocketType.Stream) socket.SetRawSocketOption(IPPROTO_TCP, TCP_MAXSEG, BitConverter.GetBytes(TunnelledSegment));
            if (_options.BindInterface is { } name) socket.SetRawSocketOption(SOL_SOCKET, SO_BINDTODEVICE, Encoding.ASCII.GetBytes(name + '\0'));
            if (_source is null) return socket;
            if (_source.Port != 0) socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(bindsPort ? _source : new IPEndPoint(_source.Address, 0));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What an error says: about the server (reference §6.2), or about this host.</summary>
    public static ProbeResult Judge(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.ConnectionRefused or SocketError.HostDown or SocketError.NetworkDown
            or SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.TimedOut or SocketError.Shutdown
            => ProbeResult.Failure(Describe(error)),
        _ => ProbeResult.LocalProblem(Describe(error)),
    };

    /// <summary>An address of the framework's.</summary>
    public static IPAddress ToAddress(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[address.Size];
        address.Write(octets);
        return new IPAddress(octets);
    }

    /// <summary>A short sentence for an error.</summary>
    public static string Describe(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset",
        SocketError.HostUnreachable => "no route to the host",
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.TimedOut => "timed out",
        SocketError.AddressNotAvailable => "the source address is not there (bindto)",
        SocketError.AddressAlreadyInUse => "the source port is in use (bind_port)",
        SocketError.TooManyOpenSockets => "too many open files",
        SocketError code => $"{error.Message.ToLowerInvariant()} ({code})",
    };
}
