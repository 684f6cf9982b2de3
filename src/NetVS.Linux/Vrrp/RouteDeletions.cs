using NetVS.Linux.Netlink;

namespace NetVS.Linux.Vrrp;

/// <summary>Says which routes and policy rules with keepalived's protocol number were deleted, by whomever.</summary>
/// <remarks>Silent until <see cref="Listen"/>. Of the network namespace of the thread that opens it. Thread: the owner's.</remarks>
public sealed class RouteDeletions : IDisposable
{
    private readonly NetlinkSocket _socket = new(isNonBlocking: true);
    private bool _isListening;

    /// <summary>Opens the socket.</summary>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public RouteDeletions() => Descriptor = (int)_socket.Handle.DangerousGetHandle();

    /// <summary>For poll(2).</summary>
    public int Descriptor { get; }

    /// <summary>Begins to listen, for good: a host with many routes tells much that nobody here needs.</summary>
    public void Listen()
    {
        if (_isListening) return;
        _isListening = true;
        _socket.SetReceiveBuffer(1 << 20);
        _socket.Join(Rtnetlink.RTNLGRP_IPV4_ROUTE);
        _socket.Join(Rtnetlink.RTNLGRP_IPV6_ROUTE);
        _socket.Join(Rtnetlink.RTNLGRP_IPV4_RULE);
        _socket.Join(Rtnetlink.RTNLGRP_IPV6_RULE);
    }

    /// <summary>Adds what was deleted since the last time.</summary>
    /// <returns>False when something was lost because too much came at once: anything may have been deleted.</returns>
    public bool Take(List<RouteKey> deletions)
    {
        ArgumentNullException.ThrowIfNull(deletions);
        bool isWhole = true;
        while (true)
        {
            NetlinkSocket.ReceiveResult result = _socket.Receive(out ReadOnlySpan<byte> octets);
            if (result == NetlinkSocket.ReceiveResult.Nothing) return isWhole;
            isWhole &= result == NetlinkSocket.ReceiveResult.Received;
            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Type is Rtnetlink.RTM_DELROUTE or Rtnetlink.RTM_DELRULE && RouteKey.TryReadOwn(message.Payload, message.Type == Rtnetlink.RTM_DELRULE, out RouteKey deletion))
                    deletions.Add(deletion);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
