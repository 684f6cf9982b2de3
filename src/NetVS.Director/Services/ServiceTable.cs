using System.Diagnostics.CodeAnalysis;
using NetVS.Director.Marks;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>What workers know of the rules: an immutable snapshot, replaced as a whole.</summary>
/// <remarks>
/// Threads: built by control, read by any worker without a lock. A worker reads the reference once per packet or batch. Lookups
/// allocate nothing. Besides the services in force it knows what is deleted but still has connections, so that their packets are
/// recognised to the end.
/// </remarks>
internal sealed record ServiceTable
{
    /// <summary>Below this port only the exact service is found, not the FTP one (the kernel's ip_unprivileged_port_start).</summary>
    private const ushort FirstUnprivilegedPort = 1024;

    /// <summary>The port of FTP's control connections (RFC 959).</summary>
    public const ushort FtpPort = 21;

    /// <summary>The port a server's active data connections come from.</summary>
    public const ushort FtpDataPort = 20;

    /// <summary>The table of a director without rules.</summary>
    public static ServiceTable Empty { get; } = new();

    /// <summary>Virtual addresses, those of deleted services with connections included.</summary>
    public SnapshotMap<Nothing> VirtualAddresses { get; init; } = SnapshotMap<Nothing>.Empty;

    /// <summary>Real servers whose replies are rewritten, by protocol, address and port.</summary>
    public SnapshotMap<Nothing> Reals { get; init; } = SnapshotMap<Nothing>.Empty;

    /// <summary>The addresses of <see cref="Reals"/>.</summary>
    public SnapshotMap<Nothing> RealAddresses { get; init; } = SnapshotMap<Nothing>.Empty;

    /// <summary>NAT destinations in force, by the port they were added with.</summary>
    public SnapshotMap<Nothing> NatDestinations { get; init; } = SnapshotMap<Nothing>.Empty;

    /// <summary>Where tunnels end: IP in IP of either family (protocol 4), GRE, and GUE's UDP with its port.</summary>
    public SnapshotMap<Nothing> TunnelReals { get; init; } = SnapshotMap<Nothing>.Empty;

    /// <summary>FULLNAT local addresses.</summary>
    public SnapshotMap<Nothing> LocalAddresses { get; init; } = SnapshotMap<Nothing>.Empty;

    /// <summary>The marks that the rules in force give.</summary>
    public MarkMap Marks { get; init; } = MarkMap.Empty;

    /// <summary>
    /// The destinations whose packets may be a mark service's, or of connections that one of them made: what diversion brings. Its marks mean nothing.
    /// </summary>
    public MarkMap MarkedDestinations { get; init; } = MarkMap.Empty;

    /// <summary>Services whose clients a persistence engine recognises; not those of marks.</summary>
    private VirtualServiceState[] EngineServices { get; init; } = [];

    /// <summary>Whether there are services whose clients a persistence engine recognises.</summary>
    public bool HasEngineServices => EngineServices.Length > 0;

    private SnapshotMap<VirtualServiceState> ByAddress { get; init; } = SnapshotMap<VirtualServiceState>.Empty;

    private SnapshotMap<VirtualServiceState> ByMark { get; init; } = SnapshotMap<VirtualServiceState>.Empty;

    private int FtpServices { get; init; }

    // Mark services have port 0 and make the port-0 lookup happen, as in the kernel (reference §2.1, step 4).
    private int PortZeroServices { get; init; }

    /// <summary>A table whose maps are drafts, for many changes at once. Thread: control; no worker may see it.</summary>
    public ServiceTable Draft() => this with
    {
        VirtualAddresses = VirtualAddresses.Draft(), Reals = Reals.Draft(), RealAddresses = RealAddresses.Draft(), NatDestinations = NatDestinations.Draft(),
        TunnelReals = TunnelReals.Draft(), LocalAddresses = LocalAddresses.Draft(), ByAddress = ByAddress.Draft(), ByMark = ByMark.Draft(),
    };

    /// <summary>A draft as a table for workers. Thread: control.</summary>
    public ServiceTable Final() => this with
    {
        VirtualAddresses = VirtualAddresses.Final(), Reals = Reals.Final(), RealAddresses = RealAddresses.Final(), NatDestinations = NatDestinations.Final(),
        TunnelReals = TunnelReals.Final(), LocalAddresses = LocalAddresses.Final(), ByAddress = ByAddress.Final(), ByMark = ByMark.Final(),
    };

    /// <summary>The table with one service more. Thread: control.</summary>
    public ServiceTable With(VirtualServiceState service) => Counted(service, 1) with
    {
        ByAddress = service.Key.IsMark ? ByAddress : ByAddress.With(AddressKeyOf(service), service),
        ByMark = service.Key.IsMark ? ByMark.With(MarkKeyOf(service), service) : ByMark,
    };

