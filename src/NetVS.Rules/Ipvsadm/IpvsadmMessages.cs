namespace NetVS.Rules.Ipvsadm;

/// <summary>What ipvsadm prints when the director refuses a command: by command and errno (reference §12.5).</summary>
public static class IpvsadmMessages
{
    /// <summary>The message, without newline.</summary>
    /// <param name="verb">The command that was refused.</param>
    /// <param name="result">The refusal. Its detail is printed where ipvsadm has no text that would be true.</param>
    public static string Format(IpvsadmVerb verb, RuleResult result) =>
        OfVerb(verb, result.Status) ?? result.Status switch
        {
            RuleStatus.EPERM => "Permission denied (you must be root)",
            RuleStatus.EINVAL => "Invalid operation.  Possibly wrong module version, address not unicast, ...",
            RuleStatus.ENOMEM => "Memory allocation problem",
            RuleStatus.EOPNOTSUPP when result.Detail is { } detail => $"Operation not supported: {detail}",
            RuleStatus.EOPNOTSUPP => "Operation not supported with IPv6",
            RuleStatus.EAFNOSUPPORT => "Operation not supported with specified address family",
            RuleStatus.ERANGE => "Numerical result out of range",
            RuleStatus.ENODEV => "No such device",
            RuleStatus.EADDRNOTAVAIL => "Cannot assign requested address",
            RuleStatus.ENOENT => "No such file or directory",
            RuleStatus.ESRCH => "No such process",
            RuleStatus.EEXIST => "File exists",
            _ => $"Unknown error {(int)result.Status}",
        };

    private static string? OfVerb(IpvsadmVerb verb, RuleStatus status) => (verb, status) switch
    {
        (IpvsadmVerb.AddService, RuleStatus.EEXIST) => "Service already exists",
        (IpvsadmVerb.AddService or IpvsadmVerb.EditService, RuleStatus.ENOENT) => "Scheduler or persistence engine not found",
        (IpvsadmVerb.EditService or IpvsadmVerb.DeleteService or IpvsadmVerb.Zero or IpvsadmVerb.List
            or IpvsadmVerb.ListLocalAddresses or IpvsadmVerb.Save, RuleStatus.ESRCH) => "No such service",
        (IpvsadmVerb.AddServer or IpvsadmVerb.EditServer or IpvsadmVerb.DeleteServer or IpvsadmVerb.AddLocalAddress
            or IpvsadmVerb.DeleteLocalAddress, RuleStatus.ESRCH) => "Service not defined",
        (IpvsadmVerb.AddServer, RuleStatus.EEXIST) => "Destination already exists",
        (IpvsadmVerb.EditServer or IpvsadmVerb.DeleteServer, RuleStatus.ENOENT) => "No such destination",
        (IpvsadmVerb.AddLocalAddress, RuleStatus.EEXIST) => "Local address already exists",
        (IpvsadmVerb.DeleteLocalAddress, RuleStatus.ENOENT) => "No such local address",
        (IpvsadmVerb.StartDaemon, RuleStatus.EEXIST) => "Daemon has already run",
        (IpvsadmVerb.StopDaemon, RuleStatus.ESRCH) => "No daemon is running",
        _ => null,
    };
}
