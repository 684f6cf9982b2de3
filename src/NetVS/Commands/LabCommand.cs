using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetVS.Lab;
using NetVS.Lab.Peers;
using NetVS.Linux.Flows;

namespace NetVS.Commands;

/// <summary><c>netvs lab</c>: the methods on one machine, in namespaces, with every packet explained.</summary>
internal static class LabCommand
{
    private const string Usage = """
        usage: netvs lab dr|nat|tun|fullnat [options]
               netvs lab health [-6] [--link KIND]
               netvs lab failover [nat|dr|tun|fullnat] [--sync peer] [--repeat N] [-6] [--link KIND]
               netvs lab pmtu [nat|dr|tun|fullnat] [-6] [--link KIND]
               netvs lab fwmark [-6] [--link KIND]
               netvs lab selftest [--link KIND]
               netvs lab soak [--duration S] [--rate N] [--seed N] [--settle S] [--no-offload] [--link KIND]
               netvs lab clean

        Builds a client, a director and real servers in network namespaces of its own, runs them, prints what happened
        hop by hop beside what the textbook says, and removes everything. Needs root. Exit status 0 only if all is right.
        'health' ends and begins web servers, and shows how health checks send clients elsewhere. 'failover' kills one of
        two directors under long downloads, which finish through the other one; with '--sync peer', and always with
        fullnat, connections are told by the peer channel instead of multicast. 'pmtu' puts a narrow link before a client, whose
        download must not stall. (Both: nat, unless another method is named.) 'fwmark' has services of firewall marks, by NetVS's
        rules and by nftables. 'selftest' plays the three cases of the kernel's selftest of IPVS, tools/testing/selftests/net/ipvs.sh.
        'soak' sends mixed traffic by all methods and both families while rules change at random, and fails if a request is lost that no rule
        excuses, if anything leaks, if counters do not add up, or if a connection is left.

          -6, --ipv6         everything speaks IPv6
          --tun-type TYPE    tun: the encapsulation: ipip (default), gre or gue
          --tun-csum         tun: gre and gue have a checksum of their own
          --link KIND        the director's links: auto, af_xdp or af_packet
          --sync KIND        failover: multicast (default) or peer; fullnat: peer
          --repeat N         failover: no downloads; kill the master N times and tell least, median and longest time until
                             the other one advertises, beside 3 x advert_int + skew
          --offload          leave the hosts' checksum and segmentation offloads on (captures then show unfinished checksums)
          --keep             leave the lab standing and tell how to enter its hosts; 'netvs lab clean' removes it
          --shell            open a shell in the director before the lab is removed
          --transfer SIZE    also download and upload SIZE octets (100M, 1G) through the VIP with curl and compare hashes
          --clients N        also let N clients ask side by side and count lost requests
          --duration S       for S seconds (60); soak: traffic for so long
          --churn            meanwhile remove a real server and add it again
          --rate N           soak: N requests a second (50), at most 500
          --seed N           soak: draw requests and changes as the run with this seed did
          --settle S         soak: wait S seconds for connections to expire (200); those left must be within their timeouts
          --no-offload       soak: without the fast path
        """;

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("show a forwarding method on this machine, packet by packet", Usage, RunAsync);

    private static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["-h" or "--help" or "help", ..]:
                    Console.WriteLine(Usage);
                    return 0;
                case ["clean"]:
                    if (!IsRoot()) return 1;
                    IReadOnlyList<string> removed = await LabRunner.CleanAsync();