    /// <summary>The table with one service less. Thread: control.</summary>
    public ServiceTable Without(VirtualServiceState service) => Counted(service, -1) with
    {
        ByAddress = service.Key.IsMark ? ByAddress : ByAddress.Without(AddressKeyOf(service)),
        ByMark = service.Key.IsMark ? ByMark.Without(MarkKeyOf(service)) : ByMark,
    };

    /// <summary>The table with a service's persistence engine as it is now. Thread: control.</summary>
    public ServiceTable WithEngineOf(VirtualServiceState service)
    {
        bool isOne = service.Engine is not null && !service.Key.IsMark && service.Key.Port != 0;
        if (isOne == EngineServices.Contains(service)) return this;
        return isOne ? this with { EngineServices = [.. EngineServices, service] } : WithoutEngineOf(service);
    }

    /// <summary>The NAT real server at this end of a service with a persistence engine, or null.</summary>
    public Destination? FindEngineServer(IpAddress address, ushort port)
    {
        foreach (VirtualServiceState service in EngineServices)
        {
            foreach (Destination destination in service.Destinations)
                if (destination.Port == port && destination.Method == ForwardingMethod.Nat && destination.Address == address) return destination;
        }

        return null;
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
        if (mark != 0 && ByMark.TryFind(new EndpointKey(IpFamily.V4, mark), out service)) return true;
        if (ByAddress.TryFind(new EndpointKey(protocol, address, port), out service)) return true;
        if (MayBeFtp(protocol, port) && ByAddress.TryFind(new EndpointKey(protocol, address, FtpPort), out service)) return true;
        return PortZeroServices > 0 && ByAddress.TryFind(new EndpointKey(protocol, address, 0), out service);
    }

    /// <inheritdoc cref="TryFind(IpProtocol, in IpAddress, ushort, uint, out VirtualServiceState)"/>
    public bool TryFind(IpProtocol protocol, Ipv6Address address, ushort port, uint mark, [MaybeNullWhen(false)] out VirtualServiceState service)
    {
        if (mark != 0 && ByMark.TryFind(new EndpointKey(IpFamily.V6, mark), out service)) return true;
        if (ByAddress.TryFind(new EndpointKey(protocol, address, port), out service)) return true;
        if (MayBeFtp(protocol, port) && ByAddress.TryFind(new EndpointKey(protocol, address, FtpPort), out service)) return true;
        return PortZeroServices > 0 && ByAddress.TryFind(new EndpointKey(protocol, address, 0), out service);
    }

    /// <summary>Whether this is the VIP of a service, or of one that is deleted but still has connections, or has packets that mark rules mark.</summary>
    public bool IsVirtualAddress(in IpAddress address) => address.Family == IpFamily.V6 ? IsVirtualAddress(address.V6) : IsVirtualAddress(address.V4);

    /// <inheritdoc cref="IsVirtualAddress(in IpAddress)"/>
    public bool IsVirtualAddress(Ipv4Address address) =>
        VirtualAddresses.Contains(new EndpointKey(default, address, 0)) || MarkedDestinations.Find(address) is { Ports.Count: > 0 };

    /// <inheritdoc cref="IsVirtualAddress(in IpAddress)"/>
    public bool IsVirtualAddress(Ipv6Address address) =>
        VirtualAddresses.Contains(new EndpointKey(default, address, 0)) || MarkedDestinations.Find(address) is { Ports.Count: > 0 };

    /// <summary>Whether packets to this end are requests, if they are anything of the director's.</summary>
    /// <remarks>
    /// Unlike a VIP, a marked prefix may contain clients, and then replies go there too: they come from a real server. Where a single address is
    /// marked it counts as a VIP.
    /// </remarks>
    public bool IsRequest(IpProtocol protocol, Ipv4Address source, ushort sourcePort, Ipv4Address address, ushort port) =>
        VirtualAddresses.Contains(new EndpointKey(default, address, 0)) ||
        (MarkedDestinations.Find(address) is { } network && (network.IsHost || (network.Ports.Find(protocol, port) != 0 && !IsReal(protocol, source, sourcePort))));

    /// <inheritdoc cref="IsRequest(IpProtocol, Ipv4Address, ushort, Ipv4Address, ushort)"/>
    public bool IsRequest(IpProtocol protocol, Ipv6Address source, ushort sourcePort, Ipv6Address address, ushort port) =>
        VirtualAddresses.Contains(new EndpointKey(default, address, 0)) ||
        (MarkedDestinations.Find(address) is { } network && (network.IsHost || (network.Ports.Find(protocol, port) != 0 && !IsReal(protocol, source, sourcePort))));

