using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Journeys;
using NetVS.Lab.Topologies;
using NetVS.Packets;

namespace NetVS.Lab;

/// <summary>Builds a lab, runs it, prints what happened hop by hop, and says whether everything is as it should be.</summary>
public static class LabRunner
{
    /// <summary>The topologies' names.</summary>
    public static IReadOnlyList<string> Topologies { get; } = ["dr", "nat", "tun", "fullnat", "health", "failover", "fwmark", "pmtu", "selftest", "soak"];

    /// <summary>Those that take a method's name, or nat.</summary>
    public static IReadOnlyList<string> WithMethod { get; } = ["failover", "pmtu"];

    /// <summary>Runs one lab from nothing to nothing.</summary>
    /// <returns>0 when everything is as it should be, else 1.</returns>
    /// <exception cref="LabException">The lab could not be built or run.</exception>
    public static async Task<int> RunAsync(LabOptions options, TextWriter output, CancellationToken cancellation)
    {
        await using Lab lab = await Lab.BeginAsync(cancellation);
        var checks = new CheckList(output);
        if (ChooseStory(lab, options, checks) is { } story) return await TellAsync(story, lab, options, checks);
        Topology topology = Choose(lab, options);
        checks.Say($"NetVS lab {topology.Name}{(options.IsV6 ? " (IPv6)" : "")}, id {lab.Id}: {topology.Summary}.");
        checks.Say($"Everything happens in network namespaces {Lab.Prefix}{lab.Id}-*, which are removed afterwards; nothing else is touched.");

        var director = await BuildAsync(topology, options, lab, checks);
        await FollowAsync(topology, options, director, lab, checks);
        var extras = new ExtraChecks(topology, director, options, checks);
        await extras.RunAsync();

        checks.Head("what the director says");
        await ShowAsync(director, checks, "ipvsadm", "-Ln");
        await ShowAsync(director, checks, "ipvsadm", "-Ln", "--stats");
        checks.Expect(director.IsRunning, "the daemon still runs");
        checks.Say(checks.Failures == 0 ? "\nEverything is as it should be." : $"\n{checks.Failures} things are not as they should be.{director.DaemonWords}");
        await LeaveAsync(options, lab, topology, director, checks);
        return checks.Failures == 0 ? 0 : 1;
    }

    /// <summary>Removes what labs left standing: kept ones and those of processes that died.</summary>
    public static Task<IReadOnlyList<string>> CleanAsync() => Lab.RemoveDeadAsync(includeKept: true);

    private static async Task<int> TellAsync(ILabStory story, Lab lab, LabOptions options, CheckList checks)
    {
        string method = options.Story is { } name && WithMethod.Contains(name) ? $" {options.Topology}" : "";
        checks.Say($"NetVS lab {options.Story}{method}{(options.IsV6 ? " (IPv6)" : "")}, id {lab.Id}: {story.Summary}.");
        checks.Say($"Everything happens in network namespaces {Lab.Prefix}{lab.Id}-*, which are removed afterwards; nothing else is touched.");
        await story.RunAsync();
        checks.Say(checks.Failures == 0 ? "\nEverything is as it should be." : $"\n{checks.Failures} things are not as they should be.{story.DaemonWords}");
        return checks.Failures == 0 ? 0 : 1;
    }

    private static ILabStory? ChooseStory(Lab lab, LabOptions options, CheckList checks) => options.Story switch
    {
        "health" => new HealthLab(lab, options, checks),
        "failover" => new FailoverLab(lab, Choose(lab, options), options, checks),
        "fwmark" => new FirewallMarkLab(lab, options, checks),
        "pmtu" => new PathMtuLab(lab, Choose(lab, options), options, checks),
        "selftest" => new SelfTestLab(lab, options, checks),
        "soak" => new SoakLab(lab, options, checks),
        _ => null,
    };

    private static Topology Choose(Lab lab, LabOptions options) => options.Topology switch
    {
        "dr" => new DrTopology(lab, options.IsV6),
        "nat" => new NatTopology(lab, options.IsV6),
        "tun" => new TunTopology(lab, options.IsV6, options.TunnelType, options.HasTunnelChecksum),
        "fullnat" => new FullNatTopology(lab, options.IsV6),
        _ => throw new LabException($"there is no lab '{options.Topology}': {string.Join(", ", Topologies)}"),
    };

