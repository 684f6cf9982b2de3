// Reference §10: which script, which arguments, which line.
using System.Collections.Concurrent;
using System.Globalization;
using NetVS.Failover.Plan;
using NetVS.Failover.Running;
using NetVS.Keepalived.Model;
using NetVS.Scripts;
using NetVS.Vrrp.Machine;
using SyncGroup = NetVS.Keepalived.Model.SyncGroup;

namespace NetVS.Failover.Notify;

/// <summary>Tells scripts, pipes and mail what happened.</summary>
/// <remarks>Pipes are written at once, without waiting; scripts run on other threads. Thread: one, the instances'.</remarks>
internal sealed class Notifier(FailoverOptions options) : IDisposable
{
    private const int MostWaiting = 64;
    private readonly ConcurrentDictionary<string, ScriptQueue> _queues = new(StringComparer.Ordinal);
    private readonly PipeSet _pipes = (options.Pipes ?? new NotifyPipes(options.Log)).NewSet();
    private readonly Dictionary<string, Notification> _mailed = new(StringComparer.Ordinal);
    private bool _mailsFaults = true;
    private ScriptPolicy _policy = ScriptPolicy.Open;

    /// <summary>Opens the pipes of a plan and closes those that it does not have.</summary>
    public void Configure(FailoverPlan plan)
    {
        _policy = plan.ScriptPolicy;
        _pipes.Configure(plan.Pipes, _policy);
        _mailsFaults = !plan.Global.Mail.HasNoFaults;
        options.Mail?.Configure(plan.Global);
    }

    /// <summary>Tells of an instance.</summary>
    public void Notify(InstancePlan plan, byte priority, Notification notification)
    {
        string word = WordOf(notification);
        _pipes.Write($"INSTANCE \"{plan.Name}\" {word} {priority.ToString(CultureInfo.InvariantCulture)}\n");
        ScriptCommand? own = notification switch
        {
            Notification.Master => plan.Notify.Master,
            Notification.Backup => plan.Notify.Backup,
            Notification.Fault => plan.Notify.Fault,
            Notification.Stop => plan.Notify.Stop,
            Notification.Deleted => plan.Notify.Deleted,
            _ => plan.Notify.MasterReceivedLowerPriority,
        };
        Run($"i {plan.Name}", own, []);
        if (notification != Notification.MasterReceivedLowerPriority)
            Run($"i {plan.Name}", plan.Notify.All, ["INSTANCE", plan.Name, word, priority.ToString(CultureInfo.InvariantCulture)]);
        if (plan.SendsMail) Mail($"VRRP Instance {plan.Name}", notification, $"=> VRRP Instance is {(notification == Notification.Master ? "now" : "no longer")} owning VRRP VIPs <=");
    }

    /// <summary>Tells of a group.</summary>
    public void Notify(SyncGroup plan, Notification notification)
    {
        string word = WordOf(notification), group = plan.Name;
        NotifyScripts scripts = plan.Notify;
        _pipes.Write($"GROUP \"{group}\" {word} 0\n");
        ScriptCommand? own = notification switch
        {
            Notification.Master => scripts.Master,
            Notification.Backup => scripts.Backup,
            Notification.Fault => scripts.Fault,
            _ => scripts.Stop,
        };
        Run($"g {group}", own, []);
        Run($"g {group}", scripts.All, ["GROUP", group, word, "0"]);
        if (plan.SendsMail == true) Mail($"VRRP Group {group}", notification, $"=> All VRRP group instances are now in {word} state <=");
    }

    /// <summary>Tells the pipes of a priority.</summary>
    public void NotifyPriority(InstancePlan plan, VirtualRouterState state, byte priority)
    {
        if (!plan.NotifiesPriority || state is not (VirtualRouterState.Master or VirtualRouterState.Backup)) return;
        _pipes.Write($"INSTANCE \"{plan.Name}\" {(state == VirtualRouterState.Master ? "MASTER" : "BACKUP")}_PRIORITY {priority.ToString(CultureInfo.InvariantCulture)}\n");
    }

    /// <summary>Writes to the pipes what the state is, without scripts.</summary>
    public void Repeat(InstancePlan plan, VirtualRouterState state, byte priority)
    {
        string word = state switch { VirtualRouterState.Master => "MASTER", VirtualRouterState.Backup => "BACKUP", _ => "FAULT" };
        _pipes.Write($"INSTANCE \"{plan.Name}\" {word} {priority.ToString(CultureInfo.InvariantCulture)}\n");
    }

    /// <summary>Waits for scripts, a second at most, and closes the pipes.</summary>
    public void Dispose()
    {
        DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(1);
        foreach (ScriptQueue queue in _queues.Values)
        {
            TimeSpan left = end - DateTime.UtcNow;
            queue.End(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        _pipes.Dispose();
    }

    private static string WordOf(Notification notification) => notification switch
    {
        Notification.MasterReceivedLowerPriority => "MASTER_RX_LOWER_PRI",
        _ => notification.ToString().ToUpperInvariant(),
    };

    // The same state is not mailed twice in a row.
    private void Mail(string who, Notification notification, string body)
    {
        if (notification == Notification.MasterReceivedLowerPriority || (notification == Notification.Fault && !_mailsFaults)) return;
        if (_mailed.TryGetValue(who, out Notification before) && before == notification) return;
        _mailed[who] = notification;
        string what = notification switch { Notification.Stop => "Stopping", Notification.Deleted => "Deleted", _ => $"Entering {WordOf(notification)} state" };
        options.Mail?.Send($"{who} - {what}", body);
    }

    private void Run(string queue, ScriptCommand? command, string[] added)
    {
        if (command is not null) _queues.GetOrAdd(queue, _ => new ScriptQueue(MostWaiting, options.Log)).Add(command, _policy, $"vrrp: ({queue[2..]})", added);
    }
}
