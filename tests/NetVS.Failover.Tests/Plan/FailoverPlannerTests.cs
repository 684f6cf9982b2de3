using NetVS.Failover.Plan;
using NetVS.Keepalived.Diagnostics;
using NetVS.Packets;
using NetVS.Vrrp.Options;

namespace NetVS.Failover.Tests.Plan;

public sealed class FailoverPlannerTests
{
    [Fact]
    public void Instance_WithDefaults_HasKeepalivedsOnes()
    {
        InstancePlan plan = ConfigurationText.Plan(Instance("")).Instances.Single();
        plan.Options.Version.ShouldBe(2);
        plan.Options.Priority.ShouldBe((byte)100);
        plan.Options.Group.ShouldBe(IpAddress.Parse("224.0.0.18"));
        plan.Options.Garp.ShouldBe(new GarpTimes());
        plan.Options.IsPreempting.ShouldBeTrue();
        plan.Interface.ShouldBe("eth0");
    }

    [Fact]
    public void LowerPriorityGarp_FollowsTheGlobalSettingsNotTheInstances()
    {
        FailoverPlan plan = ConfigurationText.Plan("global_defs {\n vrrp_garp_master_repeat 2\n}\n" + Instance("garp_master_repeat 7\n"));
        plan.Instances[0].Options.Garp.MasterRepeat.ShouldBe(7);
        plan.Instances[0].Options.Garp.LowerPriorityRepeat.ShouldBe(2);
    }

    [Theory]
    [InlineData("use_vmac", "00:00:5e:00:01:33", "vrrp.51", false)]
    [InlineData("use_vmac v51", "00:00:5e:00:01:33", "v51", true)]
    public void VirtualMac_IsTheStandards(string line, string mac, string name, bool isGiven)
    {
        InstancePlan plan = ConfigurationText.Plan(Instance(line + "\n")).Instances[0];
        plan.VirtualMac.ToString().ShouldBe(mac);
        plan.VirtualMacName.ShouldBe(name);
        plan.IsVirtualMacNameGiven.ShouldBe(isGiven);
    }

    [Fact]
    public void Group_LendsItsTrackersToEveryMember()
    {
        FailoverPlan plan = ConfigurationText.Plan(
            "vrrp_script chk {\n script /bin/true\n}\nvrrp_sync_group G {\n group {\n  A\n }\n track_script {\n  chk\n }\n}\n" + Instance(""));
        plan.Instances[0].Group.ShouldBe("G");
        plan.Instances[0].Tracking.Scripts.Single().Name.ShouldBe("chk");
        plan.Scripts.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("use_vmac_addr", "use_vmac_addr")]
    [InlineData("use_ipvlan", "use_ipvlan")]
    [InlineData("vrf v", "vrf")]
    public void Keyword_ThatIsNotDone_IsRefusedByName(string line, string name)
    {
        ConfigurationText.Plan(Instance(line + "\n"), out PlanProblems problems);
        problems.Items.ShouldContain(p => p.Severity == DiagnosticSeverity.Error && p.Message.Contains(name, StringComparison.Ordinal) && p.Advice != null);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("accept", false)]
    [InlineData("no_accept", true)]
    [InlineData("strict_mode on", true)]
    [InlineData("strict_mode on\n priority 255\n state MASTER", false)]
    [InlineData("strict_mode on\n accept", true)]
    [InlineData("strict_mode on\n version 3\n accept", false)]
    public void Addresses_AreFiltered_AsAcceptAndStrictModeSay(string lines, bool isFiltered) =>
        ConfigurationText.Plan(Instance(lines + "\n")).Instances[0].IsFiltered.ShouldBe(isFiltered);

    [Fact]
    public void Identity_IsNotTheName()
    {
        InstancePlan a = ConfigurationText.Plan(Instance("")).Instances[0];
        InstancePlan b = ConfigurationText.Plan(Instance("priority 7\n").Replace("instance A", "instance B", StringComparison.Ordinal)).Instances[0];
        a.Identity.ShouldBe(b.Identity);
    }

    private static string Instance(string lines) =>
        $"vrrp_instance A {{\n interface eth0\n virtual_router_id 51\n {lines} virtual_ipaddress {{\n  192.0.2.1/24\n }}\n}}\n";
}
