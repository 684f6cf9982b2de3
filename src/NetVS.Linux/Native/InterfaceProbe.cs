using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Native;

/// <summary>What a driver says of its device: name, bus, queues (linux/ethtool.h).</summary>
/// <remarks>Asked by ioctl and not through sysfs, which shows the network namespace of whoever mounted it.</remarks>
/// <param name="Driver">The driver's name; empty where it has none.</param>
/// <param name="Bus">Where the hardware is; empty for a virtual device.</param>
/// <param name="ReceiveQueues">Receive queues in use, at least 1.</param>
internal sealed unsafe record InterfaceProbe(string Driver, string Bus, int ReceiveQueues)
{
    private const nuint SIOCETHTOOL = 0x8946;
    private const uint ETHTOOL_GDRVINFO = 3, ETHTOOL_GCHANNELS = 0x3C;
    private const int IFNAMSIZ = 16;

    [StructLayout(LayoutKind.Sequential)]
    internal struct ifreq
    {
        public fixed byte ifr_name[IFNAMSIZ];
        public void* ifr_data;
        private readonly ulong _union1;
        private readonly ulong _union2;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ethtool_drvinfo
    {
        public uint cmd;
        public fixed byte driver[32];
        public fixed byte version[32];
        public fixed byte fw_version[32];
        public fixed byte bus_info[32];
        public fixed byte erom_version[32];
        public fixed byte reserved2[12];
        public uint n_priv_flags;
        public uint n_stats;
        public uint testinfo_len;
        public uint eedump_len;
        public uint regdump_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ethtool_channels
    {
        public uint cmd;
        public uint max_rx;
        public uint max_tx;
        public uint max_other;
        public uint max_combined;
        public uint rx_count;
        public uint tx_count;
        public uint other_count;
        public uint combined_count;
    }

    /// <summary>Whether there is no hardware behind it: frames may come straight from a stack on this machine.</summary>
    public bool IsVirtual => Bus.Length == 0;

    /// <summary>Asks about an interface of the current network namespace; what the driver does not say is left empty.</summary>
    public static InterfaceProbe Read(string interfaceName)
    {
        using SafeFileHandle socket = LibC.OpenSocket(LibC.AF_INET, LibC.SOCK_DGRAM, 0, interfaceName);
        ethtool_drvinfo driver = new() { cmd = ETHTOOL_GDRVINFO };
        if (!Ask(socket, interfaceName, &driver)) driver = default;
        ethtool_channels channels = new() { cmd = ETHTOOL_GCHANNELS };
        if (!Ask(socket, interfaceName, &channels)) channels = default;
        long queues = (long)channels.rx_count + channels.combined_count;
        return new InterfaceProbe(Text(driver.driver), Text(driver.bus_info), (int)Math.Clamp(queues, 1, 64));
    }

    private static bool Ask(SafeFileHandle socket, string interfaceName, void* what)
    {
        ifreq request = default;
        request.ifr_data = what;
        Encoding.UTF8.GetBytes(interfaceName.AsSpan(0, Math.Min(interfaceName.Length, IFNAMSIZ - 1)), new Span<byte>(request.ifr_name, IFNAMSIZ));
        return LibC.ioctl(socket, SIOCETHTOOL, &request) >= 0;
    }

    private static string Text(byte* octets)
    {
        var text = new ReadOnlySpan<byte>(octets, 32);
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }
}
