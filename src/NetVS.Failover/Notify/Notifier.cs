// Reference §10: which script, which arguments, which line.
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using NetVS.Failover.Plan;
using NetVS.Keepalived.Model;
using NetVS.Linux;
using NetVS.Linux.Vrrp;
using NetVS.Vrrp.Machine;

namespace NetVS.Failover.Notify;

/// <summary>Tells scripts and pipes what happened.</summary>
/// <remarks>Pipes are written at once, without waiting; scripts run on other threads. Thread: one, the instances'.</remarks>
internal sealed class Notifier(Action<string> log) : IDisposable
{
    private readonly ConcurrentDictionary<string, ScriptQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (NotifyFifo Fifo, ScriptProcess? Script)> _pipes = [];
    private ScriptAccount _default = ScriptAccount.Own;
    private bool _isSecure;

    /// <summary>Opens the pipes of a plan and closes those that it does not have.</summary>
    public void Configure(FailoverPlan plan)
    {
        _default = plan.DefaultAccount.User is not null ? plan.DefaultAccount
            : Accounts.UserId("keepalived_script") is not null ? new ScriptAccount("keepalived_script", null) : ScriptAccount.Own;
        _isSecure = plan.HasScriptSecurity;
        foreach (string path in _pipes.Keys.Except(plan.Pipes.Select(p => p.Path!)).ToArray()) Close(path);
        foreach (NotifyPipe pipe in plan.Pipes.Where(p => !_pipes.ContainsKey(p.Path!))) Open(pipe);
    }

    /// <summary>Tells of an instance.</summary>
    public void Notify(InstancePlan plan, byte priority, Notification notification)
    {
        string word = WordOf(notification);
        Write($"INSTANCE \"{plan.Name}\" {word} {priority.ToString(CultureInfo.InvariantCulture)}\n");
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
    }

    /// <summary>Tells of a group.</summary>
    public void Notify(string group, NotifyScripts scripts, Notification notification)
    {
        string word = WordOf(notification);
        Write($"GROUP \"{group}\" {word} 0\n");
        ScriptCommand? own = notification switch
        {
            Notification.Master => scripts.Master,
            Notification.Backup => scripts.Backup,
            Notification.Fault => scripts.Fault,
            _ => scripts.Stop,
        };
        Run($"g {group}", own, []);
        Run($"g {group}", scripts.All, ["GROUP", group, word, "0"]);
    }

    /// <summary>Tells the pipes of a priority.</summary>
    public void NotifyPriority(InstancePlan plan, VirtualRouterState state, byte priority)
    {
        if (!plan.NotifiesPriority || state is not (VirtualRouterState.Master or VirtualRouterState.Backup)) return;
        Write($"INSTANCE \"{plan.Name}\" {(state == VirtualRouterState.Master ? "MASTER" : "BACKUP")}_PRIORITY {priority.ToString(CultureInfo.InvariantCulture)}\n");
    }

    /// <summary>Writes to the pipes what the state is, without scripts.</summary>
    public void Repeat(InstancePlan plan, VirtualRouterState state, byte priority)
    {
        string word = state switch { VirtualRouterState.Master => "MASTER", VirtualRouterState.Backup => "BACKUP", _ => "FAULT" };
        Write($"INSTANCE \"{plan.Name}\" {word} {priority.ToString(CultureInfo.InvariantCulture)}\n");
    }

    /// <summary>The account and arguments of a script; null where it must not be run.</summary>
    public ScriptAccount? AccountOf(string? user, string? group, IReadOnlyList<string> arguments)
    {
        ScriptAccount account = user is null ? _default : new ScriptAccount(user, group);
        bool isRoot = account.User is null ? Environment.IsPrivilegedProcess : Accounts.UserId(account.User) == 0;
        if (!_isSecure || !isRoot || arguments.Count == 0 || ScriptSafety.FindWeakness(arguments[0]) is not { } weakness) return account;
        log($"the script {arguments[0]} is not run: {weakness}, and enable_script_security is set");
        return null;
    }

    /// <summary>Waits for scripts, a second at most, and closes the pipes.</summary>
    public void Dispose()
    {
        DateTime end = DateTime.UtcNow + TimeSpan.FromSeconds(1);
        foreach (ScriptQueue queue in _queues.Values)
        {
            TimeSpan left = end - DateTime.UtcNow;
            queue.WaitForAll(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        foreach (string path in _pipes.Keys.ToArray()) Close(path);
    }

    private static string WordOf(Notification notification) => notification switch
    {
        Notification.MasterReceivedLowerPriority => "MASTER_RX_LOWER_PRI",
        _ => notification.ToString().ToUpperInvariant(),
    };

    private void Run(string queue, ScriptCommand? command, string[] added)
    {
        if (command is null || AccountOf(command.User, command.Group, command.Arguments) is not { } account) return;
        _queues.GetOrAdd(queue, _ => new ScriptQueue(log)).Add(account, [.. command.Arguments, .. added]);
    }

    private void Write(string line)
    {
        if (_pipes.Count == 0) return;
        byte[] octets = Encoding.UTF8.GetBytes(line);
        foreach ((NotifyFifo fifo, _) in _pipes.Values) fifo.Write(octets);
    }

    private void Open(NotifyPipe pipe)
    {
        try
        {
            NotifyFifo fifo = NotifyFifo.Open(pipe.Path!, Accounts.UserId(pipe.User), Accounts.GroupId(pipe.Group));
            ScriptProcess? script = null;
            if (pipe.Script is { } command && AccountOf(command.User, command.Group, command.Arguments) is { } account)
                script = ScriptProcess.TryStart(account, [.. command.Arguments, pipe.Path!], log);
            _pipes[pipe.Path!] = (fifo, script);
        }
        catch (KernelCallException e)
        {
            log($"notify_fifo: {e.Message}");
        }
    }

    private void Close(string path)
    {
        (NotifyFifo fifo, ScriptProcess? script) = _pipes[path];
        _pipes.Remove(path);
        script?.Terminate();
        script?.Dispose();
        if (fifo.Lost > 0) log($"{fifo.Lost} lines found no room in {path}");
        fifo.Dispose();
    }
}
