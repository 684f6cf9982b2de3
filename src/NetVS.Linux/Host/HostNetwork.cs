using System.Runtime.InteropServices;
using System.Text;
using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Host;

/// <summary>What a real server's preparation asks of rtnetlink: interfaces, addresses and tc filters there are; one address more or less.</summary>
/// <remarks>
/// Concerns the network namespace of the thread that made it. Sources: linux/rtnetlink.h, linux/if_addr.h, linux/pkt_sched.h,
/// RFC 3549. Thread: one at a time.
/// </remarks>
public sealed class HostNetwork : IDisposable
{
    private const ushort RTM_NEWQDISC = 36, RTM_GETQDISC = 38, RTM_NEWTFILTER = 44, RTM_GETTFILTER = 46;
    private const int TCA_KIND = 1;
    private const uint ClsactIngress = 0xFFFF_FFF2, ClsactEgress = 0xFFFF_FFF3;

    // struct ifinfomsg: family, pad, type, index, flags, change; struct ifaddrmsg: family, prefixlen, flags, scope, index;
    // struct tcmsg: family, padding, ifindex, handle, parent, info.
    private const int LinkPart = 16, AddressPart = 8, TcPart = 20;

    private readonly NetlinkRequests _requests = new();

    /// <summary>Every interface, in the kernel's order.</summary>
    public IReadOnlyList<HostLink> Links()
    {
        var links = new List<HostLink>();
        _requests.Dump(Rtnetlink.RTM_GETLINK, w => w.U32(0).U32(0).U32(0).U32(0), links.Clear, (in NetlinkMessage message) =>
        {
            ReadOnlySpan<byte> body = message.Payload;
            if (message.Type != Rtnetlink.RTM_NEWLINK || body.Length < LinkPart) return;
            string name = "";
            MacAddress mac = default;
            var attributes = new AttributeReader(body[LinkPart..]);
            while (attributes.TryRead(out int type, out ReadOnlySpan<byte> value))
            {
                if (type == Rtnetlink.IFLA_IFNAME) name = Text(value);
                else if (type == Rtnetlink.IFLA_ADDRESS && value.Length == MacAddress.Size) mac = MacAddress.Read(value);
            }

            links.Add(new HostLink(
                MemoryMarshal.Read<int>(body[4..]), name, MemoryMarshal.Read<ushort>(body[2..]),
                (MemoryMarshal.Read<uint>(body[8..]) & Rtnetlink.IFF_UP) != 0, mac));
        }, "interfaces");
        return links;
    }

    /// <summary>Every address of every interface.</summary>
    public IReadOnlyList<HostAddress> Addresses()
    {
        var addresses = new List<HostAddress>();
        _requests.Dump(Rtnetlink.RTM_GETADDR, w => w.U32(0).U32(0), addresses.Clear, (in NetlinkMessage message) =>
        {
            ReadOnlySpan<byte> body = message.Payload;
            if (message.Type != Rtnetlink.RTM_NEWADDR || body.Length < AddressPart) return;
            IpAddress local = default, other = default;
            var attributes = new AttributeReader(body[AddressPart..]);
            while (attributes.TryRead(out int type, out ReadOnlySpan<byte> value))
            {
                if (type == Rtnetlink.IFA_LOCAL) local = AddressFrom(value);
                else if (type == Rtnetlink.IFA_ADDRESS) other = AddressFrom(value);
            }

            // On a point-to-point link IFA_ADDRESS is the other end's; IPv6 usually has IFA_ADDRESS only.
            IpAddress address = local.IsNone ? other : local;
            if (!address.IsNone) addresses.Add(new HostAddress(MemoryMarshal.Read<int>(body[4..]), address, body[1], body[3]));
        }, "addresses");
        return addresses;
    }

