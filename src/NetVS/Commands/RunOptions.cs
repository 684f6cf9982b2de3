using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NetVS.Api.Server;
using NetVS.Control.Peers;
using NetVS.Linux.Attachment;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Commands;

/// <summary>The arguments of <c>netvs run</c>.</summary>
internal sealed record RunOptions
{
    /// <summary>How it is used.</summary>
    public const string Usage =
        "usage: netvs run [-i IF[,IF…]] [--rules FILE | -f FILE] [options]\n\n" +
        "Runs the director in the foreground. It prints 'ready' when it forwards, and tells systemd. SIGHUP loads the file\n" +
        "again, SIGTERM and SIGINT end it: it detaches from everything, and the kernel has all packets again.\n\n" +
        "  -i, --interface IF[,IF…]   where it listens (default: every Ethernet interface that is up); one that does not exist yet\n" +
        "                             is attached when it appears\n" +
        "      --rules FILE           the rules to begin with, in the format of 'ipvsadm -S'\n" +
        "  -f FILE                    a keepalived.conf: its virtual servers are applied\n" +
        "      --config-id ID         what @ID in it compares with (default: the host's name up to the first dot)\n" +
        "      --socket PATH          the control socket (default: $NETVS_SOCKET, or /run/netvs/netvs.sock)\n" +
        "      --link KIND            auto, af_xdp or af_packet (auto)\n" +
        "      --hook HOOK            auto, xdp, xdp-generic, tc or none (auto)\n" +
        "      --workers N            worker threads (default: as many as receive queues, at most one per processor)\n" +
        "      --max-connections N    the most IPv4 connections (1048576); a quarter as many IPv6 connections come on top\n" +
        "      --flows N              IPv4 flows of the kernel fast path (1048576, of 64 octets each; a NAT connection takes two);\n" +
        "                             an eighth as many IPv6 flows come on top\n" +
        "      --no-offload           every packet passes user space\n" +
        "      --sync-key FILE        the key that directors hold who tell each other of their connections ('netvs sync key FILE' makes it)\n" +
        "      --sync-listen ADDRESS[:PORT]\n" +
        "                             tell those who dial this address with the same key (TCP port 8849)\n" +
        "      --sync-peer ADDRESS[:PORT]\n" +
        "                             dial this director, be told by it of everything and then of what changes; may be repeated";

    private static readonly string[] s_specification =
    [
        "--interface=|-i", "--rules=", "--socket=", "--link=", "--hook=", "--workers=", "--max-connections=", "--flows=", "--no-offload",
        "-f=", "--config-id=", "--sync-key=", "--sync-listen=", "--sync-peer=+", "--help|-h",
    ];

    /// <summary>The interfaces; empty for all that are up.</summary>
    public IReadOnlyList<string> Interfaces { get; private init; } = [];

    /// <summary>The rules file, or null.</summary>
    public string? RulesFile { get; private init; }

    /// <summary>The keepalived.conf, or null.</summary>
    public string? ConfigurationFile { get; private init; }

    /// <summary>What @ID in it compares with; null for the host's name.</summary>
    public string? ConfigurationId { get; private init; }

    /// <summary>The control socket.</summary>
    public string SocketPath { get; private init; } = "";

    /// <summary>The kind of link.</summary>
    public LinkChoice Link { get; private init; }

    /// <summary>The hook.</summary>
    public HookChoice Hook { get; private init; }

    /// <summary>Worker threads; 0 to decide by the interfaces.</summary>
    public int Workers { get; private init; }

    /// <summary>The most IPv4 connections.</summary>
    public int MaxConnections { get; private init; }

    /// <summary>IPv4 flows of the fast path.</summary>
    public int Flows { get; private init; }

    /// <summary>Whether established flows are forwarded by the kernel fast path.</summary>
    public bool WantsOffload { get; private init; }

    /// <summary>The key file of the peer channel, or null.</summary>
    public string? SyncKey { get; private init; }

    /// <summary>Where peers may dial, or null.</summary>
    public IPEndPoint? SyncListen { get; private init; }

    /// <summary>The peers to dial.</summary>
    public IReadOnlyList<IPEndPoint> SyncPeers { get; private init; } = [];

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp { get; private init; }

