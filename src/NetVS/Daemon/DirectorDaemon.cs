using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using NetVS.Api.Server;
using NetVS.Commands;
using NetVS.Control;
using NetVS.Control.Configuration;
using NetVS.Control.Peers;
using NetVS.Control.Rules;
using NetVS.Control.State;
using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Director.Offload;
using NetVS.Director.Services;
using NetVS.Bfd.Wire;
using NetVS.Failover.Bfd;
using NetVS.Failover.Running;
using NetVS.Links;
using NetVS.Health;
using NetVS.Keepalived;
using NetVS.Keepalived.Diagnostics;
using NetVS.Linux;
using NetVS.Linux.Attachment;
using NetVS.Linux.Host;
using NetVS.Linux.Native;
using NetVS.Linux.Netlink;
using NetVS.Linux.Processor;
using NetVS.Rules;
using NetVS.Rules.RulesFile;
using NetVS.Scripts;
using NetVS.Vrrp.Machine;
using NetVS.Workers;

namespace NetVS.Daemon;

/// <summary>The daemon: makes every part, connects them, and takes them apart again in the opposite order.</summary>
/// <remarks>
/// What can be wrong without touching an interface is looked at first: arguments, the rules file, privileges, the control socket.
/// Everything belongs to the network namespace of the process.
/// </remarks>
internal static class DirectorDaemon
{
    private static readonly TimeSpan s_firstTransfer = TimeSpan.FromSeconds(15);

    /// <summary>Runs until it is told to end.</summary>
    /// <exception cref="DaemonException">It cannot start.</exception>
    public static async Task<int> RunAsync(RunOptions options)
    {
        string? rules = options.RulesFile is { } file ? ReadRules(file) : null;
        FirstReading? reading = options.ConfigurationFile is null ? null : FirstReading.Of(options);
        using PeerKey? key = ReadKey(options);
        if (Privileges.FindMissing() is { } missing) throw new DaemonException(missing);
        using ILoggerFactory logging = CreateLogging();
        ILogger log = logging.CreateLogger("netvs");
        var parts = new Stack<Action>();
        try
        {
            return await RunAsync(options, rules, reading, key, log, parts);
        }
        catch (Exception e) when (e is KernelCallException or ControlSocketException or DivertException or PeerKeyException)
        {
            throw new DaemonException(e.Message);
        }
        catch (OutOfMemoryException)
        {
            throw new DaemonException($"there is no memory for {options.MaxConnections} connections: lower --max-connections");
        }
        finally
        {
            while (parts.TryPop(out Action? end)) end();
        }
    }

    private static async Task<int> RunAsync(
        RunOptions options, string? rules, FirstReading? reading, PeerKey? key, ILogger log, Stack<Action> parts)
    {
        using var ending = new CancellationTokenSource();
        using PosixSignalRegistration term = OnSignal(PosixSignal.SIGTERM, ending.Cancel);
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, ending.Cancel);
        ControlSocket socket = ControlSocket.Take(options.SocketPath);
        parts.Push(socket.Dispose);
        Succession succession = Succession.Open(options, line => log.LogInformation("{Line}", line));
        parts.Push(succession.Dispose);
        var network = new NetworkState();
        if (succession.Flows is { } table) network.NextHops.StartAt(table.Memory.NextFirstHop);
        var monitor = new NetworkMonitor();
        monitor.Warning += sentence => log.LogWarning("network: {Sentence}", sentence);
        parts.Push(monitor.Dispose);
        monitor.Start(network);

