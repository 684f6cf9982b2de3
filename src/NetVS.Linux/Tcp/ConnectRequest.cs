using System.Net.Sockets;

namespace NetVS.Linux.Tcp;

/// <summary>A connection that is to be tried: to whom, from where, how long.</summary>
public sealed record ConnectRequest
{
    /// <summary>To whom: a struct sockaddr_in or sockaddr_in6.</summary>
    public required ReadOnlyMemory<byte> Target { get; init; }

    /// <summary>From where; empty for what the kernel chooses.</summary>
    public ReadOnlyMemory<byte> Source { get; init; }

    /// <summary>Whether the source's port may be in use by a connection that has just ended.</summary>
    public bool ReusesPort { get; init; }

    /// <summary>The interface it leaves by, or null.</summary>
    public string? Interface { get; init; }

    /// <summary>The firewall mark of its packets; 0 for none.</summary>
    public uint Mark { get; init; }

    /// <summary>How long it may take.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Takes the end of it, once: success, or why not; <see cref="SocketError.TimedOut"/> when the time was over. On the connector's thread: must not wait long.</summary>
    public required Action<SocketError> Completed { get; init; }
}
