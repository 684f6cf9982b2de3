using NetVS.Director.Network;
using NetVS.Linux.Host;
using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>What VRRP changes on its host by rtnetlink, and what it must know of it.</summary>
/// <remarks>Of the network namespace of the thread that makes it. Answers are errnos: what is there, or gone, already is for the asker to judge. Thread: the owner's.</remarks>
public sealed class VrrpNetwork : IDisposable
{
    /// <summary>IFA_F_NODAD: usable at once.</summary>
    public const uint FlagNoDad = 0x02;

    /// <summary>IFA_F_HOMEADDRESS.</summary>
    public const uint FlagHome = 0x10;

    /// <summary>IFA_F_MANAGETEMPADDR.</summary>
    public const uint FlagTemporary = 0x100;

    /// <summary>IFA_F_NOPREFIXROUTE.</summary>
    public const uint FlagNoPrefixRoute = 0x200;

    /// <summary>IFA_F_MCAUTOJOIN.</summary>
    public const uint FlagAutojoin = 0x400;

    private const int IFA_BROADCAST = 4, IFA_LABEL = 3, IFA_CACHEINFO = 6, IFLA_MACVLAN_MODE = 1;
    private const uint MACVLAN_MODE_PRIVATE = 1;

    private readonly NetlinkRequests _requests = new();
    private readonly HostNetwork _host = new();
    private readonly NetworkConfiguration _links = new();

    /// <summary>All interfaces.</summary>
    public IReadOnlyList<NetworkInterface> ReadLinks() => _links.EnumerateInterfaces();

    /// <summary>All addresses.</summary>
    public IReadOnlyList<HostAddress> ReadAddresses() => _host.Addresses();

    /// <summary>Adds an address.</summary>
    /// <returns>0, or the errno; EEXIST when it is there.</returns>
    public int AddAddress(AddressRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _requests.Change(Rtnetlink.RTM_NEWADDR, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL, w => Write(w, request));
    }

    /// <summary>Deletes an address.</summary>
    /// <returns>0, or the errno; EADDRNOTAVAIL when it is not there.</returns>
    public int DeleteAddress(AddressRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        AddressRequest asked = request with { Label = null, Broadcast = default, Flags = 0, PreferredLifetime = null };
        return _requests.Change(Rtnetlink.RTM_DELADDR, 0, w => Write(w, asked));
    }

    /// <summary>Makes a private macvlan device over an interface, down.</summary>
    /// <returns>0, or the errno.</returns>
    public int AddMacvlan(int parentIndex, string name, MacAddress mac) =>
        _requests.Change(Rtnetlink.RTM_NEWLINK, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL, w =>
        {
            w.U32(0).U32(0).U32(0).U32(0).Attribute(Rtnetlink.IFLA_IFNAME, name).Attribute(Rtnetlink.IFLA_LINK, (uint)parentIndex).Attribute(Rtnetlink.IFLA_ADDRESS, mac);
            int info = w.BeginNested(Rtnetlink.IFLA_LINKINFO);
            w.Attribute(Rtnetlink.IFLA_INFO_KIND, "macvlan");
            int data = w.BeginNested(Rtnetlink.IFLA_INFO_DATA);
            w.Attribute(IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE);
            w.EndNested(data);
            w.EndNested(info);
        });

    /// <summary>Sets an interface up.</summary>
    /// <returns>0, or the errno.</returns>
    public int SetUp(int interfaceIndex) =>
        _requests.Change(Rtnetlink.RTM_NEWLINK, 0, w => w.U32(0).U32((uint)interfaceIndex).U32(Rtnetlink.IFF_UP).U32(Rtnetlink.IFF_UP));

    /// <summary>Deletes an interface.</summary>
    /// <returns>0, or the errno; ENODEV when it is not there.</returns>
    public int DeleteLink(int interfaceIndex) => _requests.Change(Rtnetlink.RTM_DELLINK, 0, w => w.U32(0).U32((uint)interfaceIndex).U32(0).U32(0));

    /// <summary>Adds or deletes a route.</summary>
    /// <returns>0, or the errno; EEXIST, or ESRCH, when it is there, or not there.</returns>
    public int ChangeRoute(RouteRequest route, bool isAdded)
    {
        ArgumentNullException.ThrowIfNull(route);
        return _requests.Change(isAdded ? Rtnetlink.RTM_NEWROUTE : Rtnetlink.RTM_DELROUTE, isAdded ? route.AddFlags : (ushort)0, w => route.Write(w, isAdded));
    }

    /// <summary>Adds or deletes a policy rule.</summary>
    /// <returns>0, or the errno; EEXIST, or ENOENT, when it is there, or not there.</returns>
    public int ChangeRule(RuleRequest rule, bool isAdded)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return _requests.Change(isAdded ? Rtnetlink.RTM_NEWRULE : Rtnetlink.RTM_DELRULE, (ushort)(isAdded ? Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL : 0), rule.Write);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _requests.Dispose();
        _host.Dispose();
        _links.Dispose();
    }

    private static void Write(NetlinkWriter w, AddressRequest request)
    {
        bool isV4 = request.Address.Family == IpFamily.V4;
        w.U8(isV4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6).U8((byte)request.PrefixLength).U8(0).U8(request.Scope).U32((uint)request.InterfaceIndex)
            .Attribute(Rtnetlink.IFA_LOCAL, request.Address).Attribute(Rtnetlink.IFA_ADDRESS, request.Peer.IsNone ? request.Address : request.Peer);
        if (!request.Broadcast.IsNone) w.Attribute(IFA_BROADCAST, request.Broadcast);
        if (request.Label is { } label) w.Attribute(IFA_LABEL, label);
        if (request.Flags != 0) w.Attribute(Rtnetlink.IFA_FLAGS, request.Flags);
        if (request.PreferredLifetime is not { } preferred) return;

        // struct ifa_cacheinfo: preferred, valid, two stamps of the kernel's own. It has no writer of its own, but is an attribute of four words.
        int start = w.BeginNested(IFA_CACHEINFO);
        w.U32(preferred).U32(uint.MaxValue).U32(0).U32(0);
        w.EndNested(start);
    }
}