        var linkOptions = new LinkManagerOptions
        {
            Interfaces = options.Interfaces, Link = options.Link, Hook = options.Hook, Flows = succession.Flows, Pins = succession.Pins,
        };
        var links = new LinkManager(linkOptions, network, line => log.LogInformation("links: {Line}", line));
        links.KeepsForwarding = succession.IsKept;
        parts.Push(links.Dispose);
        var engine = new DirectorEngine(CreateOptions(options, network, links, succession.Flows?.Memory, key), network);
        parts.Push(() =>
        {
            foreach (DirectorWorker worker in engine.Workers) worker.Dispose();
        });
        StateKeeper? keeper = null;
        var connections = new WorkerConnections { Count = () => engine.Workers.Sum(w => (long)w.ConnectionCount) };
        var sync = new SyncDaemons(engine, network, connections);
        PeerService? peers = key is null ? null : new PeerService(engine, connections, new PeerOptions
        {
            Key = key, KeyFile = options.SyncKey is { } path ? Path.GetFullPath(path) : null, Listen = options.SyncListen, Peers = options.SyncPeers, Report = line => log.LogInformation("{Line}", line),
        });
        if (peers is not null) parts.Push(peers.Dispose);
        var control = new DirectorControl(engine, network, connections, new LinkFacts(links), new SystemNames(), new DirectorControlOptions
        {
            RulesFile = options.ConfigurationFile ?? (options.RulesFile is { } file ? Path.GetFullPath(file) : null),
            MaxConnections = options.MaxConnections + (long)MaxConnectionsV6(options),
            Sync = sync,
            Peers = peers,
            Report = line => log.LogInformation("{Line}", line),
            Changed = () => keeper?.NoteChange(),
        });
        ConfigurationControl? configuration = CreateConfiguration(reading, control, sync, network, links, log, parts, out FailoverService? vrrp);
        Begin(succession, control, engine, rules, options, log);
        if (succession.Flows is not null)
        {
            keeper = new StateKeeper(succession.StatePath, control.ReadState, () => engine.Totals.InboundPackets + engine.Totals.OutboundPackets, line => log.LogWarning("{Line}", line));
            keeper.WriteIfChanged();
        }

        var workers = new WorkerGroup(engine, network, () => new Poller());
        parts.Push(workers.Dispose);
        connections.Bind(workers);
        workers.Start();
        parts.Push(links.Stop);
        parts.Push(sync.Dispose);
        if (peers is not null) parts.Push(peers.Dispose);
        if (engine.Offload is { } offload) links.RedirectTargetsChanged += offload.SetXdpInterfaces;
        links.Start(workers.Loops);
        monitor.NetworkChanged += links.NotifyNetworkChanged;
        ReportInterfaces(options, links, network, log);
        Watchdog? watchdog = CreateWatchdog(workers, vrrp);
        var ticks = new TickDriver(engine, network, () => MonotonicClock.Now, line => log.LogError("{Line}", line), () =>
        {
            keeper?.WriteIfChanged();
            watchdog?.Tick(MonotonicClock.Now);
        }, (processors, nice) => PlaceThread(processors, nice, log));
        parts.Push(ticks.Dispose);
        if (peers is not null) await BeginAsync(peers, log, ending.Token);
        if (configuration is not null)
        {
            parts.Push(() => configuration.End(succession.IsKept));
            configuration.Begin();
        }

        var asking = new Lock();
        bool isKeepAsked = false;
        await using ApiServer server = await ApiServer.StartAsync(socket, control, keepForwarding =>
        {
            if (keepForwarding && succession.Flows is null) return "forwarding cannot be kept: the daemon runs without the fast path";
            if (keepForwarding)
            {
                keeper!.WriteIfChanged();
                lock (asking) isKeepAsked = succession.IsKept = links.KeepsForwarding = true;
            }

            ending.Cancel();
            return null;
        });
        lock (asking)
        {
            if (!isKeepAsked) succession.IsKept = links.KeepsForwarding = false;
        }

        using PosixSignalRegistration hangUp = OnSignal(PosixSignal.SIGHUP, () => Reload(control, log));
        Console.Out.Write("ready\n");
        Console.Out.Flush();
        ServiceNotifier.Ready();
        await Task.Delay(Timeout.Infinite, ending.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        ServiceNotifier.Stopping();
        log.LogInformation("{Line}", succession.IsKept ? "ending: established flows are forwarded on" : "ending: detaching from every interface");
        return 0;
    }

    // Who returns learns of the connections first: VRRP may give it the addresses as soon as it begins.
    private static async Task BeginAsync(PeerService peers, ILogger log, CancellationToken cancellation)
    {
        peers.Begin();
        if (!await peers.WaitForFirstAsync(s_firstTransfer, cancellation)) log.LogWarning("peers: not everything has been told after {Seconds} s: going on without it", s_firstTransfer.TotalSeconds);
    }

    // As the rules file: before anything is touched.
    private static PeerKey? ReadKey(RunOptions options)
    {
        try
        {
            return options.SyncKey is { } file ? PeerKey.Load(file) : null;
        }
        catch (PeerKeyException e)
        {
            throw new DaemonException(e.Message);
        }
    }

