using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>Reads and changes links, addresses, routes and neighbours of the network namespace its creator's thread was in.</summary>
/// <remarks>Thread: one at a time. A change that is there already, or gone already, is no error: the answer says which it was.</remarks>
public sealed class NetworkConfiguration : IDisposable
{
    private readonly NetlinkRequests _requests = new();

    /// <summary>All interfaces.</summary>
    public IReadOnlyList<NetworkInterface> EnumerateInterfaces() => NetworkReading.ReadLinks(_requests);

    /// <summary>The interface with this name, or null.</summary>
    public NetworkInterface? FindInterface(string name) => NetworkReading.ReadLinks(_requests).Find(i => i.Name == name);

    /// <summary>All addresses, or those of one interface.</summary>
    public IReadOnlyList<NetworkAddress> EnumerateAddresses(int interfaceIndex = 0)
    {
        List<NetworkAddress> all = NetworkReading.Read(_requests).Addresses;
        return interfaceIndex == 0 ? all : all.FindAll(a => a.Interface == interfaceIndex);
    }

    /// <summary>All routes of the tables local, main and default.</summary>
    public IReadOnlyList<NetworkRoute> EnumerateRoutes() => NetworkReading.Read(_requests).Routes;

    /// <summary>Adds an address.</summary>
    /// <param name="interfaceIndex">The interface.</param>
    /// <param name="address">The address.</param>
    /// <param name="prefixLength">The length of its network's prefix, in bits.</param>
    /// <param name="isUnchecked">For IPv6: without duplicate address detection, so that it is usable at once.</param>
    /// <returns>Whether it was added; false when it was there already.</returns>
    public bool AddAddress(int interfaceIndex, IpAddress address, int prefixLength, bool isUnchecked = false)
    {
        // Scope host is what ip gives to 127/8; every other address may be seen from outside.
        byte scope = address.Family == IpFamily.V4 && address.IsLoopback ? Rtnetlink.RT_SCOPE_HOST : Rtnetlink.RT_SCOPE_UNIVERSE;
        int errno = _requests.Change(Rtnetlink.RTM_NEWADDR, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL, w =>
        {
            w.U8(FamilyOf(address)).U8((byte)prefixLength).U8(0).U8(scope).U32((uint)interfaceIndex)
                .Attribute(Rtnetlink.IFA_LOCAL, address).Attribute(Rtnetlink.IFA_ADDRESS, address);
            if (isUnchecked && address.Family == IpFamily.V6) w.Attribute(Rtnetlink.IFA_FLAGS, Rtnetlink.IFA_F_NODAD);
        });
        return Check("RTM_NEWADDR", errno, $"{address}/{prefixLength} on interface {interfaceIndex}", Errno.EEXIST);
    }

    /// <summary>Deletes an address.</summary>
    /// <returns>Whether it was there.</returns>
    public bool DeleteAddress(int interfaceIndex, IpAddress address, int prefixLength)
    {
        int errno = _requests.Change(Rtnetlink.RTM_DELADDR, 0, w => w
            .U8(FamilyOf(address)).U8((byte)prefixLength).U16(0).U32((uint)interfaceIndex)
            .Attribute(Rtnetlink.IFA_LOCAL, address).Attribute(Rtnetlink.IFA_ADDRESS, address));
        return Check("RTM_DELADDR", errno, $"{address}/{prefixLength} on interface {interfaceIndex}", Errno.EADDRNOTAVAIL);
    }

    /// <summary>Sets an interface up or down.</summary>
    public void SetUp(int interfaceIndex, bool isUp)
    {
        int errno = _requests.Change(Rtnetlink.RTM_NEWLINK, 0, w => w
            .U32(0).U32((uint)interfaceIndex).U32(isUp ? Rtnetlink.IFF_UP : 0).U32(Rtnetlink.IFF_UP));
        Check("RTM_NEWLINK", errno, $"interface {interfaceIndex}");
    }

