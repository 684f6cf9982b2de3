// Reference §14.1.

using System.Net.Sockets;
using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Sync;

namespace NetVS.Control.Synchronisation;

/// <summary>The synchronisation daemons of a director: at most one master and one backup.</summary>
/// <remarks>Threads: any; starting and stopping wait for each other.</remarks>
public sealed class SyncDaemons : ISyncDaemons, IDisposable
{
    private readonly DirectorEngine _engine;
    private readonly NetworkState _network;
    private readonly ISyncDelivery _delivery;
    private readonly Lock _lock = new();
    private RunningDaemon? _master;
    private RunningDaemon? _backup;

    /// <summary>None runs yet.</summary>
    public SyncDaemons(DirectorEngine engine, NetworkState network, ISyncDelivery delivery)
    {
        _engine = engine;
        _network = network;
        _delivery = delivery;
    }

    private sealed record RunningDaemon(SyncEndpoint Endpoint, IReadOnlyList<SyncThread> Threads);

    /// <summary>The counters that are not zero, by name.</summary>
    public IReadOnlyDictionary<string, long> ReadCounters() => SyncCounts.All.Where(c => _engine.Sync.Tally.Read(c) > 0)
        .ToDictionary(SyncCounts.Name, _engine.Sync.Tally.Read, StringComparer.Ordinal);

    /// <summary>What runs, the master first, with all that was left out when it was started.</summary>
    public IReadOnlyList<SyncDaemonRule> List()
    {
        lock (_lock)
        {
            List<SyncDaemonRule> rules = [];
            if (_master is not null) rules.Add(_master.Endpoint.Rule);
            if (_backup is not null) rules.Add(_backup.Endpoint.Rule);
            return rules;
        }
    }

    /// <inheritdoc/>
    public RuleResult Start(SyncDaemonRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        lock (_lock)
        {
            if ((rule.IsMaster ? _master : _backup) is not null) return RuleStatus.EEXIST;
            if (_engine.ListServices().Any(s => s.Destinations.Any(d => d.Rule.Real.Address.Family != s.Rule.Key.Family)))
                return new RuleResult(RuleStatus.EINVAL, "a real server is of another family than its service: messages cannot say that");
            if (SyncEndpoint.Complete(rule, _network, out RuleResult problem) is not { } endpoint) return problem;
            List<Socket> sockets = [];
            try
            {
                int ports = _engine.Settings.SyncPorts, size = _engine.Settings.SyncSockSize;
                if (endpoint.Rule.Port + ports - 1 > ushort.MaxValue)
                    return new RuleResult(RuleStatus.EINVAL, $"{ports} ports from {endpoint.Rule.Port} on are more than there are: see sync_ports");
                for (int i = 0; i < ports; i++)
                {
                    sockets.Add(rule.IsMaster
                        ? SyncSockets.OpenSender(endpoint, endpoint.Rule.Port + i, size)
                        : SyncSockets.OpenReceiver(endpoint, endpoint.Rule.Port + i, size));
                }
            }
            catch (SocketException e)
            {
                foreach (Socket socket in sockets) socket.Dispose();
                RuleStatus status = e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.NetworkUnreachable
                    ? RuleStatus.EADDRNOTAVAIL : RuleStatus.EINVAL;
                return new RuleResult(status, $"{endpoint.Rule.Interface}: {e.Message}: it must be up, and have an address of the group's family");
            }

            if (rule.IsMaster) _master = StartMaster(endpoint, sockets);
            else _backup = StartBackup(endpoint, sockets);
            if (!rule.IsMaster) _engine.Sync.IsBackup = true;
            return RuleResult.Ok;
        }
    }

    /// <inheritdoc/>
    public RuleResult Stop(bool isMaster)
    {
        lock (_lock)
        {
            RunningDaemon? running = isMaster ? _master : _backup;
            if (running is null) return RuleStatus.ESRCH;
            End(running);
            if (isMaster) _engine.Sync.StopMaster();
            else _engine.Sync.IsBackup = false;
            if (isMaster) _master = null;
            else _backup = null;
            return RuleResult.Ok;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop(isMaster: true);
        Stop(isMaster: false);
    }

    private static void End(RunningDaemon daemon)
    {
        foreach (SyncThread thread in daemon.Threads) thread.Ask();
        foreach (SyncThread thread in daemon.Threads) thread.Dispose();
    }

    private RunningDaemon StartMaster(SyncEndpoint endpoint, List<Socket> sockets)
    {
        _engine.Sync.StartMaster(sockets.Count);
        return new RunningDaemon(endpoint,
            [.. sockets.Select((s, i) => SyncThread.Send(s, _engine, _delivery, i, endpoint.Rule.SyncId, endpoint.Rule.MaxLength))]);
    }

    private RunningDaemon StartBackup(SyncEndpoint endpoint, List<Socket> sockets) => new(endpoint,
        [.. sockets.Select((s, i) => SyncThread.Receive(s, _engine, _delivery, i, endpoint.Rule.SyncId, endpoint.Rule.MaxLength))]);
}
