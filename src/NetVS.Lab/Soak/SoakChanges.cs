using System.Globalization;
using NetVS.Lab.Hosts;

namespace NetVS.Lab.Soak;

/// <summary>Changes rules and settings at random, by commands and by reloads, and notes on the timeline what that excuses.</summary>
/// <remarks>Thread: the lab's alone.</remarks>
internal sealed class SoakChanges(SoakPlan plan, DirectorHost director, SoakTimeline timeline, Random random, string file)
{
    private const int ReloadedAtOnce = 3;

    // What may fall at any moment without a request being lost. Defences that end or drop connections by chance are not among them.
    private static readonly (string Name, string[] Values)[] s_settings =
    [
        ("expire_quiescent_template", ["0", "1"]), ("sloppy_tcp", ["0", "1"]), ("nat_icmp_send", ["0", "1"]), ("pmtu_disc", ["0", "1"]), ("conn_reuse_mode", ["0", "1", "3"]),
        ("secure_tcp", ["0", "1"]), ("drop_entry", ["0", "1"]), ("drop_packet", ["0", "1"]), ("am_droprate", ["5", "10"]), ("lblc_expiration", ["5", "86400"]), ("lblcr_expiration", ["5", "86400"]),
        ("fullnat_toa", ["0", "1"]), ("fullnat_timestamp_remove", ["0", "1"]), ("fullnat_mss_adjust", ["0", "1"]), ("fullnat_port_min", ["5000", "20000"]), ("icmp_ratelimit", ["1000", "100000"]),
        ("sync_refresh_period", ["0", "10"]), ("ftp_ports", ["21", "21 2121"]),
    ];

    private readonly Dictionary<string, int> _made = [];
    private bool _isSloppy;
    private bool _keepsServer;
    private string? _drained;
    private DateTime _drainedUntil;

    /// <summary>How many changes were made, by what they are.</summary>
    public IReadOnlyDictionary<string, int> Made => _made;

    /// <summary>Services of which a server was deleted since <see cref="BeginEpoch"/>: they have counted more than their servers.</summary>
    public HashSet<string> LostServers { get; } = [];

    /// <summary>Services that were deleted, or zeroed by themselves, since <see cref="BeginEpoch"/>: others have counted more than they.</summary>
    public HashSet<string> Forgotten { get; } = [];

    /// <summary>Services that were deleted and made again.</summary>
    public HashSet<string> Remade { get; } = [];

    /// <summary>Whether every SYN of a new connection, and nothing else, was to be counted as a connection since <see cref="BeginEpoch"/>.</summary>
    public bool CountsSyns { get; private set; } = true;

    /// <summary>Counters begin anew.</summary>
    public void BeginEpoch()
    {
        LostServers.Clear();
        Forgotten.Clear();
        Remade.Clear();
        CountsSyns = !_isSloppy && !_keepsServer;
    }

    /// <summary>Makes one change.</summary>
    public async Task MakeAsync()
    {
        SoakService service = plan.Services[random.Next(plan.Services.Count)];
        SoakServer server = service.Servers[1 + random.Next(service.Servers.Count - 1)];
        switch (random.Next(20))
        {
            case < 3:
                if (ChangeScheduler(service)) await CommandAsync("scheduler", service.Line("-E"));
                break;
            case < 7:
                if (ChangeServer(service, server, out string what)) await CommandAsync(what, service.Line("-e", server));
                break;
            case < 11:
                await DeleteOrAddAsync(service, service.Servers[^1]);
                break;
            case < 13:
                await DrainOrRestoreAsync();
                break;
            case < 14:
                await ReplaceServiceAsync();
                break;
            case < 15:
                Forgotten.Add(service.Name);
                await CommandAsync("-Z", $"-Z {service.Option}");
                break;
            case < 17:
                await ReloadAsync();
                break;
            case < 19:
                (string name, string[] values) = s_settings[random.Next(s_settings.Length)];
                await SetAsync(name, values[random.Next(values.Length)]);
                break;
            default:
                await CommandAsync("--set", random.Next(2) == 0 ? "--set 60 10 20" : "--set 60 12 25");
                break;
        }
    }

    /// <summary>Brings everything back that was deleted or drained: the rules are whole then.</summary>
    public async Task MakeWholeAsync()
    {
        await RestoreAsync();
        foreach (SoakService service in plan.Services)
            foreach (SoakServer server in service.Servers.Where(s => !s.IsIn))
                await AddAsync(service, server);
    }

    /// <summary>-C, and everything again by -R, while no request is under way: connections that idle live on, as the servers they belong to come back.</summary>
    public async Task ReplaceAllAsync()
    {
        await SetAsync("expire_nodest_conn", "0");
        await CommandAsync("-C", "-C");
        await RestoreRulesAsync(plan.ToFile());
        await SetAsync("expire_nodest_conn", "1");
    }

    /// <summary>netvs set.</summary>
    public Task SetAsync(string name, string value)
    {
        // Any segment may begin a connection; and a SYN that finds a closing one goes on with it.
        if (name == "sloppy_tcp") _isSloppy = value == "1";
        if (name == "conn_reuse_mode") _keepsServer = value == "0";
        CountsSyns &= !_isSloppy && !_keepsServer;
        return AskAsync("set", ["set", name, value]);
    }

    /// <summary>Zeroes all counters.</summary>
    public Task ZeroAsync() => CommandAsync("-Z", "-Z");

