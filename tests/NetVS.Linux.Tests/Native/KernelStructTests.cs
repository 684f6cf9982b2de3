using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using NetVS.Linux.Divert;
using NetVS.Linux.Native;
using NetVS.Linux.PacketSocket;
using NetVS.Linux.Tap;
using NetVS.Linux.Xdp;
using NetVS.Links;

namespace NetVS.Linux.Tests.Native;

/// <summary>Our structs and constants against the system's headers: a C file of assertions, compiled.</summary>
public sealed class KernelStructTests
{
    [Fact]
    public void StructsAndConstants_AreTheHeaders()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/cc"), "no C compiler");
        var c = new StringBuilder();
        foreach (string header in (string[])
        [
            "stddef.h", "sys/types.h", "sys/ioctl.h", "sys/socket.h", "sys/uio.h", "sys/mman.h", "poll.h", "time.h", "net/if.h", "linux/if_xdp.h",
            "linux/if_packet.h", "linux/if_ether.h", "linux/virtio_net.h", "linux/ethtool.h", "linux/if_tun.h", "linux/sockios.h",
        ])
            c.Append("#include <").Append(header).Append(">\n");
        c.Append("#include \"divert.h\"\n");
        c.Append("#define CHECK(x) _Static_assert(x, #x)\n");

        Struct<LibC.pollfd>(c, "struct pollfd");
        Struct<LibC.iovec>(c, "struct iovec");
        Struct<LibC.msghdr>(c, "struct msghdr");
        Struct<LibC.timespec>(c, "struct timespec");
        Struct<sockaddr_xdp>(c, "struct sockaddr_xdp");
        Struct<xdp_ring_offset>(c, "struct xdp_ring_offset");
        Struct<xdp_mmap_offsets>(c, "struct xdp_mmap_offsets");
        Struct<xdp_umem_reg>(c, "struct xdp_umem_reg", isPrefix: true);
        Struct<xdp_statistics>(c, "struct xdp_statistics");
        Struct<xdp_desc>(c, "struct xdp_desc");
        Struct<sockaddr_ll>(c, "struct sockaddr_ll");
        Struct<tpacket_req>(c, "struct tpacket_req");
        Struct<tpacket2_hdr>(c, "struct tpacket2_hdr");
        Struct<tpacket_stats>(c, "struct tpacket_stats");
        Struct<InterfaceProbe.ethtool_drvinfo>(c, "struct ethtool_drvinfo");
        Struct<InterfaceProbe.ethtool_channels>(c, "struct ethtool_channels");
        Struct<interface_key>(c, "struct interface_key");
        Struct<interface_value>(c, "struct interface_value");
        Struct<endpoint_key>(c, "struct endpoint_key");
        Struct<mark_range>(c, "struct mark_range");
        c.Append($"CHECK(sizeof(struct mark_key) == {Marshal.SizeOf<mark_key>()} && offsetof(struct mark_key, address) == 4);\n");
        c.Append($"CHECK(sizeof(struct mark_network) == {Marshal.SizeOf<mark_network>()} && offsetof(struct mark_network, count) == 12);\n");
        c.Append($"CHECK(MARK_NETWORKS == {DivertAbi.MARK_NETWORKS} && MARK_RANGES == {DivertAbi.MARK_RANGES});\n");
        c.Append($"CHECK(sizeof(struct mac_value) == {Marshal.SizeOf<mac_value>()});\n");
        c.Append("CHECK(offsetof(struct mac_value, known) == 6 && offsetof(struct mac_value, first_socket) == 8);\n");
        c.Append($"CHECK(sizeof(struct mmsghdr) == {Marshal.SizeOf<LibC.mmsghdr>()});\n");
        c.Append($"CHECK(sizeof(struct ifreq) == {Marshal.SizeOf<ifreq_flags>()});\n");
        c.Append($"CHECK(sizeof(struct ifreq) == {Marshal.SizeOf<InterfaceProbe.ifreq>()});\n");
        c.Append($"CHECK(sizeof(struct address_key) == {Marshal.SizeOf<address_key>()});\n");
        c.Append($"CHECK(sizeof(struct virtio_net_hdr) == {VirtioNetHeader.Size});\n");
        c.Append("CHECK(offsetof(struct virtio_net_hdr, csum_start) == 6);\n");
        c.Append($"CHECK(VIRTIO_NET_HDR_F_NEEDS_CSUM == {VirtioNetHeader.NeedsChecksum});\n");
        c.Append($"CHECK(VIRTIO_NET_HDR_GSO_ECN == {VirtioNetHeader.GsoEcn});\n");
        Constants(c, typeof(XdpAbi));
        Constants(c, typeof(PacketAbi));
        Constants(c, typeof(DivertAbi));
        Constants(c, typeof(TapAbi), "TUN_F_USO4", "TUN_F_USO6");
        Constants(c, typeof(LibC), "SOCK_CLOEXEC", "SOCK_NONBLOCK", "EFD_CLOEXEC", "EFD_NONBLOCK", "O_RDWR", "O_NONBLOCK", "O_CLOEXEC", "Library");
        CompiledAssertions.Compile(c.ToString());
    }

    private static void Struct<T>(StringBuilder c, string name, bool isPrefix = false)
        where T : unmanaged
    {
        c.Append($"CHECK(sizeof({name}) {(isPrefix ? ">=" : "==")} {Marshal.SizeOf<T>()});\n");
        foreach (FieldInfo field in typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance))
            c.Append($"CHECK(offsetof({name}, {field.Name}) == {Marshal.OffsetOf<T>(field.Name)});\n");
    }

    private static void Constants(StringBuilder c, Type type, params string[] except)
    {
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            if (field.IsLiteral && !except.Contains(field.Name)) c.Append($"CHECK((unsigned long long)({field.Name}) == {Convert.ToUInt64(field.GetRawConstantValue())}ULL);\n");
    }
}
