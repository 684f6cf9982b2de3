using System.Globalization;
using NetVS.Lab.Hosts;
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
        Shell.Outcome outcome = await topology.Client.TryRunAsync(ThisProgram.Path,
            ["lab", "transfer", topology.Vip.ToString(), Text(OwnPort), Text(options.Transfer)], limit: TimeSpan.FromMinutes(3));
        foreach (string line in Lines(outcome.Output + outcome.Errors)) checks.Say($"  {line}");
        checks.Expect(outcome.IsOk, "both arrived intact");
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
        if (options.Churn) await LeaveAndReturnAsync(topology.Servers[^1]);
        Judge(await load);
    }

    private async Task LeaveAndReturnAsync(RealServer server)
    {
        string web = new IpEndpoint(topology.Vip, 80).ToString();
        await Task.Delay(options.Duration / 3, server.Host.Lab.Cancellation);
        await director.AdministrateAsync($"-d -t {web} -r {server.Endpoint}", checks.Say);
        await Task.Delay(options.Duration / 3, server.Host.Lab.Cancellation);
        await director.AdministrateAsync(topology.AddServer(80, server, server.Port), checks.Say);
    }

    private void Judge(Shell.Outcome outcome)
    {
        var lost = new Dictionary<string, long>();
        long answered = 0;
        foreach (string line in Lines(outcome.Output))
        {
            checks.Say($"  {line}");
            if (line.Split(' ') is not [string what, string server, string count]) continue;
            if (what == "answered") answered += long.Parse(count, CultureInfo.InvariantCulture);
            else lost[server] = long.Parse(count, CultureInfo.InvariantCulture);
        }

        checks.Expect(outcome.IsOk && answered > options.Clients, $"{answered} requests were answered", outcome.Errors);
        foreach (RealServer server in topology.Servers.Where(s => !options.Churn || s != topology.Servers[^1]))
            checks.Expect(!lost.ContainsKey(server.Host.Name), $"no request to {server.Host.Name} was lost");
        // A connection whose handshake was on its way to the leaving server has no server's name yet; no client has more than one.
        long unanswered = lost.GetValueOrDefault("before-an-answer");
        checks.Expect(unanswered <= (options.Churn ? options.Clients : 0), "no new connection was lost but on its way to the removed server", $"{unanswered} were");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
