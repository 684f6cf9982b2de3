using System.Globalization;
using System.Runtime.InteropServices;
using NetVS.Packets;

namespace NetVS.Bench.Wires;

/// <summary>Three hosts in a row, in network namespaces of their own: client g0 -- d0 director d1 -- s0 server.</summary>
/// <remarks>
/// The names carry this process's id, so that several runs go side by side, and what a dead one left behind is known and removed. Nothing
/// outside the namespaces is touched.
/// </remarks>
internal sealed class BenchNetwork : IDisposable
{
    private const string Prefix = "nvsb-";
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly Lock _lock = new();
    private bool _isRemoved;

    private BenchNetwork()
    {
        string id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        Client = new BenchHost($"{Prefix}{id}-client");
        Director = new BenchHost($"{Prefix}{id}-director");
        Server = new BenchHost($"{Prefix}{id}-server");
        Folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
            _signals.Add(PosixSignalRegistration.Create(signal, RemoveAndExit));
    }

    /// <summary>The service's address and the director's.</summary>
    public static Ipv4Address Virtual { get; } = Ipv4Address.Of(10, 1, 0, 10);

    /// <summary>The real server's address.</summary>
    public static Ipv4Address Real { get; } = Ipv4Address.Of(10, 2, 0, 2);

    /// <summary>The first address of the clients the generator plays.</summary>
    public static Ipv4Address FirstClient { get; } = Ipv4Address.Of(10, 128, 0, 0);

    /// <summary>Bits of their network.</summary>
    public const int ClientPrefix = 9;

    /// <summary>The network of the director's local addresses, from which FULLNAT sends.</summary>
    public static Ipv4Address LocalNetwork { get; } = Ipv4Address.Of(10, 2, 0, 128);

    /// <summary>Bits of it.</summary>
    public const int LocalPrefix = 25;

    /// <summary>The local addresses: enough ports for two million connections to one server.</summary>
    public static IReadOnlyList<Ipv4Address> Locals { get; } = [.. Enumerable.Range(0, 40).Select(i => new Ipv4Address(LocalNetwork.Value + (uint)i))];

    /// <summary>The UDP port of the service, on both sides.</summary>
    public const ushort DatagramPort = 9000;

    /// <summary>The TCP port of the web service.</summary>
    public const ushort WebPort = 80;

    /// <summary>The real server's TCP port.</summary>
    public const ushort RealWebPort = 8080;

    /// <summary>The TCP port iperf3 uses, on both sides.</summary>
    public const ushort BulkPort = 5201;

    /// <summary>MACs of g0, d0, d1 and s0.</summary>
    public static MacAddress ClientMac { get; } = new(0x0200_0000_B001);

    /// <summary>MAC of d0.</summary>
    public static MacAddress FrontMac { get; } = new(0x0200_0000_B002);

    /// <summary>MAC of d1.</summary>
    public static MacAddress BackMac { get; } = new(0x0200_0000_B003);

    /// <summary>MAC of s0.</summary>
    public static MacAddress ServerMac { get; } = new(0x0200_0000_B004);

    /// <summary>Where packets come from.</summary>
    public BenchHost Client { get; }

    /// <summary>What is measured.</summary>
    public BenchHost Director { get; }

    /// <summary>Where packets end.</summary>
    public BenchHost Server { get; }

    /// <summary>The kernel's room for tracked connections.</summary>
    public TrackingLimit Tracking { get; } = new();

    /// <summary>A folder for the run's files.</summary>
    public string Folder { get; }

