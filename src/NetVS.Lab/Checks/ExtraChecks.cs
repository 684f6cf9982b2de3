using System.Globalization;
using System.Security.Cryptography;
using NetVS.Lab.Hosts;
using NetVS.Lab.Peers;
using NetVS.Lab.Topologies;
using NetVS.Packets;

namespace NetVS.Lab.Checks;

/// <summary>What longer runs add: large transfers compared by hash, many clients at once, a real server that leaves and returns.</summary>
internal sealed class ExtraChecks(Topology topology, DirectorHost director, LabOptions options, CheckList checks)
{
    private const ushort OwnPort = 8080;

    /// <summary>Runs what the options ask for.</summary>
    public async Task RunAsync()
    {
        if (options.Transfer > 0) await TransferAsync();
        if (options.Clients > 0) await LoadAsync();
    }

    private async Task TransferAsync()
    {
        checks.Head($"{options.Transfer} octets down and up, compared by SHA-256");
        foreach (RealServer server in topology.Servers) await WebServer.StartOwnAsync(server.Host, OwnPort, banner: null);
        foreach (string line in topology.Rules(OwnPort, _ => OwnPort)) await director.AdministrateAsync(line, checks.Say);
        string target = new IpEndpoint(topology.Vip, OwnPort).ToString();
        string file = Path.Combine(topology.Client.Lab.Folder, "transfer");
        string expected = LabContent.Hash(options.Transfer);
        Shell.Outcome outcome = await CurlAsync("-o", file, $"http://{target}/bytes/{options.Transfer}");
        string received = outcome.IsOk ? await HashAsync(file) : outcome.Errors.Trim();
        checks.Expect(received == expected, "the download arrived intact", received);
        // Without "Expect:" curl would wait for a server's permission first.
        outcome = await CurlAsync("-H", "Expect:", "-T", file, $"http://{target}/hash");
        checks.Expect(outcome.IsOk && outcome.Output.TrimEnd().EndsWith(' ' + expected), "the upload arrived intact", outcome.Output + outcome.Errors);
        File.Delete(file);
    }

    private Task<Shell.Outcome> CurlAsync(params string[] arguments)
    {
        checks.Say($"  client$ curl {string.Join(' ', arguments)}");
        return topology.Client.TryRunAsync("curl", ["-s", "-S", "-g", "--noproxy", "*", "--fail", .. arguments], limit: TimeSpan.FromMinutes(3));
    }

    /// <summary>The SHA-256 of a file, in lower case hexadecimal.</summary>
    public static async Task<string> HashAsync(string file)
    {
        await using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
    }

    private async Task LoadAsync()
    {
        checks.Head($"{options.Clients} clients for {options.Duration.TotalSeconds} s{(options.Churn ? ", while a real server leaves and returns" : "")}");
        // Ports of connections just closed may be used again at once: the clients open more connections than there are ports.
        await topology.Client.SysctlAsync("net.ipv4.tcp_tw_reuse", "1");
        await topology.Client.RunAsync("sh", "-c", "echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range");
        Task<Shell.Outcome> load = topology.Client.TryRunAsync(ThisProgram.Path,
            ["lab", "load", topology.Vip.ToString(), "80", Text(options.Clients), Text((long)options.Duration.TotalSeconds)],
            limit: options.Duration + TimeSpan.FromSeconds(60));
        DateTimeOffset left = options.Churn ? await LeaveAndReturnAsync(topology.Servers[^1]) : DateTimeOffset.MinValue;
        Judge(await load, left);
    }

    /// <returns>When the director had taken the removal in.</returns>
    private async Task<DateTimeOffset> LeaveAndReturnAsync(RealServer server)
    {
        string web = new IpEndpoint(topology.Vip, 80).ToString();
        // By default, as in IPVS, a connection to a deleted server stays, and takes with it new ones that use its port again.
        checks.Say("  director# netvs set expire_nodest_conn 1");
        Shell.Outcome set = await director.AskAsync("set", "expire_nodest_conn", "1");
        if (!set.IsOk) throw new LabException(set.Errors.Trim());
        await Task.Delay(options.Duration / 3, server.Host.Lab.Cancellation);
        await director.AdministrateAsync($"-d -t {web} -r {server.Endpoint}", checks.Say);
        DateTimeOffset left = DateTimeOffset.UtcNow;
        await Task.Delay(options.Duration / 3, server.Host.Lab.Cancellation);
        await director.AdministrateAsync(topology.AddServer(80, server, server.Port), checks.Say);
        return left;
    }

    private void Judge(Shell.Outcome outcome, DateTimeOffset left)
    {
        var lost = new Dictionary<string, long>();
        long answered = 0, beganLast = 0;
        foreach (string line in Lines(outcome.Output))
        {
            checks.Say($"  {line}");
            if (line.Split(' ') is not [string what, string server, string count]) continue;
            if (what == "answered") answered += long.Parse(count, CultureInfo.InvariantCulture);
            else if (what == "began-last") beganLast = long.Parse(count, CultureInfo.InvariantCulture);
            else lost[server] = long.Parse(count, CultureInfo.InvariantCulture);
        }

        checks.Expect(outcome.IsOk && answered > options.Clients, $"{answered} requests were answered", outcome.Errors);
        foreach (RealServer server in topology.Servers.Where(s => !options.Churn || s != topology.Servers[^1]))
            checks.Expect(!lost.ContainsKey(server.Host.Name), $"no request to {server.Host.Name} was lost");
        // A connection whose handshake was on its way to the leaving server has no server's name yet; no client has more than one.
        long unanswered = lost.GetValueOrDefault(LoadClient.BeforeAnAnswer);
        checks.Expect(unanswered <= (options.Churn ? options.Clients : 0), "no new connection was lost but on its way to the removed server", $"{unanswered} were");
        if (options.Churn)
        {
            double late = beganLast - left.ToUnixTimeMilliseconds();
            checks.Expect(late <= 0, "no connection that began after the removal was lost", $"one began {late} ms after it");
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
