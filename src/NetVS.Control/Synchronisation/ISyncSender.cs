using System.Net.Sockets;

namespace NetVS.Control.Synchronisation;

/// <summary>Sends a datagram without waiting.</summary>
internal interface ISyncSender
{
    /// <summary>Sends it whole, or says why not.</summary>
    SocketError Send(ReadOnlySpan<byte> message);
}