    /// <summary>Reads the arguments.</summary>
    /// <returns>What is wrong and what to do, or null.</returns>
    public static string? Parse(string[] arguments, out RunOptions options)
    {
        options = new RunOptions();
        OptionReader read = OptionReader.Read(arguments, s_specification);
        if (read["--help"] is not null)
        {
            options = new RunOptions { WantsHelp = true };
            return null;
        }

        if (read.Problem is { } problem) return problem;
        if (read.Operands is [var operand, ..]) return $"unexpected '{operand}': try --help";
        if (read["-f"] is not null && read["--rules"] is not null) return "rules come from one file: give --rules FILE or -f FILE";
        if (read["--config-id"] is not null && read["-f"] is null) return "--config-id belongs to -f FILE";
        string[] interfaces = (read["--interface"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (read["--interface"] is not null && interfaces.Length == 0) return "--interface needs a name";
        if (interfaces.FirstOrDefault(i => !IsInterfaceName(i)) is { } bad) return $"'{bad}' cannot be the name of an interface: 'ip link' lists them";
        if (!TryChoose(read["--link"], ["auto", "af_xdp", "af_packet"], out LinkChoice link)) return $"there is no link '{read["--link"]}': auto, af_xdp or af_packet";
        if (!TryChoose(read["--hook"], ["auto", "xdp", "xdp-generic", "tc", "none"], out HookChoice hook)) return $"there is no hook '{read["--hook"]}': auto, xdp, xdp-generic, tc or none";
        if (new LinkManagerOptions { Link = link, Hook = hook }.FindContradiction() is { } contradiction) return contradiction;
        if (!TryNumber(read["--workers"], 0, 1, 256, out int workers)) return "--workers needs a number from 1 to 256";
        if (!TryNumber(read["--max-connections"], 1 << 20, 1, 100_000_000, out int most)) return "--max-connections needs a number from 1 to 100000000";
        if (!TryNumber(read["--flows"], 1 << 20, 1024, 1 << 27, out int flows)) return $"--flows needs a number from 1024 to {1 << 27}";
        if (FindPeers(read, out IPEndPoint? listen, out List<IPEndPoint> peers) is { } wrong) return wrong;
        options = new RunOptions
        {
            SyncKey = read["--sync-key"],
            SyncListen = listen,
            SyncPeers = peers,
            Flows = flows,
            WantsOffload = read["--no-offload"] is null,
            Interfaces = [.. interfaces.Distinct()],
            RulesFile = read["--rules"],
            ConfigurationFile = read["-f"] is { } file ? Path.GetFullPath(file) : null,
            ConfigurationId = read["--config-id"],
            SocketPath = read["--socket"] ?? ControlSocket.DefaultPath,
            Link = link,
            Hook = hook,
            Workers = workers,
            MaxConnections = most,
        };
        return null;
    }

    private static string? FindPeers(OptionReader read, out IPEndPoint? listen, out List<IPEndPoint> peers)
    {
        (listen, peers) = (null, []);
        bool isAsked = read["--sync-listen"] is not null || read["--sync-peer"] is not null;
        if (isAsked && read["--sync-key"] is null) return "--sync-listen and --sync-peer need --sync-key FILE: 'netvs sync key FILE' makes one, which both directors hold";
        if (!isAsked && read["--sync-key"] is not null) return "--sync-key does nothing without --sync-listen or --sync-peer";
        if (read["--sync-listen"] is { } where && !TryEndpoint(where, out listen)) return $"--sync-listen: '{where}' is no ADDRESS[:PORT]; an IPv6 address with a port has brackets";
        foreach (string peer in read.All("--sync-peer"))
        {
            if (!TryEndpoint(peer, out IPEndPoint? end)) return $"--sync-peer: '{peer}' is no ADDRESS[:PORT]; an IPv6 address with a port has brackets";
            if (peers.Contains(end)) return $"--sync-peer: {peer} is given twice";
            peers.Add(end);
        }

        return null;
    }

    // The platform's parser takes "1" and "10.1" for addresses.
    private static bool TryEndpoint(string text, [NotNullWhen(true)] out IPEndPoint? end)
    {
        if (!IPEndPoint.TryParse(text, out end)) return false;
        string address = text.StartsWith('[') ? text[1..].Split(']')[0] : end.AddressFamily == AddressFamily.InterNetwork ? text.Split(':')[0] : text;
        bool saysPort = text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : end.AddressFamily == AddressFamily.InterNetwork && text.Contains(':', StringComparison.Ordinal);
        if (!IpAddress.TryParse(address, out _) || (saysPort && end.Port == 0)) return false;
        if (!saysPort) end = new IPEndPoint(end.Address, PeerOptions.DefaultPort);
        return true;
    }

    // IFNAMSIZ is 16 with the terminating NUL; the kernel refuses these characters (dev_valid_name).
    private static bool IsInterfaceName(string name) =>
        name.Length is > 0 and < 16 && name is not ("." or "..") && !name.Any(c => c is '/' or ':' || char.IsWhiteSpace(c));

    private static bool TryChoose<T>(string? text, string[] names, out T choice)
        where T : struct, Enum
    {
        int index = text is null ? 0 : Array.IndexOf(names, text);
        choice = index < 0 ? default : Enum.GetValues<T>()[index];
        return index >= 0;
    }

    private static bool TryNumber(string? text, int fallback, int least, int most, out int number)
    {
        number = fallback;
        return text is null
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }
}