    /// <summary>Sets an interface's IP MTU, in octets.</summary>
    public void SetMtu(int interfaceIndex, int octets)
    {
        int errno = _requests.Change(Rtnetlink.RTM_NEWLINK, 0, w => LinkPart(w, interfaceIndex).Attribute(Rtnetlink.IFLA_MTU, (uint)octets));
        Check("RTM_NEWLINK", errno, $"interface {interfaceIndex} mtu {octets}");
    }

    /// <summary>Sets an interface's MAC.</summary>
    public void SetMac(int interfaceIndex, MacAddress mac)
    {
        int errno = _requests.Change(Rtnetlink.RTM_NEWLINK, 0, w => LinkPart(w, interfaceIndex).Attribute(Rtnetlink.IFLA_ADDRESS, mac));
        Check("RTM_NEWLINK", errno, $"interface {interfaceIndex} address {mac}");
    }

    /// <summary>Makes a pair of connected virtual Ethernet devices.</summary>
    /// <param name="name">One end, in this namespace.</param>
    /// <param name="peer">The other end.</param>
    /// <param name="peerNamespace">An open descriptor of the other end's network namespace; -1 for this one.</param>
    public void AddVethPair(string name, string peer, int peerNamespace = -1)
    {
        int errno = _requests.Change(Rtnetlink.RTM_NEWLINK, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL, w =>
        {
            LinkPart(w, 0).Attribute(Rtnetlink.IFLA_IFNAME, name);
            int info = w.BeginNested(Rtnetlink.IFLA_LINKINFO);
            w.Attribute(Rtnetlink.IFLA_INFO_KIND, "veth");
            int data = w.BeginNested(Rtnetlink.IFLA_INFO_DATA);
            int other = w.BeginNested(Rtnetlink.VETH_INFO_PEER);
            LinkPart(w, 0).Attribute(Rtnetlink.IFLA_IFNAME, peer);
            if (peerNamespace >= 0) w.Attribute(Rtnetlink.IFLA_NET_NS_FD, (uint)peerNamespace);
            w.EndNested(other);
            w.EndNested(data);
            w.EndNested(info);
        });
        Check("RTM_NEWLINK", errno, $"veth {name} and {peer}");
    }

    /// <summary>Moves an interface to another network namespace, by an open descriptor of that.</summary>
    public void MoveInterface(int interfaceIndex, int namespaceDescriptor)
    {
        int errno = _requests.Change(
            Rtnetlink.RTM_NEWLINK, 0, w => LinkPart(w, interfaceIndex).Attribute(Rtnetlink.IFLA_NET_NS_FD, (uint)namespaceDescriptor));
        Check("RTM_NEWLINK", errno, $"interface {interfaceIndex} to another namespace");
    }

    /// <summary>Deletes a virtual interface.</summary>
    /// <returns>Whether it was there.</returns>
    public bool DeleteInterface(int interfaceIndex)
    {
        int errno = _requests.Change(Rtnetlink.RTM_DELLINK, 0, w => LinkPart(w, interfaceIndex));
        return Check("RTM_DELLINK", errno, $"interface {interfaceIndex}", Errno.ENODEV);
    }

    /// <summary>Adds a route with one hop, or replaces the one to the same prefix with the same metric.</summary>
    public void ReplaceRoute(NetworkRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        int errno = _requests.Change(Rtnetlink.RTM_NEWROUTE, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_REPLACE, w => WriteRoute(w, route));
        Check("RTM_NEWROUTE", errno, $"{route.Destination}/{route.PrefixLength}");
    }

    /// <summary>Deletes a route; its MTU need not fit.</summary>
    /// <returns>Whether it was there.</returns>
    public bool DeleteRoute(NetworkRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        NetworkRoute asked = route with { IpMtu = 0 };
        int errno = _requests.Change(Rtnetlink.RTM_DELROUTE, 0, w => WriteRoute(w, asked));
        return Check("RTM_DELROUTE", errno, $"{route.Destination}/{route.PrefixLength}", Errno.ESRCH);
    }