    private static Watchdog? CreateWatchdog(WorkerGroup workers, FailoverService? vrrp)
    {
        if (Watchdog.FindPeriod(Environment.GetEnvironmentVariable) is not { } period) return null;
        List<Action<Action>> threads = [.. workers.Loops.Select(l => (Action<Action>)(answer => l.Post(_ => answer())))];
        if (vrrp is not null) threads.Add(vrrp.Answer);
        return new Watchdog(period, threads, ServiceNotifier.Alive);
    }

    // What a former director left comes before the file: a crash goes on from where it was, and a reload applies the file.
    private static void Begin(
        Succession succession, DirectorControl control, DirectorEngine engine, string? rules, RunOptions options, ILogger log)
    {
        if (succession.Left is { } left)
        {
            control.Restore(left);
            succession.Flows?.Memory.TakeFirstHop();
            (int adopted, int freed) = engine.AdoptFlows(MonotonicClock.Now);
            log.LogInformation("took over from a director before this one: {Adopted} connections go on, {Freed} flows freed", adopted, freed);
            if (rules is not null) log.LogInformation("its rules are in force: 'netvs reload' applies {File}", options.RulesFile);
            if (control.Configuration is not null) LoadConfiguration(control, log);
        }
        else
        {
            succession.Flows?.Memory.TakeFirstHop();
            if (rules is not null) ThrowIfProblems(control.Load(rules, options.RulesFile!).Problems);
            if (control.Configuration is { } configuration) ThrowIfProblems(configuration.Load().Problems, "the configuration");
        }

        succession.Flows?.IsEnabled = true;
    }

    private static string ReadRules(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DaemonException($"the rules file cannot be read: {e.Message}");
        }

