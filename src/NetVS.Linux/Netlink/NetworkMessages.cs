using System.Runtime.InteropServices;
using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>Turns rtnetlink's links, addresses, neighbours and rules into the director's terms.</summary>
internal static class NetworkMessages
{
    private const int LinkPartSize = 16;
    private const int AddressPartSize = 8;
    private const int NeighbourPartSize = 12;
    private const int RulePartSize = 12;
    private const ushort VlanProtocol8021Q = 0x8100;

    /// <summary>Reads RTM_NEWLINK / RTM_DELLINK (struct ifinfomsg).</summary>
    public static bool TryReadLink(ReadOnlySpan<byte> payload, out NetworkInterface? link)
    {
        link = null;
        if (payload.Length < LinkPartSize) return false;
        ushort hardware = MemoryMarshal.Read<ushort>(payload[2..]);
        int index = MemoryMarshal.Read<int>(payload[4..]);
        uint flags = MemoryMarshal.Read<uint>(payload[8..]);
        string name = "";
        MacAddress mac = default;
        int mtu = 0;
        int below = 0;
        bool isBelowElsewhere = false;
        (ushort Id, bool IsPlain) vlan = default;
        var reader = new AttributeReader(payload[LinkPartSize..]);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
        {
            switch (type)
            {
                case Rtnetlink.IFLA_IFNAME: name = ReadText(value); break;
                case Rtnetlink.IFLA_ADDRESS when value.Length == MacAddress.Size: mac = MacAddress.Read(value); break;
                case Rtnetlink.IFLA_MTU when value.Length >= 4: mtu = MemoryMarshal.Read<int>(value); break;
                case Rtnetlink.IFLA_LINK when value.Length >= 4: below = MemoryMarshal.Read<int>(value); break;
                case Rtnetlink.IFLA_LINK_NETNSID: isBelowElsewhere = true; break;
                case Rtnetlink.IFLA_LINKINFO: vlan = ReadVlan(value); break;
                default: break;
            }
        }

        bool isUp = (flags & Rtnetlink.IFF_UP) != 0;
        bool isVlan = vlan.Id != 0 && !isBelowElsewhere;
        link = new NetworkInterface(
            index, name, mac, mtu, isUp && (flags & Rtnetlink.IFF_LOWER_UP) != 0, isVlan ? below : 0, isVlan ? vlan.Id : (ushort)0)
        {
            IsAdministrativelyUp = isUp,
            IsLoopback = hardware == Rtnetlink.ARPHRD_LOOPBACK,

            // Frames of an 802.1ad device, or of a VLAN device over a device of another namespace, are none we could tag.
            IsEthernet = hardware == Rtnetlink.ARPHRD_ETHER && (vlan.Id == 0 || (isVlan && vlan.IsPlain)),
        };
        return true;
    }

    /// <summary>Reads RTM_NEWADDR / RTM_DELADDR (struct ifaddrmsg).</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> payload, out NetworkAddress address)
    {
        address = default;
        if (payload.Length < AddressPartSize) return false;
        byte family = payload[0];
        uint flags = payload[2];
        IpAddress peer = default;
        IpAddress local = default;
        var reader = new AttributeReader(payload[AddressPartSize..]);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
        {
            switch (type)
            {
                case Rtnetlink.IFA_ADDRESS: peer = ReadAddress(family, value); break;
                case Rtnetlink.IFA_LOCAL: local = ReadAddress(family, value); break;
                case Rtnetlink.IFA_FLAGS when value.Length >= 4: flags = MemoryMarshal.Read<uint>(value); break;
                default: break;
            }
        }

        if (local.IsNone) local = peer;
        if (local.IsNone) return false;
        const uint Unfit = Rtnetlink.IFA_F_TENTATIVE | Rtnetlink.IFA_F_DEPRECATED | Rtnetlink.IFA_F_DADFAILED;
        address = new NetworkAddress(MemoryMarshal.Read<int>(payload[4..]), local, payload[1])
        {
            // For IPv6 the same bit marks a temporary address, which is as good as any.
            IsSecondary = family == Rtnetlink.AF_INET && (flags & Rtnetlink.IFA_F_SECONDARY) != 0,
            IsUnfitAsSource = (flags & Unfit) != 0,
        };
        return true;
    }