    /// <summary>Writes the rules down and has them loaded.</summary>
    public async Task ReloadFileAsync()
    {
        await File.WriteAllTextAsync(file, plan.ToFile());
        await AskAsync("reload", ["reload"]);
    }

    private bool ChangeScheduler(SoakService service)
    {
        if (!service.IsIn || service.IsPersistent) return false;
        service.Scheduler = SoakPlan.DrawScheduler(service, random);
        return true;
    }

    private bool ChangeServer(SoakService service, SoakServer server, out string what)
    {
        what = "";
        // An edit by hand would end the drain.
        if (!service.IsIn || !server.IsIn || IsDrained(server)) return false;
        int kind = random.Next(3);
        server.Weight = kind == 0 ? 0 : 1 + random.Next(5);
        server.Upper = kind == 1 ? 1 + random.Next(6) : 0;
        what = kind switch { 0 => "weight 0", 1 => "threshold", _ => "weight" };
        return true;
    }

    private async Task DeleteOrAddAsync(SoakService service, SoakServer server)
    {
        if (!service.IsIn || IsDrained(server)) return;
        if (!server.IsIn)
        {
            await AddAsync(service, server);
            return;
        }

        Action gone = Leave(service, server);
        await CommandAsync("-d", $"-d {service.Option} -r {server.Real}");
        gone();
    }

    private Action Leave(SoakService service, SoakServer server)
    {
        server.IsIn = false;
        LostServers.Add(service.Name);
        return timeline.ServerLeaves(service.Name, server.Host);
    }

    private async Task AddAsync(SoakService service, SoakServer server)
    {
        server.IsIn = true;
        await CommandAsync("-a", service.Line("-a", server));
    }

    private async Task DrainOrRestoreAsync()
    {
        if (_drained is not null)
        {
            if (DateTime.UtcNow >= _drainedUntil) await RestoreAsync();
            return;
        }

        SoakService service = plan.Services[random.Next(plan.Services.Count)];
        SoakServer server = service.Servers[^1];
        int deadline = 1 + random.Next(3);
        _drained = server.Real.Address.ToString();
        _drainedUntil = DateTime.UtcNow + TimeSpan.FromSeconds(deadline + 2);
        Action drains = timeline.ServerDrains(plan.Services.Where(s => s.Servers.Any(IsDrained)).Select(s => s.Name), server.Host, TimeSpan.FromSeconds(deadline));
        await AskAsync("drain", ["server", "drain", _drained, "--deadline", deadline.ToString(CultureInfo.InvariantCulture)]);
        drains();
    }

    private async Task RestoreAsync()
    {
        if (_drained is null) return;
        TimeSpan left = _drainedUntil - DateTime.UtcNow;
        if (left > TimeSpan.Zero) await Task.Delay(left);
        await AskAsync("restore", ["server", "restore", _drained]);
        _drained = null;
    }

    private bool IsDrained(SoakServer server) => _drained is not null && server.Real.Address.ToString() == _drained;

    private async Task ReplaceServiceAsync()
    {
        SoakService[] extras = [.. plan.Services.Where(s => s.IsExtra && !s.Servers.Any(IsDrained))];
        if (extras.Length == 0) return;
        SoakService service = extras[random.Next(extras.Length)];
        Action back = timeline.ServiceLeaves(service.Name);
        Forgotten.Add(service.Name);
        Remade.Add(service.Name);
        await CommandAsync("-D", $"-D {service.Option}");
        service.IsIn = false;
        await Task.Delay(random.Next(1500));
        service.IsIn = true;
        await RestoreRulesAsync(string.Concat(service.Lines().Select(l => l + "\n")));
        back();
    }

    private async Task ReloadAsync()
    {
        // A reload would change servers that are drained too, and leaves their drain alone: but what it deletes and adds is not "by hand".
        var gone = new List<Action>();
        for (int i = 0; i < ReloadedAtOnce; i++)
        {
            SoakService service = plan.Services[random.Next(plan.Services.Count)];
            if (!service.IsIn) continue;
            SoakServer last = service.Servers[^1];
            switch (random.Next(3))
            {
                case 0 when !IsDrained(last):
                    if (last.IsIn) gone.Add(Leave(service, last));
                    else last.IsIn = true;
                    break;
                case 1:
                    ChangeScheduler(service);
                    break;
                default:
                    ChangeServer(service, service.Servers[1], out _);
                    break;
            }
        }

        await ReloadFileAsync();
        gone.ForEach(done => done());
    }

    private async Task RestoreRulesAsync(string lines)
    {
        string rules = file + ".restore";
        await File.WriteAllTextAsync(rules, lines);
        Count("-R");
        Shell.Outcome outcome = await director.Host.TryRunAsync("sh", ["-c", "NETVS_SOCKET=\"$0\" \"$1\" ipvsadm -R < \"$2\"", director.Socket, ThisProgram.Path, rules]);
        if (!outcome.IsOk) throw new LabException($"ipvsadm -R of {lines}: {outcome.Errors.Trim()}");
    }

    private Task CommandAsync(string what, string line) => AskAsync(what, ["ipvsadm", .. line.Split(' ')]);

    private async Task AskAsync(string what, string[] command)
    {
        Count(what);
        Shell.Outcome outcome = await director.AskAsync(command);
        if (!outcome.IsOk) throw new LabException($"netvs {string.Join(' ', command)}: status {outcome.ExitCode}: {outcome.Errors.Trim()}{director.DaemonWords}");
    }

    private void Count(string what) => _made[what] = _made.GetValueOrDefault(what) + 1;
}
