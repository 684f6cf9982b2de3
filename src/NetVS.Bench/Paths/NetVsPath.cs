using System.Diagnostics;
using System.Text;
using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>The daemon, by NAT, as an operator runs it.</summary>
internal sealed class NetVsPath(string program, string link) : IForwardingPath
{
    /// <inheritdoc/>
    public string Name => $"NetVS NAT ({link})";

    /// <inheritdoc/>
    public Ipv4Address Target => BenchNetwork.Virtual;

    /// <inheritdoc/>
    public ushort WebPort => BenchNetwork.WebPort;

    /// <inheritdoc/>
    public IDisposable Begin(BenchNetwork network)
    {
        string rules = Path.Combine(network.Folder, "rules");
        File.WriteAllText(rules, $"""
            -A -u {BenchNetwork.Virtual}:{BenchNetwork.DatagramPort} -s rr
            -a -u {BenchNetwork.Virtual}:{BenchNetwork.DatagramPort} -r {BenchNetwork.Real}:{BenchNetwork.DatagramPort} -m
            -A -t {BenchNetwork.Virtual}:{BenchNetwork.WebPort} -s rr
            -a -t {BenchNetwork.Virtual}:{BenchNetwork.WebPort} -r {BenchNetwork.Real}:{BenchNetwork.RealWebPort} -m
            -A -t {BenchNetwork.Virtual}:{BenchNetwork.BulkPort} -s rr
            -a -t {BenchNetwork.Virtual}:{BenchNetwork.BulkPort} -r {BenchNetwork.Real}:{BenchNetwork.BulkPort} -m

            """);
        string socket = Path.Combine(network.Folder, "netvs.sock");
        Process daemon = Tool.Start(
            "nsenter", network.Director.Enter(program, "run", "-i", "d0,d1", "--link", link, "--rules", rules, "--socket", socket));
        var errors = new StringBuilder();
        daemon.ErrorDataReceived += (_, line) =>
        {
            lock (errors) errors.Append(line.Data).Append('\n');
        };
        daemon.BeginErrorReadLine();
        if (daemon.StandardOutput.ReadLine() == "ready") return new Cleanup(() => Tool.End(daemon));
        Tool.End(daemon);
        lock (errors) throw new BenchException($"netvs run --link {link}: {errors.ToString().Trim()}");
    }
}