        // Against an empty network here; loading looks at the real one, still before any interface is touched.
        ThrowIfProblems(RulesFileCheck.FindProblems(text, file, new SystemNames(), new NetworkState()));
        return text;
    }

    private static ConfigurationControl? CreateConfiguration(FirstReading? first, DirectorControl control, SyncDaemons daemons, NetworkState network, LinkManager links, ILogger log, Stack<Action> parts, out FailoverService? vrrp)
    {
        vrrp = null;
        if (first is null) return null;
        first.Finish();
        var pipes = new NotifyPipes(line => log.LogInformation("{Line}", line));
        var mail = new MailQueue(line => log.LogInformation("{Line}", line));
        parts.Push(mail.Dispose);
        var states = new BfdStates();
        var connector = new CheckConnector();
        parts.Push(connector.Dispose);
        var health = new HealthPart(control, new HealthOptions
        {
            IsLocal = network.IsLocal,
            IsBfdUp = states.IsUp,
            Pipes = pipes,
            Mail = mail,
            Connector = connector,
            UserPaths = new UserPaths(links.Checks),
            Report = line => log.LogInformation("{Line}", line),
        });
        parts.Push(health.Dispose);
        var sync = new ConfiguredSync(daemons, line => log.LogInformation("{Line}", line));
        parts.Push(sync.Dispose);
        vrrp = new FailoverService(new FailoverOptions
        {
            Clock = () => MonotonicClock.Now,
            Pipes = pipes,
            Mail = mail,
            StateChanged = (instance, state) => sync.Follow(instance, state == VirtualRouterState.Master),
            Log = line => log.LogInformation("{Line}", line),
        });
        FailoverService failover = vrrp;
        var bfd = new BfdService(() => MonotonicClock.Now, (plan, state) =>
        {
            if (plan.IsForVrrp) failover.NoteBfd(plan.Options.Name, state == BfdState.Up);

            // A reload holds the checks' lock while sessions are told of: the sessions' thread must not wait for it.
            if (states.Note(plan, state)) ThreadPool.QueueUserWorkItem(_ => health.NoteBfd(plan.Options.Name));
        }, line => log.LogInformation("{Line}", line));
        return control.Configuration = new ConfigurationControl(control, network, new ConfigurationOptions
        {
            Read = first.Take,
            FindRehearsal = first.FindRehearsal,
            Parts = [new LifecycleScripts(line => log.LogInformation("{Line}", line)), health, sync, bfd, new VrrpPart(vrrp)],
            Warn = line => log.LogWarning("{Line}", line),
        });
    }

    // A director before this one has left rules, and the connections that use them: those of the file take their place.
    private static void LoadConfiguration(DirectorControl control, ILogger log)
    {
        HashSet<ServiceKey> left = [.. control.ListServices().Select(s => s.Rule.Key)];
        ThrowIfProblems(control.Configuration!.Load().Problems, "the configuration");
        int foreign = left.Count(k => control.FindService(k) is not null && !control.Configuration.Owns(k));
        if (foreign > 0) log.LogWarning("{Count} services of the director before this one are not in the configuration and stay: 'netvs ipvsadm -Ln' lists them", foreign);
    }

    private static void ThrowIfProblems(IReadOnlyList<RuleDiagnostic> problems, string what = "the rules file")
    {
        if (problems.Count == 0) return;
        throw new DaemonException(
            [.. problems.Select(p => p.ToString()), $"netvs: {what} has problems: nothing was started"]);
    }

    private static int MaxConnectionsV6(RunOptions options) => Math.Max(options.MaxConnections / 4, 1024);

    private static DirectorOptions CreateOptions(RunOptions options, NetworkState network, LinkManager links, FlowMemory? flows, PeerKey? peers)
    {
        IEnumerable<string> names = options.Interfaces.Count > 0 ? options.Interfaces : network.Interfaces.Where(i => i.IsUp).Select(i => i.Name);
        int workers = options.Workers > 0 ? options.Workers : Math.Clamp(LinkManager.CountReceiveQueues(names), 1, Environment.ProcessorCount);
        Span<byte> key = stackalloc byte[16];
        RandomNumberGenerator.Fill(key);
        return new DirectorOptions
        {
            Workers = workers,
            MaxConnectionsV4 = options.MaxConnections,
            MaxConnectionsV6 = MaxConnectionsV6(options),
            HashKey = peers?.DeriveHashKey() ?? MemoryMarshal.Read<UInt128>(key),
            Random = new SystemRandomSource(),
            ReadFreePages = HostMemory.ReadFreePages,
            Divert = links,
            Flows = flows,
        };
    }

    // A named interface that is there and refuses is an error; one that is not there, or down, is waited for.
    private static void ReportInterfaces(RunOptions options, LinkManager links, NetworkState network, ILogger log)
    {
        IReadOnlyList<LinkStatus> status = links.ReadStatus();
        foreach (LinkStatus refused in status.Where(s => !s.IsAttached && s.Link.Length == 0))
        {
            if (options.Interfaces.Contains(refused.Interface) && network.FindInterface(refused.Interface) is { IsAdministrativelyUp: true })
                throw new DaemonException(refused.Reason.StartsWith(refused.Interface, StringComparison.Ordinal) ? refused.Reason : $"{refused.Interface}: {refused.Reason}");
        }

        foreach (string name in options.Interfaces)
        {
            NetworkInterface? found = network.FindInterface(name);
            if (found is null) log.LogWarning("{Interface} does not exist: waiting for it to appear", name);
            else if (!found.IsAdministrativelyUp) log.LogWarning("{Interface} is down: waiting for it to come up", name);
        }

        if (options.Interfaces.Count == 0 && !status.Any(s => s.IsAttached))
            log.LogWarning("no interface is attached: waiting for one to come up");
    }

    private static void Reload(DirectorControl control, ILogger log)
    {
        ServiceNotifier.Reloading();
        ReloadOutcome outcome = control.Reload();
        foreach (RuleDiagnostic problem in outcome.Problems) log.LogError("{Problem}", problem);
        if (!outcome.IsOk) log.LogError("the file has problems: nothing was changed");
        ServiceNotifier.Ready();
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    });

    // est_cpulist, est_nice: what the kernel refuses is said, and the thread goes on as it was.
    private static void PlaceThread(ProcessorSet processors, int nice, ILogger log)
    {
        try
        {
            ProcessorTime.KeepThreadOn(processors.Mask, $"processors {processors}");
            ProcessorTime.SetThreadNice(nice);
        }
        catch (KernelCallException e)
        {
            log.LogError("est_cpulist, est_nice: {Message}", e.Message);
        }
    }

    // On standard error, so that standard output says nothing but "ready"; with syslog's priorities where the journal reads it.
    private static ILoggerFactory CreateLogging() => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Information);
        builder.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 })
        {
            builder.AddSystemdConsole();
        }
        else
        {
            builder.AddSimpleConsole(simple =>
            {
                simple.SingleLine = true;
                simple.TimestampFormat = "HH:mm:ss.fff ";
                simple.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
    });
}
