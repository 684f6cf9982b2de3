using System.Globalization;

namespace NetVS.Lab.Hosts;

/// <summary>The director of a lab: <c>netvs run</c> in its host, and ipvsadm beside it.</summary>
internal sealed class DirectorHost(LabHost host)
{
    private Daemon? _daemon;

    /// <summary>The control socket, the lab's own.</summary>
    public string Socket { get; } = Path.Combine(host.Lab.Folder, $"{host.Name}.sock");

    /// <summary>Starts the daemon on all of the host's interfaces and waits until it forwards.</summary>
    /// <param name="link">What <c>--link</c> is told.</param>
    /// <param name="print">Takes the command line.</param>
    /// <param name="more">More words for the command line.</param>
    public async Task StartAsync(string link, Action<string> print, params string[] more)
    {
        string interfaces = string.Join(',', host.Links.Select(l => l.Device));
        print($"  {host.Name}# netvs run -i {interfaces} --link {link}{string.Concat(more.Select(w => " " + w))}");
        _daemon = host.Lab.Own(await Daemon.StartAsync("netvs run", "nsenter",
            host.Enter(ThisProgram.Path, ["run", "-i", interfaces, "--link", link, "--socket", Socket, .. more]), awaited: "ready", host.Lab.Cancellation));
    }

    /// <summary>Runs an ipvsadm command line and prints it as a user would type it.</summary>
    /// <exception cref="LabException">It was refused.</exception>
    public async Task AdministrateAsync(string line, Action<string> print)
    {
        print($"  {host.Name}# ipvsadm {line}");
        Shell.Outcome outcome = await AskAsync(["ipvsadm", .. line.Split(' ')]);
        if (!outcome.IsOk) throw new LabException($"ipvsadm {line}: status {outcome.ExitCode}: {outcome.Errors.Trim()}{DaemonWords}");
    }

    /// <summary>Runs a netvs command against the daemon.</summary>
    public Task<Shell.Outcome> AskAsync(params string[] arguments) =>
        host.TryRunAsync("env", [$"NETVS_SOCKET={Socket}", ThisProgram.Path, .. arguments]);

    /// <summary>Its host.</summary>
    public LabHost Host => host;

    /// <summary>kill -9: no last words.</summary>
    public async Task KillAsync(Action<string> print)
    {
        print($"  {host.Name}# kill -9 $(pidof netvs)");
        await Shell.RunAsync("kill", ["-KILL", _daemon!.Id.ToString(CultureInfo.InvariantCulture)], cancellation: host.Lab.Cancellation);
    }

    /// <summary>The daemon's process.</summary>
    public int ProcessId => _daemon!.Id;

    /// <summary>Ends the daemon as SIGTERM does, and waits for it.</summary>
    public ValueTask StopAsync() => _daemon!.DisposeAsync();

    /// <summary>Whether the daemon still runs.</summary>
    public bool IsRunning => _daemon is { HasExited: false };

    /// <summary>What the daemon printed, for a failure's message.</summary>
    public string DaemonWords => _daemon is { Output.Length: > 0 } daemon ? $"\n  the daemon printed:\n{daemon.Output}" : "";
}