    /// <summary>The mark that the rules give packets to this end; 0 for none.</summary>
    public uint MarkOf(IpProtocol protocol, Ipv4Address address, ushort port) => Marks.Find(address)?.Ports.Find(protocol, port) ?? 0;

    /// <inheritdoc cref="MarkOf(IpProtocol, Ipv4Address, ushort)"/>
    public uint MarkOf(IpProtocol protocol, Ipv6Address address, ushort port) => Marks.Find(address)?.Ports.Find(protocol, port) ?? 0;

    /// <summary>Whether packets from here may be replies to rewrite: a NAT or FULLNAT real server, or one that still has such connections.</summary>
    public bool IsReal(IpProtocol protocol, in IpAddress address, ushort port) =>
        Reals.Contains(EndpointKey.Of(protocol, in address, port)) || Reals.Contains(EndpointKey.Of(protocol, in address, 0));

    /// <inheritdoc cref="IsReal(IpProtocol, in IpAddress, ushort)"/>
    public bool IsReal(IpProtocol protocol, Ipv4Address address, ushort port) =>
        Reals.Contains(new EndpointKey(protocol, address, port)) || Reals.Contains(new EndpointKey(protocol, address, 0));

    /// <inheritdoc cref="IsReal(IpProtocol, in IpAddress, ushort)"/>
    public bool IsReal(IpProtocol protocol, Ipv6Address address, ushort port) =>
        Reals.Contains(new EndpointKey(protocol, address, port)) || Reals.Contains(new EndpointKey(protocol, address, 0));

    /// <summary>As <see cref="IsReal(IpProtocol, in IpAddress, ushort)"/>, on any protocol and port: for fragments and ICMP.</summary>
    public bool IsRealAddress(in IpAddress address) => RealAddresses.Contains(EndpointKey.Of(in address));

    /// <inheritdoc cref="IsRealAddress(in IpAddress)"/>
    public bool IsRealAddress(Ipv4Address address) => RealAddresses.Contains(new EndpointKey(default, address, 0));

    /// <inheritdoc cref="IsRealAddress(in IpAddress)"/>
    public bool IsRealAddress(Ipv6Address address) => RealAddresses.Contains(new EndpointKey(default, address, 0));

    /// <summary>
    /// Whether this is a NAT destination in force, by the port it was added with: what <c>nat_icmp_send</c> asks
    /// (reference §2.4, the real-server table).
    /// </summary>
    public bool IsNatDestination(IpProtocol protocol, in IpAddress address, ushort port) =>
        NatDestinations.Contains(EndpointKey.Of(protocol, in address, port));

    /// <summary>Whether tunnels end here, or tunnelled connections still do: IP in IP of either family (protocol 4), GRE, or UDP with its port.</summary>
    public bool IsTunnelEnd(IpProtocol protocol, in IpAddress address, ushort port) => TunnelReals.Contains(EndpointKey.Of(protocol, in address, port));

    /// <summary>Whether this is a FULLNAT local address of a service, or one that connections still use.</summary>
    public bool IsLocalAddress(in IpAddress address) => LocalAddresses.Contains(EndpointKey.Of(in address));

    /// <inheritdoc cref="IsLocalAddress(in IpAddress)"/>
    public bool IsLocalAddress(Ipv4Address address) => LocalAddresses.Contains(new EndpointKey(default, address, 0));

    /// <inheritdoc cref="IsLocalAddress(in IpAddress)"/>
    public bool IsLocalAddress(Ipv6Address address) => LocalAddresses.Contains(new EndpointKey(default, address, 0));

    private bool MayBeFtp(IpProtocol protocol, ushort port) =>
        FtpServices > 0 && protocol == IpProtocol.Tcp && (port == FtpDataPort || port >= FirstUnprivilegedPort);

    private ServiceTable Counted(VirtualServiceState service, int change) => (change > 0 ? WithEngineOf(service) : WithoutEngineOf(service)) with
    {
        FtpServices = FtpServices + (service.Key.Port == FtpPort ? change : 0),
        PortZeroServices = PortZeroServices + (service.Key.Port == 0 ? change : 0),
    };

    private ServiceTable WithoutEngineOf(VirtualServiceState service) =>
        EngineServices.Contains(service) ? this with { EngineServices = [.. EngineServices.Where(s => s != service)] } : this;

    private static EndpointKey AddressKeyOf(VirtualServiceState service) =>
        EndpointKey.Of(service.Key.Protocol, service.Key.Address, service.Key.Port);

    private static EndpointKey MarkKeyOf(VirtualServiceState service) => new(service.Key.Family, service.Key.Mark);
}
