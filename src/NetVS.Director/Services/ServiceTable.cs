using System.Diagnostics.CodeAnalysis;
using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>What workers know of the rules: an immutable snapshot, replaced as a whole.</summary>
/// <remarks>
/// Threads: built by control, read by any worker without a lock. A worker reads the reference once per packet or batch. Lookups
/// allocate nothing. Besides the services in force it knows what is deleted but still has connections, so that their packets are
/// recognised to the end.
/// </remarks>
internal sealed class ServiceTable
{
    /// <summary>Below this port only the exact service is found, not the FTP one (the kernel's ip_unprivileged_port_start).</summary>
    private const ushort FirstUnprivilegedPort = 1024;
    private const ushort FtpPort = 21;
    private const ushort FtpDataPort = 20;

    private readonly Dictionary<EndpointKey, VirtualServiceState> _byAddress = [];
    private readonly Dictionary<EndpointKey, VirtualServiceState> _byMark = [];
    private readonly HashSet<EndpointKey> _virtualAddresses = [];
    private readonly HashSet<EndpointKey> _reals = [];
    private readonly HashSet<EndpointKey> _realAddresses = [];
    private readonly HashSet<EndpointKey> _natReals = [];
    private readonly HashSet<EndpointKey> _tunnelReals = [];
    private readonly HashSet<EndpointKey> _localAddresses = [];
    private readonly bool _hasFtp;
    private readonly bool _hasPortZero;

    /// <summary>The table of a director without rules.</summary>
    public static ServiceTable Empty { get; } = new(new RuleInventory());

    /// <summary>Builds the snapshot of what there is.</summary>
    public ServiceTable(RuleInventory inventory)
    {
        foreach (VirtualServiceState service in inventory.Services)
        {
            if (service.Key.IsMark) _byMark.Add(new EndpointKey(service.Key.Family, service.Key.Mark), service);
            else _byAddress.Add(EndpointKey.Of(service.Key.Protocol, service.Key.Address, service.Key.Port), service);

            // Mark services have port 0 and make the port-0 lookup happen, as in the kernel (reference §2.1, step 4).
            _hasPortZero |= service.Key.Port == 0;
            _hasFtp |= service.Key.Port == FtpPort;
        }

        foreach (DivertEndpoint endpoint in inventory.Virtuals) _virtualAddresses.Add(EndpointKey.Of(endpoint.Address));
        foreach (DivertEndpoint endpoint in inventory.Reals)
        {
            _reals.Add(EndpointKey.Of(endpoint.Protocol, endpoint.Address, endpoint.Port));
            _realAddresses.Add(EndpointKey.Of(endpoint.Address));
        }

        foreach (DivertEndpoint endpoint in inventory.NatReals) _natReals.Add(EndpointKey.Of(endpoint.Protocol, endpoint.Address, endpoint.Port));
        foreach (IpAddress address in inventory.TunnelReals) _tunnelReals.Add(EndpointKey.Of(address));
        foreach (IpAddress address in inventory.LocalAddresses) _localAddresses.Add(EndpointKey.Of(address));
    }

    /// <summary>Finds the service a packet is for, in the order of reference §2.1.</summary>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="address">The address the packet is sent to.</param>
    /// <param name="port">The port it is sent to, host order.</param>
    /// <param name="mark">Its firewall mark; 0 for none.</param>
    /// <param name="service">The service; its port may differ from <paramref name="port"/> (FTP and port-0 services).</param>
    public bool TryFind(IpProtocol protocol, in IpAddress address, ushort port, uint mark, [MaybeNullWhen(false)] out VirtualServiceState service) =>
        address.Family == IpFamily.V6
            ? TryFind(protocol, address.V6, port, mark, out service)
            : TryFind(protocol, address.V4, port, mark, out service);

    /// <inheritdoc cref="TryFind(IpProtocol, in IpAddress, ushort, uint, out VirtualServiceState)"/>
    public bool TryFind(IpProtocol protocol, Ipv4Address address, ushort port, uint mark, [MaybeNullWhen(false)] out VirtualServiceState service)
    {
        if (mark != 0 && _byMark.TryGetValue(new EndpointKey(IpFamily.V4, mark), out service)) return true;
        if (_byAddress.TryGetValue(new EndpointKey(protocol, address, port), out service)) return true;
        if (MayBeFtp(protocol, port) && _byAddress.TryGetValue(new EndpointKey(protocol, address, FtpPort), out service)) return true;
        return _hasPortZero && _byAddress.TryGetValue(new EndpointKey(protocol, address, 0), out service);
    }

