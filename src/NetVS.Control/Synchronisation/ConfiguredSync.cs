// Reference, keepalived: §3.2 (lvs_sync_daemon) and §7.8.
using NetVS.Control.Configuration;
using NetVS.Keepalived.Model;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Synchronisation;

/// <summary>The <c>lvs_sync_daemon</c> of a keepalived.conf: its daemons follow the state of a VRRP instance, or both run always.</summary>
/// <remarks>
/// <para>With an instance: backup until it is master, master while it is, backup again afterwards, in FAULT too. The one ends before the other begins.</para>
/// <para>A daemon that cannot start (its interface is missing or down) is tried again once a second, where keepalived would leave it. A reload restarts
/// only what differs. A daemon that was started by hand in the way of these is replaced.</para>
/// <para>Ending a daemon waits for its threads, so all of it happens on a thread of its own, which begins in the network namespace of whoever calls
/// <see cref="Begin"/>. Threads: any may call <see cref="Follow"/>, which does not wait.</para>
/// </remarks>
public sealed class ConfiguredSync(ISyncDaemons daemons, Action<string> report) : IHostedPart, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, bool> _isMaster = new(StringComparer.Ordinal);
    private readonly List<SyncDaemonRule> _running = [];
    private readonly AutoResetEvent _changed = new(false);
    private SyncDaemon? _wanted;
    private byte _syncId;
    private string _problem = "";
    private bool _isEnding;
    private Thread? _thread;

    /// <summary>How long it waits before it tries again what could not be started.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Name => "sync";

    /// <inheritdoc/>
    public IPreparedConfiguration Prepare(KeepalivedConfiguration? current, ConfigurationPlan next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return new Prepared(this, next.Configuration);
    }

    /// <inheritdoc/>
    public void Begin()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "netvs sync" };
        _thread.Start();
    }

    /// <summary>Takes the state of a VRRP instance. Returns at once.</summary>
    /// <param name="instance">Its name.</param>
    /// <param name="isMaster">Whether it is master now.</param>
    public void Follow(string instance, bool isMaster)
    {
        lock (_gate) _isMaster[instance] = isMaster;
        _changed.Set();
    }

    /// <inheritdoc/>
    public void End(bool isForwardingKept)
    {
        lock (_gate)
        {
            if (_isEnding) return;
            _isEnding = true;
        }

        _changed.Set();
        _thread?.Join();
        _thread = null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadStatus()
    {
        lock (_gate)
        {
            if (_wanted is not { } wanted) return [];
            string follows = wanted.Instance is { } instance ? $"follows {instance} ({(_isMaster.GetValueOrDefault(instance) ? "master" : "not master")})" : "master and backup at once";
            string runs = _running.Count == 0 ? "none runs" : string.Join(", ", _running.Select(Describe));
            List<string> lines = [$"{follows}: {runs}"];
            if (_problem.Length > 0) lines.Add($"{_problem}: tried again every second");
            return lines;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End(isForwardingKept: false);
        _changed.Dispose();
    }

    /// <summary>Puts a configuration in force.</summary>
    internal void Take(KeepalivedConfiguration configuration)
    {
        lock (_gate)
        {
            _wanted = configuration.Global.Lvs.SyncDaemon;
            VrrpInstance? instance = configuration.Instances.FirstOrDefault(v => v.Name == _wanted?.Instance);
            _syncId = (byte)(_wanted?.Id ?? instance?.RouterId ?? 0);
        }

        _changed.Set();
    }

    private static string Describe(SyncDaemonRule rule) => $"{(rule.IsMaster ? "master" : "backup")} on {rule.Interface}, syncid {rule.SyncId}";

    private void Run()
    {
        while (true)
        {
            IReadOnlyList<SyncDaemonRule> wanted;
            bool isEnding;
            lock (_gate)
            {
                isEnding = _isEnding;
                wanted = isEnding ? [] : FindWanted();
            }

            bool isReached = Reach(wanted);
            if (isEnding) return;
            if (isReached) _changed.WaitOne();
            else _changed.WaitOne(Pause);
        }
    }

    // The gate is held.
    private SyncDaemonRule[] FindWanted()
    {
        if (_wanted is not { } wanted) return [];
        SyncDaemonRule master = new()
        {
            IsMaster = true,
            Interface = wanted.Interface,
            SyncId = _syncId,
            Group = wanted.Group,
            Port = wanted.Port ?? 0,
            Ttl = (byte)(wanted.Ttl ?? 0),
            MaxLength = (ushort)(wanted.MaxLength ?? 0),
        };
        SyncDaemonRule backup = master with { IsMaster = false };
        if (wanted.Instance is not { } instance) return [master, backup];

        // A reload may name an instance whose state is about to be told: until then nothing changes.
        if (_isMaster.TryGetValue(instance, out bool isMaster)) return [isMaster ? master : backup];
        return [_running.Exists(r => r.IsMaster) ? master : backup];
    }

    private bool Reach(IReadOnlyList<SyncDaemonRule> wanted)
    {
        foreach (SyncDaemonRule former in _running.Where(r => !wanted.Contains(r)).ToArray())
        {
            daemons.Stop(former.IsMaster);
            lock (_gate) _running.Remove(former);
            report($"sync: stopped the {Describe(former)}");
        }

        List<string> problems = [];
        foreach (SyncDaemonRule rule in wanted.Where(r => !_running.Contains(r)))
        {
            if (wanted.Count == 1) daemons.Stop(!rule.IsMaster);
            RuleResult result = daemons.Start(rule);
            if (result.Status == RuleStatus.EEXIST)
            {
                report($"sync: a {(rule.IsMaster ? "master" : "backup")} that was started by hand gives way to lvs_sync_daemon");
                daemons.Stop(rule.IsMaster);
                result = daemons.Start(rule);
            }

            if (result.IsOk)
            {
                lock (_gate) _running.Add(rule);
                report($"sync: started the {Describe(rule)}");
                continue;
            }

            problems.Add($"the {Describe(rule)}, cannot start: {result.Detail ?? result.Status.ToString()}");
        }

        string problem = string.Join("; ", problems);
        if (problem.Length > 0 && problem != _problem) report($"sync: {problem}");
        lock (_gate) _problem = problem;
        return problem.Length == 0;
    }

    private sealed class Prepared(ConfiguredSync part, KeepalivedConfiguration configuration) : IPreparedConfiguration
    {
        public void Commit() => part.Take(configuration);

        public void Dispose()
        {
            // Nothing was begun.
        }
    }
}