    /// <summary>Makes it.</summary>
    public static BenchNetwork Create()
    {
        RemoveDead();
        var network = new BenchNetwork();
        try
        {
            network.Build();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Makes the director's front device take frames in batches of its own (GRO, NAPI), as frames redirected to it need.</summary>
    public void SetFrontGro(bool isOn) => Director.Run("ethtool", "-K", "d0", "gro", isOn ? "on" : "off");

    /// <summary>
    /// Makes the client's and the server's devices send as a wire carries packets, with checksums finished, and take frames that XDP redirects
    /// to them: a veth leaves out both by default, and a network card does both.
    /// </summary>
    public void SetLikeWires(bool isOn)
    {
        Client.Run("ethtool", "-K", "g0", "tx", isOn ? "off" : "on", "gro", isOn ? "on" : "off");
        Server.Run("ethtool", "-K", "s0", "tx", isOn ? "off" : "on", "gro", isOn ? "on" : "off");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals) signal.Dispose();
        RemoveAll();
    }

    // 130 is what a shell expects of a program that was interrupted.
    private void RemoveAndExit(PosixSignalContext context)
    {
        context.Cancel = true;
        RemoveAll();
        Environment.Exit(130);
    }

    private void RemoveAll()
    {
        lock (_lock)
        {
            if (_isRemoved) return;
            _isRemoved = true;
            foreach (BenchHost host in (BenchHost[])[Client, Director, Server]) Remove(host.Name);
            Tracking.Dispose();
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static void RemoveDead()
    {
        if (!Directory.Exists("/run/netns")) return;
        foreach (string file in Directory.GetFiles("/run/netns", Prefix + "*"))
        {
            string name = System.IO.Path.GetFileName(file);
            string[] parts = name.Split('-');
            if (parts.Length == 3 && !Directory.Exists("/proc/" + parts[1])) Remove(name);
        }
    }

    private static void Remove(string name)
    {
        if (!File.Exists("/run/netns/" + name)) return;
        foreach (string process in Tool.Run("ip", ["netns", "pids", name]).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using System.Diagnostics.Process kill = Tool.Start("kill", ["-KILL", process]);
            kill.WaitForExit();
        }

        Tool.Run("ip", ["netns", "del", name]);
    }

    private void Build()
    {
        foreach (BenchHost host in (BenchHost[])[Client, Director, Server])
        {
            Tool.Run("ip", ["netns", "add", host.Name]);

            // Neither of these is on in a fresh namespace of a plain host, but both may be inherited.
            host.TrySetSysctl("net.ipv4.conf.all.rp_filter", "0");
            host.TrySetSysctl("net.ipv4.conf.default.rp_filter", "0");
            host.TrySetSysctl("net.ipv6.conf.all.disable_ipv6", "1");
            host.TrySetSysctl("net.ipv6.conf.default.disable_ipv6", "1");
        }

        Client.Ip($"""
            link set lo up
            link add g0 address {ClientMac} type veth peer name d0 address {FrontMac} netns {Director.Name}
            link set g0 up
            addr add 10.1.0.2/24 dev g0
            neigh replace 10.1.0.1 lladdr {FrontMac} dev g0
            neigh replace {Virtual} lladdr {FrontMac} dev g0
            """);
        Server.Ip($"""
            link set lo up
            link add s0 address {ServerMac} type veth peer name d1 address {BackMac} netns {Director.Name}
            link set s0 up
            addr add {Real}/24 dev s0
            neigh replace 10.2.0.1 lladdr {BackMac} dev s0
            """);
        Director.Ip($"""
            link set lo up
            link set d0 up
            link set d1 up
            addr add 10.1.0.1/24 dev d0
            addr add {Virtual}/32 dev lo
            addr add 10.2.0.1/24 dev d1
            neigh replace 10.1.0.2 lladdr {ClientMac} dev d0
            neigh replace {Real} lladdr {ServerMac} dev d1
            route add {FirstClient}/9 via 10.1.0.2
            """);
        Client.Ip("route add default via 10.1.0.1");
        Server.Ip("route add default via 10.2.0.1");
        Director.Ip(string.Join('\n', Locals.Select(l => $"addr add {l}/32 dev d1")));
        Director.TrySetSysctl("net.ipv4.ip_forward", "1");

        // A new connection a moment after the last one ended must find a port; a proxy makes connections too.
        foreach (BenchHost host in (BenchHost[])[Client, Director])
        {
            host.TrySetSysctl("net.ipv4.ip_local_port_range", "1024 65535");
            host.TrySetSysctl("net.ipv4.tcp_tw_reuse", "1");
        }

        foreach (BenchHost host in (BenchHost[])[Director, Server]) host.TrySetSysctl("net.core.somaxconn", "8192");
    }
}