    /// <inheritdoc cref="TryFind(IpProtocol, in IpAddress, ushort, uint, out VirtualServiceState)"/>
    public bool TryFind(IpProtocol protocol, Ipv6Address address, ushort port, uint mark, [MaybeNullWhen(false)] out VirtualServiceState service)
    {
        if (mark != 0 && _byMark.TryGetValue(new EndpointKey(IpFamily.V6, mark), out service)) return true;
        if (_byAddress.TryGetValue(new EndpointKey(protocol, address, port), out service)) return true;
        if (MayBeFtp(protocol, port) && _byAddress.TryGetValue(new EndpointKey(protocol, address, FtpPort), out service)) return true;
        return _hasPortZero && _byAddress.TryGetValue(new EndpointKey(protocol, address, 0), out service);
    }

    /// <summary>Whether this is the VIP of a service, or of one that is deleted but still has connections.</summary>
    public bool IsVirtualAddress(in IpAddress address) => _virtualAddresses.Contains(EndpointKey.Of(in address));

    /// <inheritdoc cref="IsVirtualAddress(in IpAddress)"/>
    public bool IsVirtualAddress(Ipv4Address address) => _virtualAddresses.Contains(new EndpointKey(default, address, 0));

    /// <inheritdoc cref="IsVirtualAddress(in IpAddress)"/>
    public bool IsVirtualAddress(Ipv6Address address) => _virtualAddresses.Contains(new EndpointKey(default, address, 0));

    /// <summary>Whether packets from here may be replies to rewrite: a NAT or FULLNAT real server, or one that still has such connections.</summary>
    public bool IsReal(IpProtocol protocol, in IpAddress address, ushort port) =>
        _reals.Contains(EndpointKey.Of(protocol, in address, port)) || _reals.Contains(EndpointKey.Of(protocol, in address, 0));

    /// <inheritdoc cref="IsReal(IpProtocol, in IpAddress, ushort)"/>
    public bool IsReal(IpProtocol protocol, Ipv4Address address, ushort port) =>
        _reals.Contains(new EndpointKey(protocol, address, port)) || _reals.Contains(new EndpointKey(protocol, address, 0));

    /// <inheritdoc cref="IsReal(IpProtocol, in IpAddress, ushort)"/>
    public bool IsReal(IpProtocol protocol, Ipv6Address address, ushort port) =>
        _reals.Contains(new EndpointKey(protocol, address, port)) || _reals.Contains(new EndpointKey(protocol, address, 0));

    /// <summary>As <see cref="IsReal(IpProtocol, in IpAddress, ushort)"/>, on any protocol and port: for fragments and ICMP.</summary>
    public bool IsRealAddress(in IpAddress address) => _realAddresses.Contains(EndpointKey.Of(in address));

    /// <inheritdoc cref="IsRealAddress(in IpAddress)"/>
    public bool IsRealAddress(Ipv4Address address) => _realAddresses.Contains(new EndpointKey(default, address, 0));

    /// <inheritdoc cref="IsRealAddress(in IpAddress)"/>
    public bool IsRealAddress(Ipv6Address address) => _realAddresses.Contains(new EndpointKey(default, address, 0));

    /// <summary>
    /// Whether this is a NAT destination in force, by the port it was added with: what <c>nat_icmp_send</c> asks
    /// (reference §2.4, the real-server table).
    /// </summary>
    public bool IsNatDestination(IpProtocol protocol, in IpAddress address, ushort port) =>
        _natReals.Contains(EndpointKey.Of(protocol, in address, port));

    /// <summary>Whether this is a TUN real server, or one that still has tunnelled connections.</summary>
    public bool IsTunnelReal(in IpAddress address) => _tunnelReals.Contains(EndpointKey.Of(in address));

    /// <inheritdoc cref="IsTunnelReal(in IpAddress)"/>
    public bool IsTunnelReal(Ipv4Address address) => _tunnelReals.Contains(new EndpointKey(default, address, 0));

    /// <inheritdoc cref="IsTunnelReal(in IpAddress)"/>
    public bool IsTunnelReal(Ipv6Address address) => _tunnelReals.Contains(new EndpointKey(default, address, 0));

    /// <summary>Whether this is a FULLNAT local address of a service, or one that connections still use.</summary>
    public bool IsLocalAddress(in IpAddress address) => _localAddresses.Contains(EndpointKey.Of(in address));

    /// <inheritdoc cref="IsLocalAddress(in IpAddress)"/>
    public bool IsLocalAddress(Ipv4Address address) => _localAddresses.Contains(new EndpointKey(default, address, 0));

    /// <inheritdoc cref="IsLocalAddress(in IpAddress)"/>
    public bool IsLocalAddress(Ipv6Address address) => _localAddresses.Contains(new EndpointKey(default, address, 0));

    private bool MayBeFtp(IpProtocol protocol, ushort port) =>
        _hasFtp && protocol == IpProtocol.Tcp && (port == FtpDataPort || port >= FirstUnprivilegedPort);
}
