using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Synchronisation;

/// <summary>Starts and stops synchronisation daemons: at most one master and one backup. Threads: any.</summary>
public interface ISyncDaemons
{
    /// <summary>Starts a daemon, in the network namespace of the thread that calls.</summary>
    /// <returns>EEXIST when one of its role runs; ENODEV, EINVAL, or what the kernel says of its sockets.</returns>
    RuleResult Start(SyncDaemonRule rule);

    /// <summary>Ends the daemon of a role; what a master has not sent yet it sends first.</summary>
    /// <returns>ESRCH when none runs.</returns>
    RuleResult Stop(bool isMaster);
}
