using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Keepalived.Tests.Configuration;

/// <summary>VRRP instances, groups and trackers: values, complaints and corrections (reference §4).</summary>
public sealed class VrrpTests
{
    private static string Instance(string lines, string name = "A", int id = 51) =>
        $"vrrp_instance {name} {{\n{lines}\ninterface eth0\nvirtual_router_id {id}\nvirtual_ipaddress {{ 10.0.0.{id}/24\n}}\n}}\n";

    [Fact]
    public void Values_AreKept()
    {
        VrrpInstance v = Reading.Clean("""
            vrrp_script chk {
              script "/nosuch a"
              interval 2
              timeout 1.5
              weight -20 reverse
              rise 2
              fall 3
              user nobody
              init_fail
            }
            track_file tf {
              file /tmp/x
            }
            vrrp_instance A {
              interface eth0
              state BACKUP
              virtual_router_id 7
              priority 90
              advert_int 0.25
              version 3
              nopreempt
              unicast_src_ip 10.0.0.9
              unicast_peer {
                10.0.0.10 min_ttl 250 max_ttl 255
              }
              unicast_ttl 9
              use_vmac vrrp.7
              track_interface {
                eth1 weight -10 reverse
                eth2
              }
              track_script {
                chk weight 5 noreverse
              }
              track_file {
                tf
              }
              virtual_ipaddress {
                10.0.0.1/24 brd + dev eth1 label eth1:1 scope link
                10.0.0.2 peer 10.0.0.3/30
              }
              virtual_ipaddress_excluded {
                2001:db8::1/64 -nodad preferred_lft forever
              }
              virtual_routes {
                default via 10.0.0.254 dev eth0 table 5
              }
              no_accept
              skip_check_adv_addr off
              garp_master_delay 2
              smtp_alert off
            }
            """, Reading.Unscripted).Configuration.Instances[0];
        (v.Interface, v.RouterId, v.Priority, v.BasePriority, v.Version, v.StartsAsMaster).ShouldBe(("eth0", 7, 90, 90, 3, false));
        v.AdvertInterval.ShouldBe(TimeSpan.FromMilliseconds(250));
        (v.IsNonPreempting, v.UnicastTtl, v.UsesVirtualMac, v.VirtualMacName, v.ChecksUnicastSource).ShouldBe((true, 9, true, "vrrp.7", true));
        v.Peers[0].ShouldSatisfyAllConditions(p => p.Address.ShouldBe(IpAddress.Parse("10.0.0.10")), p => p.MinTtl.ShouldBe(250));
        v.Tracking.Interfaces.Select(i => (i.Name, i.Weight, i.IsReversed)).ShouldBe([("eth1", -10, true), ("eth2", null, null)]);
        v.Tracking.Scripts.Select(i => (i.Name, i.Weight, i.IsReversed)).ShouldBe([("chk", 5, false)]);
        v.Tracking.Files.Single().Name.ShouldBe("tf");
        ConfiguredAddress first = v.Addresses[0];
        (first.Address.ToString(), first.PrefixLength, first.Broadcast, first.Interface, first.Label, first.Scope).ShouldBe(("10.0.0.1", 24, "+", "eth1", "eth1:1", "link"));
        (v.Addresses[1].Peer.ToString(), v.Addresses[1].PrefixLength).ShouldBe(("10.0.0.3", 30));
        v.ExcludedAddresses[0].ShouldSatisfyAllConditions(a => a.HasDuplicateDetection.ShouldBeTrue(), a => a.PreferredLifetime.ShouldBe("forever"));
        v.Routes[0].Words.Count.ShouldBe(7);
        (v.Accepts, v.SkipsAddressCheck, v.SendsMail, v.Garp.MasterDelay).ShouldBe((false, true, false, TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData("priority 300", "2:10 (A) Priority not valid! must be between 1 & 255. Using default 100 | number '300' outside range [1, 255]")]
    [InlineData("priority 10x", "2:10 (A) Priority not valid! must be between 1 & 255. Using default 100 | invalid number '10x'")]
    [InlineData("advert_int 0x1", "2:12 (A) Advert interval (0x1) not valid! Must be > 0 - ignoring | invalid number '0x1'")]
    [InlineData("state master", "2:7 (A) unknown state 'master', defaulting to BACKUP")]
    [InlineData("interface lo", "2:11 (A) cannot use a loopback interface (lo) for vrrp - ignoring")]
    [InlineData("preempt_delay 1001", "2:15 (A) Preempt_delay not valid! must be between 0-1000 | number '1001' outside range [0.000000, 1000.000000]")]
    [InlineData("old_unicast_checksum x", "2:22 (A) Unknown old_unicast_chksum mode x - ignoring")]
    [InlineData("track_interface {\neth1\neth1\n}", "4:1 (A) duplicate track_interface eth1 - ignoring")]
    [InlineData("track_interface {\neth0\n}", "3:1 (A) Ignoring track_interface eth0 since own interface")]
    [InlineData("track_interface {\neth1 weight 300\n}", "3:13 (A) weight 300 for eth1 must be between [-253..253] inclusive. Ignoring... | number '300' outside range [-254, 254]")]
    [InlineData("track_interface {\neth1 weight 254\n}", "3:13 (A) weight 254 is set to 253")]
    [InlineData("track_script {\nnosuch\n}", "3:1 (A) track script nosuch not found, ignoring...")]
    [InlineData("unicast_peer {\nx\n10.0.0.5\n}", "3:1 Configuration error: VRRP instance[A] malformed unicast peer address[x]. Skipping...")]
    [InlineData("unicast_ttl 5", "1:1 (A) A unicast keyword has been specified without any unicast peers. Defaulting to multicast. This usage is deprecated - please update your configuration.")]
    [InlineData("version 3\nauthentication {\nauth_type PASS\nauth_pass x\n}", "1:1 (A) VRRP version 3 does not support authentication. Ignoring.")]
    [InlineData("authentication {\nauth_type AH\n}", "1:1 (A) Authentication specified but no password given. Ignoring")]
    [InlineData("authentication {\nauth_type FOO\n}", "3:11 (A) unknown authentication type 'FOO'")]
    [InlineData("nopreempt\npreempt_delay 5", "1:1 (A) preempt_delay is incompatible with nopreempt mode - resetting")]
    [InlineData("advert_int 1.5", "1:1 (A) VRRPv2 advertisement interval 1.500000s must be an integer. rounding")]
    [InlineData("version 3\nadvert_int 50", "1:1 (A) VRRPv3 advertisement interval 50.00s is out of range. Must be less than 40.96s. Setting to 40.95s")]
    [InlineData("lvs_sync_daemon_interface eth0", "2:1 (A) Specifying lvs_sync_daemon_interface against a vrrp is deprecated.")]
    public void WrongValues_HaveKeepalivedsWords(string lines, string expected)
    {
        KeepalivedReading reading = Reading.Of(Instance(lines));
        reading.Lines().ShouldBe([expected]);
        reading.ExitStatus.ShouldBe(5);
    }

    [Theory]
    [InlineData("10.0.0.2/33", "Invalid address prefix len 33 for address 10.0.0.2/33 - using 32")]
    [InlineData("10.0.0.4/24 brd", "No brd parameter specified for 10.0.0.4/24")]
    [InlineData("10.0.0.5/24 bogus", "Unknown configuration entry 'bogus' for ip address - ignoring")]
    [InlineData("fe80::1", "(A): address family must match VRRP instance [fe80::1] - ignoring")]
    [InlineData("x", "VRRP parsed invalid IP x. skipping IP...")]
    [InlineData("10.0.0.6/31 brd +", "Address prefix length 31 too long for broadcast")]
    [InlineData("10.0.0.6 label aaaaaaaaaaaaaaaa", "Address label aaaaaaaaaaaaaaaa is longer than maximum length 15 - removing address")]
    [InlineData("10.0.0.6/24 peer 10.0.0.7", "Cannot specify address prefix when specifying peer address - ignoring")]
    [InlineData("10.0.0.6 peer fe80::1", "Peer address fe80::1 does not match address family")]
    [InlineData("10.0.0.6 scope foo", "Invalid scope 'foo' specified for 10.0.0.6 - ignoring")]
    [InlineData("10.0.0.6 preferred_lft x", "preferred_lft x is invalid")]
    [InlineData("10.0.0.6 dev eth77", "WARNING - interface eth77 for ip address 10.0.0.6 doesn't exist")]
    [InlineData("10.0.0.6 track_group x", "Unknown configuration entry 'track_group' for ip address - ignoring")]
    public void WrongAddresses_HaveKeepalivedsWords(string line, string expected) =>
        Reading.Of($"vrrp_instance A {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {{\n10.0.0.1/24\n{line}\n}}\n}}").Problems
            .Where(p => p.Position.Line == 6).Select(p => p.Message).ShouldContain(expected);

    [Fact]
    public void StateMaster_MeansPriority255_UnlessItIsGiven()
    {
        Reading.Clean(Instance("state MASTER")).Configuration.Instances[0].BasePriority.ShouldBe(255);
        KeepalivedReading reading = Reading.Of(Instance("state MASTER\npriority 150\nnopreempt\npreempt_delay 10"));
        reading.Problems.Select(p => p.Message).ShouldBe([
            "(A) Warning - nopreempt will not work with initial state MASTER - clearing", "(A) Warning - preempt delay will not work with initial state MASTER - clearing"]);
        reading.Configuration.Instances[0].ShouldSatisfyAllConditions(v => v.IsNonPreempting.ShouldBeFalse(), v => v.PreemptDelay.ShouldBe(TimeSpan.Zero));
    }

    [Fact]
    public void SameId_OnOneInterface_StopsVrrp()
    {
        KeepalivedReading reading = Reading.Of(Instance("") + Instance("", "B"));
        reading.Problems.Single().Message.ShouldBe("A and B both use VRID 51 with IPv4 on interface eth0");
        reading.ExitStatus.ShouldBe(5);
        Reading.Clean(Instance("unicast_src_ip 10.0.0.8\nunicast_peer { 10.0.0.9\n}") + Instance("unicast_src_ip 10.0.0.8\nunicast_peer { 10.0.0.10\n}", "B"));
    }

    [Fact]
    public void SyncGroup_TakesWeightsAway()
    {
        KeepalivedReading reading = Reading.Of("vrrp_script s {\nscript /nosuch\nweight 3\n}\nvrrp_sync_group G {\ngroup {\nA\nX\n}\n}\n"
            + Instance("track_interface {\neth1 weight 20\n}\ntrack_script {\ns\n}"), Reading.Unscripted);
        reading.Problems.Select(p => p.Message).ShouldBe([
            "Sync group G has only 1 virtual router(s) - this probably isn't what you want",
            "Virtual router X specified in sync group G doesn't exist - ignoring",
            "(A) ignoring eth1 tracked interface weight due to SYNC group",
            "(A) ignoring tracked script s with weights due to SYNC group"]);
        Tracking tracking = reading.Configuration.Instances[0].Tracking;
        tracking.Interfaces[0].Weight.ShouldBe(0);
        tracking.Scripts.ShouldBeEmpty();
    }

    [Fact]
    public void MissingInterface_StopsVrrp_AndEverythingElseIsReportedStill()
    {
        string text = Instance("advert_int 1.5").Replace("eth0", "eth77", StringComparison.Ordinal);
        KeepalivedReading reading = Reading.Of(text);
        reading.Problems.Select(p => p.Message).ShouldBe([
            "Non-existent interface specified in configuration",
            "(A) VRRPv2 advertisement interval 1.500000s must be an integer. rounding",
            "WARNING - interface eth77 for vrrp_instance A doesn't exist"]);
        reading.Problems.Select(p => p.IsBeyondStop).ShouldBe([false, true, false]);
        Reading.Of("global_defs {\ndynamic_interfaces\n}\n" + text).Problems.Count.ShouldBe(1);
    }

    [Fact]
    public void Strict_Corrects()
    {
        KeepalivedReading reading = Reading.Of(Instance("strict_mode on\nstate MASTER\npriority 150\npreempt_delay 3"));
        reading.Problems.Select(p => p.Message).ShouldBe(["(A) State MASTER must match being address owner", "(A) preempt_delay is incompatible with strict mode - resetting"]);
        reading.Configuration.Instances[0].ShouldSatisfyAllConditions(v => v.StartsAsMaster.ShouldBe(false), v => v.BasePriority.ShouldBe(150), v => v.LowerPriorityNoAdvert.ShouldBe(true));
    }

    [Fact]
    public void NoAddresses_AreAnErrorInVersion3Only()
    {
        Reading.Of("vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n}").Problems.Single().Message.ShouldBe("(A) No VIP specified; at least one is sensible");
        Reading.Of("vrrp_instance A {\ninterface eth0\nversion 3\nvirtual_router_id 1\n}").Problems.Single().Message.ShouldBe("(A) No VIP specified; at least one is required");
    }
}