    /// <summary>Adds an address with global scope, without duplicate address detection.</summary>
    /// <exception cref="KernelCallException">EEXIST: it is there.</exception>
    public void AddAddress(int interfaceIndex, IpAddress address, byte prefixLength, string interfaceName)
    {
        int errno = _requests.Change(Rtnetlink.RTM_NEWADDR, Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL, w =>
        {
            WriteAddress(w, interfaceIndex, address, prefixLength);
            if (address.Family == IpFamily.V6) w.Attribute(Rtnetlink.IFA_FLAGS, Rtnetlink.IFA_F_NODAD);
        });
        if (errno == 0) return;
        throw new KernelCallException("RTM_NEWADDR", errno, $"{address}/{prefixLength} dev {interfaceName}", errno switch
        {
            Errno.EACCES => $"IPv6 is switched off there: set net.ipv6.conf.{interfaceName}.disable_ipv6=0",
            Errno.EOPNOTSUPP or Errno.EAFNOSUPPORT => "the kernel has no support for this family",
            _ => Hint(errno),
        });
    }

    /// <summary>Removes an address; false where it is not there.</summary>
    public bool DeleteAddress(int interfaceIndex, IpAddress address, byte prefixLength, string interfaceName)
    {
        int errno = _requests.Change(Rtnetlink.RTM_DELADDR, 0, w => WriteAddress(w, interfaceIndex, address, prefixLength));
        if (errno is Errno.EADDRNOTAVAIL or Errno.ENODEV) return false;
        return errno == 0 ? true : throw new KernelCallException("RTM_DELADDR", errno, $"{address}/{prefixLength} dev {interfaceName}", Hint(errno));
    }

    /// <summary>Whether the interface has a clsact qdisc.</summary>
    public bool HasClsact(int interfaceIndex)
    {
        bool isFound = false;
        _requests.Dump(RTM_GETQDISC, w => WriteTc(w, interfaceIndex, 0), () => isFound = false, (in NetlinkMessage message) =>
        {
            ReadOnlySpan<byte> body = message.Payload;
            if (message.Type != RTM_NEWQDISC || body.Length < TcPart || MemoryMarshal.Read<int>(body[4..]) != interfaceIndex) return;
            var attributes = new AttributeReader(body[TcPart..]);
            while (attributes.TryRead(out int type, out ReadOnlySpan<byte> value)) isFound |= type == TCA_KIND && Text(value) == "clsact";
        }, "qdiscs");
        return isFound;
    }

    /// <summary>How many filters hang on both sides of the interface's clsact qdisc.</summary>
    public int ClsactFilters(int interfaceIndex) => FiltersAt(interfaceIndex, ClsactIngress) + FiltersAt(interfaceIndex, ClsactEgress);

    /// <inheritdoc/>
    public void Dispose() => _requests.Dispose();

    private static string? Hint(int errno) => errno == Errno.EPERM ? "run it as root (CAP_NET_ADMIN)" : null;

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value.TrimEnd((byte)0));

    private static IpAddress AddressFrom(ReadOnlySpan<byte> value) => value.Length switch
    {
        Ipv4Address.Size => Ipv4Address.Read(value),
        Ipv6Address.Size => Ipv6Address.Read(value),
        _ => default,
    };

    private static void WriteAddress(NetlinkWriter writer, int interfaceIndex, IpAddress address, byte prefixLength) => writer
        .U8(address.Family == IpFamily.V4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6).U8(prefixLength).U16(0).U32((uint)interfaceIndex)
        .Attribute(Rtnetlink.IFA_LOCAL, address).Attribute(Rtnetlink.IFA_ADDRESS, address);

    private static void WriteTc(NetlinkWriter writer, int interfaceIndex, uint parent) =>
        writer.U32(0).U32((uint)interfaceIndex).U32(0).U32(parent).U32(0);

    private int FiltersAt(int interfaceIndex, uint parent)
    {
        int filters = 0;
        _requests.Dump(RTM_GETTFILTER, w => WriteTc(w, interfaceIndex, parent), () => filters = 0, (in NetlinkMessage message) =>
        {
            // A chain is listed once by itself, with handle 0, and once for each filter.
            if (message.Type == RTM_NEWTFILTER && message.Payload.Length >= TcPart && MemoryMarshal.Read<uint>(message.Payload[8..]) != 0) filters++;
        }, "tc filters");
        return filters;
    }
}
