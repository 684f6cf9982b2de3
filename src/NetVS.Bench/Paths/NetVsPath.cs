using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>The daemon as an operator runs it.</summary>
/// <param name="program">The executable.</param>
/// <param name="variant">How it is run.</param>
/// <param name="method">How it forwards.</param>
internal sealed class NetVsPath(NetVsProgram program, NetVsVariant variant, NetVsMethod method = NetVsMethod.Nat) : IForwardingPath
{
    private const int DefaultConnections = 1 << 20;

    /// <inheritdoc/>
    public string Name { get; } = TitleOf(method, variant.Title);

    /// <summary>How it is run.</summary>
    public NetVsVariant Variant => variant;

    /// <inheritdoc/>
    public Ipv4Address Target => BenchNetwork.Virtual;

    /// <inheritdoc/>
    public ushort WebPort => BenchNetwork.WebPort;

    /// <inheritdoc/>
    public SinkExpectation Expectation => method switch
    {
        NetVsMethod.DirectRouting => SinkExpectation.Of(BenchNetwork.ServerMac, BenchNetwork.Virtual),
        NetVsMethod.Tunnel => SinkExpectation.Of(BenchNetwork.ServerMac, BenchNetwork.Virtual).TunnelledTo(BenchNetwork.Real),
        NetVsMethod.FullNat => SinkExpectation.Of(BenchNetwork.ServerMac, BenchNetwork.Real).From(BenchNetwork.LocalNetwork, BenchNetwork.LocalPrefix),
        _ => SinkExpectation.Of(BenchNetwork.ServerMac, BenchNetwork.Real),
    };

    /// <summary>The name in tables of a method and a variant's title.</summary>
    public static string TitleOf(NetVsMethod method, string variant) => $"NetVS {Label(method)} ({variant})";

    /// <inheritdoc/>
    public RunningPath Begin(BenchNetwork network, PathLoad load)
    {
        string rules = Path.Combine(network.Folder, "rules");
        File.WriteAllText(rules, Rules());
        string socket = Path.Combine(network.Folder, "netvs.sock");
        if (load.IsStack && variant.IsXdp) network.SetLikeWires(true);
        Process daemon = Tool.Start(
            "nsenter",
            network.Director.Enter(program.Path, ["run", "-i", "d0,d1", "--rules", rules, "--socket", socket, .. variant.Arguments, .. Room(load.Flows)]));
        var errors = new StringBuilder();
        daemon.ErrorDataReceived += (_, line) =>
        {
            lock (errors) errors.Append(line.Data).Append('\n');
        };
        daemon.BeginErrorReadLine();
        if (daemon.StandardOutput.ReadLine() != "ready")
        {
            End();
            lock (errors) throw new BenchException($"netvs run {string.Join(' ', variant.Arguments)}: {errors.ToString().Trim()}");
        }

        return new RunningPath(End)
        {
            Process = daemon,
            IsFast = variant.IsFast,
            ReadUserFrames = () =>
            {
                using JsonDocument status = program.ReadStatus(socket);
                return UserFrames(status.RootElement);
            },
            ReadConnections = () =>
            {
                using JsonDocument status = program.ReadStatus(socket);
                return status.RootElement.GetProperty("connections").GetInt64();
            },
        };

        void End()
        {
            Tool.End(daemon);
            if (load.IsStack && variant.IsXdp) network.SetLikeWires(false);
        }
    }

    /// <summary>How many frames the daemon's links have received, by what it says of itself.</summary>
    internal static long UserFrames(JsonElement status) =>
        status.GetProperty("interfaces").EnumerateArray().Sum(i => i.GetProperty("counters").GetProperty("received_frames").GetInt64());

    private static string Label(NetVsMethod method) => method switch
    {
        NetVsMethod.DirectRouting => "DR",
        NetVsMethod.Tunnel => "TUN",
        NetVsMethod.FullNat => "FULLNAT",
        _ => "NAT",
    };

    // Room for the connections and, NAT having two for each, for their flows.
    private List<string> Room(int flows)
    {
        int most = Math.Max(DefaultConnections, flows + (flows / 4));
        List<string> arguments = ["--max-connections", most.ToString(CultureInfo.InvariantCulture)];
        if (program.Knows("--flows")) arguments.AddRange(["--flows", (2 * most).ToString(CultureInfo.InvariantCulture)]);
        return arguments;
    }

    private string Rules()
    {
        string option = method switch
        {
            NetVsMethod.DirectRouting => "-g",
            NetVsMethod.Tunnel => "-i",
            NetVsMethod.FullNat => "-b",
            _ => "-m",
        };
        bool isRewritten = method is NetVsMethod.Nat or NetVsMethod.FullNat;
        var rules = new StringBuilder();
        foreach ((string kind, ushort port, ushort realPort) in ((string, ushort, ushort)[])
            [
                ("-u", BenchNetwork.DatagramPort, BenchNetwork.DatagramPort),
                ("-t", BenchNetwork.WebPort, isRewritten ? BenchNetwork.RealWebPort : BenchNetwork.WebPort),
                ("-t", BenchNetwork.BulkPort, BenchNetwork.BulkPort),
            ])
        {
            string service = $"{kind} {BenchNetwork.Virtual}:{port}";
            rules.Append($"-A {service} -s rr\n-a {service} -r {BenchNetwork.Real}:{realPort} {option}\n");
            if (method != NetVsMethod.FullNat) continue;
            foreach (Ipv4Address local in BenchNetwork.Locals) rules.Append($"-P {service} -z {local}\n");
        }

        return rules.ToString();
    }
}
