using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Tests.Ipvsadm;

/// <summary>Every row of reference §12.5, and what we say where ipvsadm has no true text.</summary>
public sealed class IpvsadmMessagesTests
{
    [Theory]
    [InlineData(IpvsadmVerb.AddService, RuleStatus.EEXIST, "Service already exists")]
    [InlineData(IpvsadmVerb.AddService, RuleStatus.ENOENT, "Scheduler or persistence engine not found")]
    [InlineData(IpvsadmVerb.EditService, RuleStatus.ESRCH, "No such service")]
    [InlineData(IpvsadmVerb.EditService, RuleStatus.ENOENT, "Scheduler or persistence engine not found")]
    [InlineData(IpvsadmVerb.DeleteService, RuleStatus.ESRCH, "No such service")]
    [InlineData(IpvsadmVerb.Zero, RuleStatus.ESRCH, "No such service")]
    [InlineData(IpvsadmVerb.List, RuleStatus.ESRCH, "No such service")]
    [InlineData(IpvsadmVerb.AddServer, RuleStatus.ESRCH, "Service not defined")]
    [InlineData(IpvsadmVerb.AddServer, RuleStatus.EEXIST, "Destination already exists")]
    [InlineData(IpvsadmVerb.EditServer, RuleStatus.ESRCH, "Service not defined")]
    [InlineData(IpvsadmVerb.EditServer, RuleStatus.ENOENT, "No such destination")]
    [InlineData(IpvsadmVerb.DeleteServer, RuleStatus.ENOENT, "No such destination")]
    [InlineData(IpvsadmVerb.StartDaemon, RuleStatus.EEXIST, "Daemon has already run")]
    [InlineData(IpvsadmVerb.StopDaemon, RuleStatus.ESRCH, "No daemon is running")]
    [InlineData(IpvsadmVerb.AddService, RuleStatus.EPERM, "Permission denied (you must be root)")]
    [InlineData(IpvsadmVerb.AddServer, RuleStatus.EINVAL, "Invalid operation.  Possibly wrong module version, address not unicast, ...")]
    [InlineData(IpvsadmVerb.AddServer, RuleStatus.ENOMEM, "Memory allocation problem")]
    [InlineData(IpvsadmVerb.AddServer, RuleStatus.EOPNOTSUPP, "Operation not supported with IPv6")]
    [InlineData(IpvsadmVerb.AddServer, RuleStatus.EAFNOSUPPORT, "Operation not supported with specified address family")]
    [InlineData(IpvsadmVerb.AddServer, RuleStatus.ERANGE, "Numerical result out of range")]
    [InlineData(IpvsadmVerb.StartDaemon, RuleStatus.ENODEV, "No such device")]
    public void Refusal_ByCommandAndErrno_HasIpvsadmsText(IpvsadmVerb verb, RuleStatus status, string text) =>
        IpvsadmMessages.Format(verb, status).ShouldBe(text);

    [Fact]
    public void Refusal_WithDetailOfWhatIsNotSupported_SaysIt() =>
        IpvsadmMessages.Format(IpvsadmVerb.AddService, new RuleResult(RuleStatus.EOPNOTSUPP, "persistence comes later"))
            .ShouldBe("Operation not supported: persistence comes later");

    [Fact]
    public void Refusal_WithDetailBesideIpvsadmsText_KeepsTheTextAlone() =>
        IpvsadmMessages.Format(IpvsadmVerb.AddServer, new RuleResult(RuleStatus.EINVAL, "no route"))
            .ShouldBe("Invalid operation.  Possibly wrong module version, address not unicast, ...");
}