    /// <summary>Makes a neighbour permanent with this MAC.</summary>
    public void ReplaceNeighbour(int interfaceIndex, IpAddress address, MacAddress mac)
    {
        int errno = _requests.Change(Rtnetlink.RTM_NEWNEIGH, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_REPLACE, w => w
            .U8(FamilyOf(address)).U8(0).U16(0).U32((uint)interfaceIndex).U16(Rtnetlink.NUD_PERMANENT).U16(0)
            .Attribute(Rtnetlink.NDA_DST, address).Attribute(Rtnetlink.NDA_LLADDR, mac));
        Check("RTM_NEWNEIGH", errno, $"{address} on interface {interfaceIndex}");
    }

    /// <inheritdoc/>
    public void Dispose() => _requests.Dispose();

    private static byte FamilyOf(IpAddress address) => address.Family == IpFamily.V4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6;

    private static NetlinkWriter LinkPart(NetlinkWriter writer, int index) => writer.U32(0).U32((uint)index).U32(0).U32(0);

    private static void WriteRoute(NetlinkWriter writer, NetworkRoute route)
    {
        if (route.Hops.Count > 1) throw new ArgumentException("a route with several hops cannot be written", nameof(route));
        byte type = route.Kind switch
        {
            RouteKind.Unicast => Rtnetlink.RTN_UNICAST,
            RouteKind.Local => Rtnetlink.RTN_LOCAL,
            RouteKind.Blackhole => Rtnetlink.RTN_BLACKHOLE,
            RouteKind.Unreachable => Rtnetlink.RTN_UNREACHABLE,
            RouteKind.Prohibit => Rtnetlink.RTN_PROHIBIT,
            RouteKind.None => Rtnetlink.RTN_THROW,
            _ => throw new ArgumentException($"a route of kind {route.Kind} cannot be written", nameof(route)),
        };
        bool isOnLink = route.Kind == RouteKind.Unicast && route.Hops.Count == 1 && route.Hops[0].Gateway.IsNone;
        byte scope = route.Kind == RouteKind.Local ? Rtnetlink.RT_SCOPE_HOST : isOnLink ? Rtnetlink.RT_SCOPE_LINK : Rtnetlink.RT_SCOPE_UNIVERSE;
        writer.U8(FamilyOf(route.Destination)).U8((byte)route.PrefixLength).U16(0)
            .U8((byte)route.Table).U8(Rtnetlink.RTPROT_BOOT).U8(scope).U8(type).U32(0);
        if (route.PrefixLength > 0) writer.Attribute(Rtnetlink.RTA_DST, route.Destination);
        if (route.Hops.Count == 1)
        {
            writer.Attribute(Rtnetlink.RTA_OIF, (uint)route.Hops[0].Interface);
            if (!route.Hops[0].Gateway.IsNone) writer.Attribute(Rtnetlink.RTA_GATEWAY, route.Hops[0].Gateway);
        }

        if (route.Metric > 0) writer.Attribute(Rtnetlink.RTA_PRIORITY, route.Metric);
        if (!route.PreferredSource.IsNone) writer.Attribute(Rtnetlink.RTA_PREFSRC, route.PreferredSource);
        if (route.IpMtu == 0) return;
        int metrics = writer.BeginNested(Rtnetlink.RTA_METRICS);
        writer.Attribute(Rtnetlink.RTAX_MTU, (uint)route.IpMtu);
        writer.EndNested(metrics);
    }

    private static bool Check(string call, int errno, string @object, int harmless = 0)
    {
        if (errno == 0) return true;
        if (errno == harmless) return false;
        string? hint = errno == Errno.EPERM ? "it takes CAP_NET_ADMIN: run as root" : null;
        throw new KernelCallException(call, errno, @object, hint);
    }
}
