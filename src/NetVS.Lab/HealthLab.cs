using System.Diagnostics;
using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Topologies;
using NetVS.Packets;

namespace NetVS.Lab;

/// <summary>The lab of health checks: web servers end and begin again, and a director with a keepalived.conf sends its clients where an answer is.</summary>
/// <remarks>The network is that of NAT, with one server more, the sorry server.</remarks>
internal sealed class HealthLab(Lab lab, LabOptions options, CheckList checks) : ILabStory
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);
    private readonly NatTopology _topology = new(lab, options.IsV6);
    private RealServer _sorry = null!;
    private DirectorHost _director = null!;

    private IpEndpoint Web => new(_topology.Vip, 80);

    /// <inheritdoc/>
    public string Summary => "real servers end and begin again, and a keepalived.conf says what follows";

    /// <inheritdoc/>
    public string DaemonWords => _director?.DaemonWords ?? "";

    /// <inheritdoc/>
    public async Task RunAsync()
    {
        await BuildAsync();
        RealServer first = _topology.Servers[0], second = _topology.Servers[1];
        checks.Head("both real servers answer");
        await UntilAsync([first, second], "both real servers answer");

        checks.Head($"the web server of {first.Host.Name} ends");
        await EndAsync(first);
        await UntilAsync([second], $"{first.Host.Name} has left: only {second.Host.Name} answers");
        await ShowAsync("why", "server", first.Address.ToString());

        checks.Head($"that of {second.Host.Name} ends too");
        await EndAsync(second);
        await UntilAsync([_sorry], "the sorry server has taken over");
        await ShowAsync("status");

        checks.Head("they begin again");
        await BeginAsync(first);
        await UntilAsync([first], $"{first.Host.Name} has returned, and the sorry server has left");
        await BeginAsync(second);
        await UntilAsync([first, second], "both answer as before");
        await ShowAsync("ipvsadm", "-Ln");
        checks.Expect(_director.IsRunning, "the daemon still runs");
    }

    private async Task BuildAsync()
    {
        checks.Head("hosts");
        await _topology.BuildAsync();
        IpAddress address = IpAddress.Parse(options.IsV6 ? "fd00:16::9" : "172.16.0.9");
        LabHost host = await lab.AddHostAsync("sorry");
        await lab.PlugAsync(host, "servers", $"{address}/{(options.IsV6 ? 64 : 24)}");
        await host.IpAsync($"route add default via {(options.IsV6 ? "fd00:16::1" : "172.16.0.1")}\n");
        _sorry = new RealServer(host, address, 80, 1);
        foreach (RealServer server in (RealServer[])[.. _topology.Servers, _sorry])
        {
            await BeginAsync(server);
            checks.Say($"  {server.Host.Name}: a web server on {server.Endpoint}");
        }

        checks.Head("director");
        string file = Path.Combine(lab.Folder, "keepalived.conf");
        string text = Configuration();
        await File.WriteAllTextAsync(file, text, lab.Cancellation);
        checks.Say("  keepalived.conf:");
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)) checks.Say($"    {line}");
        _director = new DirectorHost(_topology.Director);
        await _director.StartAsync(options.Link, checks.Say, "-f", file);
    }

    private string Configuration()
    {
        RealServer first = _topology.Servers[0], second = _topology.Servers[1];
        return $$"""
            virtual_server {{_topology.Vip}} 80 {
                protocol TCP
                lvs_sched rr
                lvs_method NAT
                delay_loop 1
                retry 1
                delay_before_retry 0.3
                connect_timeout 2
                sorry_server {{_sorry.Address}} {{_sorry.Port}}
                real_server {{first.Address}} {{first.Port}} {
                    HTTP_GET {
                        url {
                            path /
                            status_code 200
                        }
                    }
                }
                real_server {{second.Address}} {{second.Port}} {
                    TCP_CHECK {
                    }
                }
            }

            """;
    }

    private static Task<string> BeginAsync(RealServer server) => WebServer.StartAsync(server.Host, server.Port);

    // Nothing else runs in a real server's namespace.
    private async Task EndAsync(RealServer server)
    {
        string pids = await Shell.RunAsync("ip", ["netns", "pids", server.Host.Namespace], cancellation: lab.Cancellation);
        checks.Say($"  {server.Host.Name}# kill nginx");
        foreach (string pid in pids.Split('\n', StringSplitOptions.RemoveEmptyEntries)) await Shell.TryRunAsync("kill", ["-TERM", pid]);
    }

    // Asks until those answer who should, and nobody else: two rounds in a row.
    private async Task UntilAsync(IReadOnlyList<RealServer> expected, string what)
    {
        string[] names = [.. expected.Select(s => s.Host.Name)];
        var watch = Stopwatch.StartNew();
        string last = "";
        for (int good = 0; watch.Elapsed < s_patience;)
        {
            IReadOnlyList<Requests.Answer> answers = await Requests.AskAsync(_topology.Client, Web, 2 * names.Length, static _ => { });
            last = string.Join(' ', answers.Select(a => a.Server.Length > 0 ? a.Server : "nobody"));
            good = answers.Select(a => a.Server).ToHashSet().SetEquals(names) ? good + 1 : 0;
            if (good < 2) continue;
            checks.Expect(true, string.Create(CultureInfo.InvariantCulture, $"{what} (after {watch.Elapsed.TotalSeconds:0.0} s)"));
            return;
        }

        checks.Expect(false, what, $"the last to answer were: {last}");
    }

    private Task ShowAsync(params string[] command) => LabRunner.ShowAsync(_director, checks, command);
}