                    // What the killed director of a lab has left pinned.
                    FlowMaps.RemoveAbandoned();
                    Console.WriteLine(removed.Count == 0 ? "no lab is standing" : $"removed {string.Join(", ", removed)}");
                    return 0;
                case ["serve" or "load" or "read-line" or "take" or "soak-serve" or "soak-load", ..]:
                    return await PlayPeerAsync(arguments);
                default:
                    LabOptions options = Parse(arguments);
                    return IsRoot() ? await RunAsync(options) : 1;
            }
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync($"netvs: {e.Message}: see 'netvs lab --help'");
            return 2;
        }
        catch (LabException e)
        {
            await Console.Error.WriteLineAsync($"netvs: {e.Message}");
            return 1;
        }
    }

    private static bool IsRoot()
    {
        if (Environment.IsPrivilegedProcess) return true;
        Console.Error.WriteLine("netvs: a lab makes network namespaces: run it as root (sudo)");
        return false;
    }

    private static async Task<int> RunAsync(LabOptions options)
    {
        using var interrupted = new CancellationTokenSource();
        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Cancel();
        }

        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using PosixSignalRegistration onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        try
        {
            return await LabRunner.RunAsync(options, Console.Out, interrupted.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("netvs: interrupted: the lab has been removed");
            return 130;
        }
    }

    private static LabOptions Parse(string[] arguments)
    {
        if (arguments.Length == 0) throw new FormatException("which lab?");
        if (!LabRunner.Topologies.Contains(arguments[0]))
            throw new FormatException($"there is no lab '{arguments[0]}': {string.Join(", ", LabRunner.Topologies)}");
        string? story = arguments[0] is "dr" or "nat" or "tun" or "fullnat" ? null : arguments[0];
        if (story is not null)
        {
            bool hasMethod = LabRunner.WithMethod.Contains(story) && arguments is [_, not ['-', ..], ..];
            arguments = hasMethod ? arguments[1..] : ["nat", .. arguments[1..]];
            if (arguments[0] is not ("nat" or "dr" or "tun" or "fullnat")) throw new FormatException($"there is no lab '{story} {arguments[0]}': nat, dr, tun, fullnat");
        }

        bool isFailover = story == "failover", isFullNat = isFailover && arguments[0] == "fullnat";
        if (story == "soak") return SoakArguments.Parse(arguments[1..]);
        var options = new LabOptions { Topology = arguments[0], Story = story, UsesPeers = isFullNat };
        for (int i = 1; i < arguments.Length; i++)
        {
            string Value() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} needs a value");
            options = arguments[i] switch
            {
                "-6" or "--ipv6" => options with { IsV6 = true },
                "--offload" => options with { KeepOffloads = true },
                "--keep" => options with { Keep = true },
                "--shell" => options with { Shell = true },
                "--churn" => options with { Churn = true },
                "--tun-type" => options with { TunnelType = Value() },
                "--tun-csum" => options with { HasTunnelChecksum = true },
                "--sync" when isFailover => options with { UsesPeers = ParseSync(Value(), isFullNat) },
                "--repeat" when isFailover => options with { Repeat = ParseCount(Value()) },
                "--link" => options with { Link = Value() },
                "--transfer" => options with { Transfer = ParseSize(Value()) },
                "--clients" => options with { Clients = ParseCount(Value()) },
                "--duration" => options with { Duration = TimeSpan.FromSeconds(ParseCount(Value())) },
                string unknown => throw new FormatException($"unknown option '{unknown}'"),
            };
        }

        if (options.TunnelType is not ("ipip" or "gre" or "gue")) throw new FormatException($"there is no tunnel '{options.TunnelType}': ipip, gre or gue");
        if (options.Topology != "tun" && (options.TunnelType != "ipip" || options.HasTunnelChecksum))
            throw new FormatException($"--tun-type and --tun-csum are for the lab tun, not for {options.Topology}");
        if (options.HasTunnelChecksum && options.TunnelType == "ipip") throw new FormatException("--tun-csum is for gre and gue: ipip has no checksum of its own");
        if (story is not null && options != new LabOptions { Topology = options.Topology, Story = story, UsesPeers = options.UsesPeers, Repeat = options.Repeat, IsV6 = options.IsV6, Link = options.Link })
            throw new FormatException($"'netvs lab {story}' takes {(LabRunner.WithMethod.Contains(story) ? "a method, " : "")}{(isFailover ? "--sync, --repeat, " : "")}{(story == "selftest" ? "" : "-6 and ")}--link only");
        if (story == "selftest" && options.IsV6) throw new FormatException("'netvs lab selftest' is IPv4, as the kernel's selftest is");
        return WithLink(options);
    }

    /// <summary>The options, whose link must be one that there is.</summary>
    internal static LabOptions WithLink(LabOptions options) => options.Link is "auto" or "af_xdp" or "af_packet"
        ? options
        : throw new FormatException($"there is no link '{options.Link}': auto, af_xdp or af_packet");

    private static bool ParseSync(string text, bool isFullNat) => text switch
    {
        "peer" => true,
        "multicast" when isFullNat => throw new FormatException("FULLNAT connections cannot be told by multicast: --sync peer"),
        "multicast" => false,
        _ => throw new FormatException($"there is no synchronisation '{text}': peer or multicast"),
    };

    /// <summary>Reads a number above 0.</summary>
    internal static int ParseCount(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw new FormatException($"'{text}' is not a number above 0");

    private static long ParseSize(string text)
    {
        long unit = text.Length == 0 ? 1 : char.ToUpperInvariant(text[^1]) switch { 'K' => 1L << 10, 'M' => 1L << 20, 'G' => 1L << 30, _ => 1 };
        ReadOnlySpan<char> digits = unit == 1 ? text : text.AsSpan(0, text.Length - 1);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size is > 0 and < 1L << 32
            ? size * unit
            : throw new FormatException($"'{text}' is not a size such as 100M");
    }

    /// <summary>The labs' own server and clients, started by the labs inside their hosts.</summary>
    private static async Task<int> PlayPeerAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["serve", "--name", string name, "--port", string port, .. string[] rest]:
                using (var end = new CancellationTokenSource())
                {
                    using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => end.Cancel());
                    await LabServer.RunAsync(name, ParseCount(port), rest is ["--banner", string banner] ? banner : null, end.Token);
                }

                return 0;
            case ["load", string address, string port, string clients, string seconds]:
                await LoadClient.RunAsync(Endpoint(address, port), ParseCount(clients), TimeSpan.FromSeconds(ParseCount(seconds)), TimeSpan.FromSeconds(10));
                return 0;
            case ["soak-serve", string name, string tcp, string udp, string addresses]:
                using (var end = new CancellationTokenSource())
                {
                    using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => end.Cancel());
                    await SoakServers.RunAsync(name, Ports(tcp), Ports(udp), [.. addresses.Split(',').Select(IPAddress.Parse)], end.Token);
                }

                return 0;
            case ["soak-load"]:
                await SoakClient.RunAsync();
                return 0;
            case ["take", string port, string file]:
                return await TakeAsync(ParseCount(port), file);
            case ["read-line", string address, string port]:
                return await ReadLineAsync(Endpoint(address, port));
            default:
                throw new FormatException($"'netvs lab {arguments[0]}' is used by the labs themselves");
        }
    }

    private static int[] Ports(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ParseCount)];

    // Takes one connection and writes down what it brings.
    private static async Task<int> TakeAsync(int port, string file)
    {
        using var listener = new TcpListener(IPAddress.Any, port);
        listener.Start();
        Console.WriteLine($"listening on port {port}");
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using FileStream stream = File.Create(file);
        await client.GetStream().CopyToAsync(stream);
        return 0;
    }

    private static async Task<int> ReadLineAsync(IPEndPoint target)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(8));
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(target, limit.Token);
            using var reader = new StreamReader(new NetworkStream(socket));
            Console.WriteLine(await reader.ReadLineAsync(limit.Token));
            return 0;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
        {
            await Console.Error.WriteLineAsync($"netvs: {target}: {e.Message}");
            return 1;
        }
    }

    private static IPEndPoint Endpoint(string address, string port) =>
        IPAddress.TryParse(address, out IPAddress? parsed)
            ? new IPEndPoint(parsed, ParseCount(port))
            : throw new FormatException($"'{address}' is not an address");
}