    private static async Task<DirectorHost> BuildAsync(Topology topology, LabOptions options, Lab lab, CheckList checks)
    {
        checks.Head("hosts");
        await topology.BuildAsync();
        foreach (LabHost host in lab.Hosts)
        {
            await host.ReadMacsAsync();
            if (!options.KeepOffloads) await SendFinishedFramesAsync(host);
            checks.Say($"  {host.Name,-9} {string.Join("  ", host.Links.Select(l => $"{l.Device} on {l.Segment}, {l.Mac}"))}");
        }

        checks.Head("real servers");
        foreach (RealServer server in topology.Servers)
        {
            server.Host.Cgroup = Cgroups.Create(server.Host);
            string kind = await WebServer.StartAsync(server.Host, server.Port);
            checks.Say($"  {server.Host.Name}: {kind} on {server.Endpoint}, weight {server.Weight}");
            if (topology.RealServerMethod is "dr" or "tun") await PrepareAsync(topology, server, checks);
        }

        if (topology is NatTopology) await WebServer.StartOwnAsync(topology.Servers[1].Host, 21, "220 rs2 speaks first");

        checks.Head("director");
        var director = new DirectorHost(topology.Director);
        await director.StartAsync(options.Link, checks.Say);
        foreach (string line in topology.Rules(80, s => s.Port)) await director.AdministrateAsync(line, checks.Say);
        if (topology is NatTopology)
        {
            string ftp = new IpEndpoint(topology.Vip, 21).ToString();
            await director.AdministrateAsync($"-A -t {ftp} -s wlc", checks.Say);
            await director.AdministrateAsync($"-a -t {ftp} -r {new IpEndpoint(topology.Servers[1].Address, 21)} -m", checks.Say);
        }

        return director;
    }

    private static async Task FollowAsync(Topology topology, LabOptions options, DirectorHost director, Lab lab, CheckList checks)
    {
        var web = new IpEndpoint(topology.Vip, 80);
        (int requests, IReadOnlyList<int> shares) = topology.Share;
        IReadOnlyList<Requests.Answer> answers;
        bool asksTwice = topology is FullNatTopology;
        if (asksTwice)
        {
            checks.Head("requests before the real servers read TOA");
            answers = await Requests.AskAsync(topology.Client, web, 2, checks.Say);
            checks.Expect(answers.All(a => a.Saw.Address == topology.LocalAddresses[0]), "real servers see the director's local address");
            checks.Head("real servers learn to read TOA");
            foreach (RealServer server in topology.Servers) await PrepareAsync(topology, server, checks);
        }

        WireTap tap = lab.Own(await WireTap.StartAsync(lab));
        checks.Head("requests");
        Shell.Outcome ping = await topology.Client.TryRunAsync("ping", ["-c", "1", "-W", "2", topology.Vip.ToString()]);
        checks.Expect(ping.IsOk, $"ping {topology.Vip} is answered by the director's own stack");
        answers = await Requests.AskAsync(topology.Client, web, requests, checks.Say);
        for (int i = 0; i < topology.Servers.Count; i++)
        {
            string name = topology.Servers[i].Host.Name;
            int count = answers.Count(a => a.Server == name);
            checks.Expect(count == shares[i], $"{name} answered {shares[i]} of {requests}", $"it answered {count}");
        }

        if (topology.Scheduler == "rr")
            checks.Expect(answers.Zip(answers.Skip(1)).All(p => p.First.Server != p.Second.Server), "the answers alternate");
        checks.Expect(answers.All(a => a.Saw.Address == topology.ClientAddress && a.Saw.Port == a.ClientPort), "real servers see the client's address and port");
        if (topology is NatTopology) await AskOtherPortsAsync(topology, checks);
        checks.Say("");
        await ShowAsync(director, checks, "ipvsadm", "-Lcn");
        await tap.DisposeAsync();

        Requests.Answer followed = answers.FirstOrDefault(a => a.Server.Length > 0);
        checks.Head($"one connection's packets at every hop (client port {followed.ClientPort}, answered by {followed.Server})");
        RealServer? follow = topology.Servers.FirstOrDefault(s => s.Host.Name == followed.Server);
        checks.Expect(follow is not null, "there is an answered request to follow");
        if (follow is not null)
        {
            var journey = new Journey(tap.Read(), topology.Inbound(follow, followed.ClientPort), topology.Outbound(follow, followed.ClientPort),
                lab.Hosts.SelectMany(h => h.Links));
            int differences = journey.Print(followed.ClientPort, checks.Say);
            checks.Expect(differences == 0, "every hop is as the textbook says", $"{differences} are not");
        }

        if (options.KeepOffloads)
        {
            checks.Say("  (checksums are not verified: with --offload captures show what the hosts leave to the hardware)");
            return;
        }

        IReadOnlyList<string> faults = await tap.FindFaultsAsync(lab.Cancellation);
        foreach (string fault in faults.Take(10)) checks.Say($"    {fault}");
        checks.Expect(faults.Count == 0, "tshark finds every checksum and length right, in the captures of all interfaces", $"{faults.Count} packets are wrong");
    }