    /// <summary>Reads RTM_NEWNEIGH / RTM_DELNEIGH (struct ndmsg); false for what is no neighbour of IP.</summary>
    public static bool TryReadNeighbour(ReadOnlySpan<byte> payload, out KernelNeighbour neighbour)
    {
        neighbour = default;
        if (payload.Length < NeighbourPartSize) return false;
        byte family = payload[0];
        if (family is not (Rtnetlink.AF_INET or Rtnetlink.AF_INET6)) return false;
        byte flags = payload[10];
        if ((flags & Rtnetlink.NTF_PROXY) != 0) return false;
        IpAddress address = default;
        MacAddress mac = default;
        bool hasMac = false;
        var reader = new AttributeReader(payload[NeighbourPartSize..]);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
        {
            if (type == Rtnetlink.NDA_DST) address = ReadAddress(family, value);
            if (type == Rtnetlink.NDA_LLADDR && value.Length == MacAddress.Size)
            {
                mac = MacAddress.Read(value);
                hasMac = true;
            }
        }

        if (address.IsNone) return false;
        ushort state = MemoryMarshal.Read<ushort>(payload[8..]);
        neighbour = new KernelNeighbour(MemoryMarshal.Read<int>(payload[4..]), address, state, mac, hasMac);
        return true;
    }

    /// <summary>Reads RTM_NEWRULE (struct fib_rule_hdr): whether it is one of the three every Linux has.</summary>
    public static bool IsDefaultRule(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < RulePartSize) return true;
        uint priority = 0;
        uint table = payload[4];
        var reader = new AttributeReader(payload[RulePartSize..]);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
        {
            if (value.Length < 4) continue;
            if (type == Rtnetlink.FRA_PRIORITY) priority = MemoryMarshal.Read<uint>(value);
            if (type == Rtnetlink.FRA_TABLE) table = MemoryMarshal.Read<uint>(value);
        }

        return (priority, table) is (0, (uint)RouteTableId.Local) or (32766, (uint)RouteTableId.Main) or (32767, (uint)RouteTableId.Default);
    }

    /// <summary>An address in network order; default where the length does not fit the family.</summary>
    public static IpAddress ReadAddress(byte family, ReadOnlySpan<byte> octets) => family switch
    {
        Rtnetlink.AF_INET when octets.Length >= Ipv4Address.Size => Ipv4Address.Read(octets),
        Rtnetlink.AF_INET6 when octets.Length >= Ipv6Address.Size => Ipv6Address.Read(octets),
        _ => default(IpAddress),
    };

    private static (ushort Id, bool IsPlain) ReadVlan(ReadOnlySpan<byte> info)
    {
        bool isVlan = false;
        ushort id = 0;
        bool isPlain = true;
        var reader = new AttributeReader(info);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
        {
            if (type == Rtnetlink.IFLA_INFO_KIND) isVlan = ReadText(value) == "vlan";
            if (type != Rtnetlink.IFLA_INFO_DATA || !isVlan) continue;
            var data = new AttributeReader(value);
            while (data.TryRead(out int part, out ReadOnlySpan<byte> content))
            {
                if (part == Rtnetlink.IFLA_VLAN_ID && content.Length >= 2) id = MemoryMarshal.Read<ushort>(content);
                if (part == Rtnetlink.IFLA_VLAN_PROTOCOL && content.Length >= 2)
                    isPlain = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(content) == VlanProtocol8021Q;
            }
        }

        return (id, isPlain);
    }

    private static string ReadText(ReadOnlySpan<byte> octets)
    {
        int end = octets.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? octets : octets[..end]);
    }
}
