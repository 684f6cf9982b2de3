using NetVS.Linux.Netlink;

namespace NetVS.Linux.Vrrp;

/// <summary>Says that links or addresses changed; what changed, the asker reads.</summary>
/// <remarks>Of the network namespace of the thread that opens it. Asking allocates nothing. Thread: the owner's.</remarks>
public sealed class NetworkChanges : IDisposable
{
    private readonly NetlinkSocket _socket = new(isNonBlocking: true);

    /// <summary>Subscribes.</summary>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public NetworkChanges()
    {
        _socket.SetReceiveBuffer(1 << 20);
        _socket.Join(Rtnetlink.RTNLGRP_LINK);
        _socket.Join(Rtnetlink.RTNLGRP_IPV4_IFADDR);
        _socket.Join(Rtnetlink.RTNLGRP_IPV6_IFADDR);
        Descriptor = (int)_socket.Handle.DangerousGetHandle();
    }

    /// <summary>For poll(2).</summary>
    public int Descriptor { get; }

    /// <summary>Whether something changed since the last time.</summary>
    public bool Take()
    {
        bool isChanged = false;
        while (_socket.Receive(out _) != NetlinkSocket.ReceiveResult.Nothing) isChanged = true;
        return isChanged;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