    private static async Task AskOtherPortsAsync(Topology topology, CheckList checks)
    {
        string vip = topology.Vip.ToString();
        Shell.Outcome ftp = await topology.Client.TryRunAsync(ThisProgram.Path, ["lab", "read-line", vip, "21"]);
        checks.Expect(ftp.Output.Contains("220 rs2", StringComparison.Ordinal), "port 21 reaches rs2, which speaks first", ftp.Output + ftp.Errors);
        Shell.Outcome refused = await topology.Client.TryRunAsync(ThisProgram.Path, ["lab", "read-line", vip, "81"]);
        checks.Expect(refused.Errors.Contains("refused", StringComparison.OrdinalIgnoreCase), "port 81, without a service, is refused", refused.Output + refused.Errors);
        IReadOnlyList<Requests.Answer> own = await Requests.AskAsync(topology.Director, new IpEndpoint(topology.Vip, 80), 3, checks.Say);
        checks.Expect(own.Select(a => a.Server).Distinct().Count() == 2 && own.All(a => a.Saw.Address == topology.Vip), "the director itself is a client like any other");
    }

    /// <summary>Runs a netvs command in the director and prints it with its output.</summary>
    internal static async Task ShowAsync(DirectorHost director, CheckList checks, params string[] command)
    {
        checks.Say($"  {director.Host.Name}# {(command[0] == "ipvsadm" ? "" : "netvs ")}{string.Join(' ', command)}");
        Shell.Outcome outcome = await director.AskAsync(command);
        checks.Expect(outcome.IsOk, $"{string.Join(' ', command)} answers", outcome.Errors.Trim());
        foreach (string line in outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)) checks.Say($"    {line}");
    }

    /// <summary>Runs <c>netvs realserver setup</c> in a real server of a topology.</summary>
    internal static Task PrepareAsync(Topology topology, RealServer server, CheckList checks, string? trusted = null)
    {
        if (topology is FullNatTopology && server.Host.Cgroup is null)
            throw new LabException("there is no cgroup v2 hierarchy: mount one (mount -t cgroup2 none /sys/fs/cgroup) for FULLNAT's real servers");
        return PrepareAsync(server.Host, topology.RealServerMethod!, topology.Vip.ToString(), trusted ?? topology.TrustedSenders, checks);
    }

    /// <summary>Runs <c>netvs realserver setup</c> in a host, and undoes it with the lab.</summary>
    /// <param name="host">The host.</param>
    /// <param name="method">dr, tun or fullnat.</param>
    /// <param name="vips">The VIP, or several with commas between them.</param>
    /// <param name="trusted">Who may send: likewise; null for anybody.</param>
    /// <param name="checks">Is told what was done.</param>
    internal static async Task PrepareAsync(LabHost host, string method, string vips, string? trusted, CheckList checks)
    {
        string[] arguments = ["realserver", "setup", "--method", method, "--vip", vips];
        if (trusted is not null) arguments = [.. arguments, "--from", trusted];
        if (method == "fullnat") arguments = [.. arguments, "--cgroup", host.Cgroup!];
        checks.Say($"  {host.Name}# netvs {string.Join(' ', arguments)}");
        Shell.Outcome outcome = await host.TryRunAsync(ThisProgram.Path, arguments);
        foreach (string line in outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)) checks.Say($"    {line}");
        if (!outcome.IsOk) throw new LabException($"{host.Name} could not be prepared: {outcome.Errors.Trim()}");
        host.Lab.Own(new RealServerUndo(host, method, vips));
    }

    /// <summary>Makes a host send frames as they are on a real wire: with finished checksums and of the MTU's size.</summary>
    internal static async Task SendFinishedFramesAsync(LabHost host)
    {
        foreach (LabLink link in host.Links)
        {
            Shell.Outcome outcome = await host.TryRunAsync("ethtool", ["-K", link.Device, "tx", "off", "gso", "off", "tso", "off"]);
            if (!outcome.IsOk) throw new LabException($"ethtool on {link}: {outcome.Errors.Trim()}");
        }
    }

    private static async Task LeaveAsync(LabOptions options, Lab lab, Topology topology, DirectorHost director, CheckList checks)
    {
        if (options.Shell)
        {
            checks.Say($"\nA shell in the director ({topology.Director.Namespace}); leave it with 'exit'.");
            await InteractiveShell.RunAsync(topology.Director, director.Socket);
        }

        if (!options.Keep) return;
        checks.Say("\nThe lab stands. Enter a host with:");
        foreach (LabHost host in lab.Hosts) checks.Say($"  sudo nsenter --net={host.NamespacePath} bash      # {host.Name}");
        checks.Say($"  export NETVS_SOCKET={director.Socket}          # in the director, for ipvsadm and netvs status");
        checks.Say($"Captures are in {lab.Folder}. Remove it all with: sudo ./netvs lab clean");
        await lab.KeepAsync();
    }
}
