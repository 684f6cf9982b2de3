using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;
using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Tap;

/// <summary>The device by which frames get back into the host's own network stack, as if they had just been received.</summary>
/// <remarks>
/// It has no address of use, and goes with the process. What is written to it arrives on it, so packet filter rules that name an interface
/// see its name, not that of the interface the frame first came by. Each worker has a queue of its own.
/// </remarks>
internal sealed unsafe class TapDevice : IDisposable
{
    private const int LargestIpMtu = 65521;

    private readonly List<SafeFileHandle> _queues = [];

    private TapDevice(string name) => Name = name;

    /// <summary>The name, nvs0 or the next that is free.</summary>
    public string Name { get; private set; }

    /// <summary>The device's index.</summary>
    public int Index { get; private set; }

    /// <summary>Its Ethernet address, which frames for the stack must be addressed to.</summary>
    public MacAddress Mac { get; private set; }

    /// <summary>What could not be set up as it should be.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>One descriptor per worker.</summary>
    public IReadOnlyList<SafeFileHandle> Queues => _queues;

    /// <summary>Creates the device in the current network namespace, up and ready.</summary>
    /// <param name="queues">How many workers there are.</param>
    public static TapDevice Create(int queues)
    {
        var device = new TapDevice("nvs%d");
        try
        {
            for (int i = 0; i < queues; i++) device._queues.Add(device.OpenQueue());
            device.Configure();
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Removes the device.</summary>
    public void Dispose()
    {
        foreach (SafeFileHandle queue in _queues) queue.Dispose();
        _queues.Clear();
    }

    private SafeFileHandle OpenQueue()
    {
        const string Path = "/dev/net/tun";
        int fd = LibC.open(Path, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (fd < 0) throw LibC.Failure("open", Path, "the kernel needs CONFIG_TUN (modprobe tun), and /dev/net/tun must be there");
        var queue = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            ifreq_flags request = Request();
            *(short*)request.ifr_data = TapAbi.IFF_TAP | TapAbi.IFF_NO_PI | TapAbi.IFF_VNET_HDR | TapAbi.IFF_MULTI_QUEUE;
            LibC.Check(LibC.ioctl(queue, TapAbi.TUNSETIFF, &request), "ioctl TUNSETIFF", Name);
            Name = Encoding.ASCII.GetString(new ReadOnlySpan<byte>(request.ifr_name, 16)).TrimEnd('\0');
            SetOffload(queue);
            return queue;
        }
        catch
        {
            queue.Dispose();
            throw;
        }
    }

    // What the stack may leave unfinished in frames it sends into the tap: replies of local real servers.
    private void SetOffload(SafeFileHandle queue)
    {
        const uint Tcp = TapAbi.TUN_F_CSUM | TapAbi.TUN_F_TSO4 | TapAbi.TUN_F_TSO6 | TapAbi.TUN_F_TSO_ECN;
        if (LibC.ioctl(queue, TapAbi.TUNSETOFFLOAD, (void*)(Tcp | TapAbi.TUN_F_USO4 | TapAbi.TUN_F_USO6)) >= 0) return;
        LibC.Check(LibC.ioctl(queue, TapAbi.TUNSETOFFLOAD, (void*)Tcp), "ioctl TUNSETOFFLOAD", Name);
    }

    private void Configure()
    {
        using SafeFileHandle socket = LibC.OpenSocket(LibC.AF_INET, LibC.SOCK_DGRAM, 0, Name);
        ifreq_flags request = Request();
        LibC.Check(LibC.ioctl(socket, TapAbi.SIOCGIFINDEX, &request), "ioctl SIOCGIFINDEX", Name);
        Index = *(int*)request.ifr_data;
        request = Request();
        LibC.Check(LibC.ioctl(socket, TapAbi.SIOCGIFHWADDR, &request), "ioctl SIOCGIFHWADDR", Name);
        Mac = MacAddress.Read(new ReadOnlySpan<byte>(request.ifr_data + 2, MacAddress.Size));

        // Replies of local real servers leave by it, and it must not be what limits them.
        request = Request();
        *(int*)request.ifr_data = LargestIpMtu;
        LibC.Check(LibC.ioctl(socket, TapAbi.SIOCSIFMTU, &request), "ioctl SIOCSIFMTU", Name);
        SetSysctls();
        request = Request();
        LibC.Check(LibC.ioctl(socket, TapAbi.SIOCGIFFLAGS, &request), "ioctl SIOCGIFFLAGS", Name);
        // Who routes packets here for their mark need not name a next hop.
        *(short*)request.ifr_data |= TapAbi.IFF_UP | TapAbi.IFF_NOARP;
        LibC.Check(LibC.ioctl(socket, TapAbi.SIOCSIFFLAGS, &request), "ioctl SIOCSIFFLAGS", Name);
    }

    // Frames come back by another device than the one their sender is reached by, so the reverse path filter must not refuse them. The
    // kernel takes the larger of "all" and the device's own. Where "all" says 1 (strict), the laxest there is is 2 (loose), and loose
    // refuses everything on a device without an address: so there it gets the one that stands for "none" (RFC 7600 §4.8).
    private void SetSysctls()
    {
        bool isFilteredEverywhere = TryRead("ipv4/conf/all/rp_filter") is not (null or "0");
        Write($"ipv4/conf/{Name}/rp_filter", isFilteredEverywhere ? "2" : "0");
        Write($"ipv4/conf/{Name}/accept_local", "1");
        Write($"ipv4/conf/{Name}/arp_ignore", "8");
        Write($"ipv6/conf/{Name}/addr_gen_mode", "1");
        Write($"ipv6/conf/{Name}/accept_ra", "0");
        if (!isFilteredEverywhere) return;
        using var configuration = new NetworkConfiguration();
        configuration.AddAddress(Index, Ipv4Address.Of(192, 0, 0, 8), 32);
    }

    private static string? TryRead(string sysctl)
    {
        string path = $"/proc/sys/net/{sysctl}";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    private void Write(string sysctl, string value)
    {
        // A kernel without IPv6, or one without this knob, needs none of it.
        string path = $"/proc/sys/net/{sysctl}";
        if (!File.Exists(path) || File.ReadAllText(path).Trim() == value) return;
        try
        {
            File.WriteAllText(path, value);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Containers often have /proc/sys read-only. Most frames pass nevertheless.
            Warnings.Add($"{Name}: cannot set net.{sysctl.Replace('/', '.')} to {value}: some frames may not reach this host's own stack");
        }
    }

    private ifreq_flags Request()
    {
        ifreq_flags request = default;
        Encoding.ASCII.GetBytes(Name, new Span<byte>(request.ifr_name, 15));
        return request;
    }
}
