using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Keepalived.Tests.Configuration;

/// <summary>global_defs and the small blocks of the root (reference §3).</summary>
public sealed class GlobalTests
{
    private static GlobalDefinitions Global(string lines) => Reading.Clean($"vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {{ 10.0.0.1\n}}\n}}\nglobal_defs {{\n{lines}\n}}\n").Configuration.Global;

    [Fact]
    public void Values_AreKept()
    {
        GlobalDefinitions g = Global("""
            router_id R
            notification_email {
              a@b.c
              d@e.f
            }
            notification_email_from me@x
            smtp_server mail.example 2525
            smtp_connect_timeout 0
            smtp_alert
            smtp_alert_checker off
            vrrp_version 3
            vrrp_strict
            vrrp_mcast_group4 224.0.0.99
            vrrp_garp_master_delay 10
            vrrp_garp_master_repeat 3
            vrrp_garp_lower_prio_repeat 0
            vrrp_garp_interval 0.001
            vrrp_startup_delay 1.5
            dynamic_interfaces allow_if_changes
            enable_script_security
            script_user nobody nogroup
            notify_fifo /run/a root
            lvs_notify_fifo /run/b
            lvs_timeouts tcp 900 udp 300
            lvs_sync_daemon eth0 VI_1 id 5 maxlen 1400 port 8849 ttl 2 group 224.0.0.81
            lvs_flush
            lvs_flush_on_stop VS
            """);
        g.RouterId.ShouldBe("R");
        g.Mail.Recipients.ShouldBe(["a@b.c", "d@e.f"]);
        (g.Mail.Server, g.Mail.Port, g.Mail.From, g.Mail.Timeout).ShouldBe(("mail.example", (ushort)2525, "me@x", TimeSpan.FromSeconds(1)));
        (g.Mail.Alerts, g.Mail.VrrpAlerts, g.Mail.CheckerAlerts).ShouldBe((true, null, false));
        (g.Vrrp.Version, g.Vrrp.IsStrict, g.Vrrp.StartupDelay).ShouldBe((3, true, TimeSpan.FromSeconds(1.5)));
        g.Vrrp.MulticastGroup4.ShouldBe(IpAddress.Parse("224.0.0.99"));
        (g.Vrrp.Garp.MasterDelay, g.Vrrp.Garp.MasterRepeat, g.Vrrp.Garp.LowerPriorityRepeat).ShouldBe((TimeSpan.FromSeconds(10), 3, 0));
        g.Vrrp.Garp.Interval.ShouldBe(TimeSpan.FromMilliseconds(1));
        (g.HasDynamicInterfaces, g.AllowsInterfaceChanges, g.HasScriptSecurity, g.ScriptUser, g.ScriptGroup).ShouldBe((true, true, true, "nobody", "nogroup"));
        (g.Pipe.Path, g.Pipe.User, g.LvsPipe.Path).ShouldBe(("/run/a", "root", "/run/b"));
        (g.Lvs.TcpTimeout, g.Lvs.TcpFinTimeout, g.Lvs.UdpTimeout).ShouldBe((900u, 0u, 300u));
        SyncDaemon d = g.Lvs.SyncDaemon!;
        (d.Interface, d.Instance, d.Id, d.MaxLength, d.Port, d.Ttl).ShouldBe(("eth0", "VI_1", 5, 1400, (ushort?)8849, 2));
        (g.Lvs.FlushesAtStart, g.Lvs.FlushesOnStop, g.Lvs.DeletesServicesOnStop).ShouldBe((true, false, true));
    }

    [Theory]
    [InlineData("smtp_alert maybe", "2:12 Invalid value 'maybe' for global smtp_alert specified")]
    [InlineData("smtp_server 127.0.0.1 99999", "2:23 Invalid smtp server 127.0.0.1 99999 | number '99999' outside range [1, 65535]")]
    [InlineData("vrrp_garp_interval 0", "2:20 vrrp_garp_interval '0' is invalid | number '0' outside range [0.000001, 4294.967295]")]
    [InlineData("vrrp_garp_master_repeat 0", "2:25 vrrp_garp_master_repeat must be greater than 0, setting to 1")]
    [InlineData("lvs_timeouts tcp", "2:1 lvs_timeouts requires at least one option")]
    [InlineData("lvs_timeouts udp -1", "2:18 Invalid lvs_timeout udp (-1) - ignoring | negative number '-1'")]
    [InlineData("script_user nosuch", "2:13 Error setting global script uid/gid")]
    [InlineData("vrrp_mcast_group4 1.2.3.4", "2:19 vrrp_mcast_group4 [1.2.3.4] is not multicast. Skipping")]
    [InlineData("vrrp_mcast_group6 ff05::1", "2:19 vrrp_mcast_group6 [ff05::1] should be link-local multicast.")]
    [InlineData("dynamic_interfaces x", "2:20 Unknown dynamic_interfaces option 'x'")]
    [InlineData("include_check x", "2:15 Unknown include_check type 'x' - ignoring")]
    [InlineData("lvs_flush_on_stop x", "2:19 Unknown lvs_flush_on_stop type x")]
    [InlineData("random_seed x", "2:13 random_seed x invalid | invalid number 'x'")]
    public void WrongValues_HaveKeepalivedsWords(string line, string expected)
    {
        KeepalivedReading reading = Reading.Of($"global_defs {{\n{line}\n}}\n");
        reading.Lines().ShouldBe([expected]);
        reading.ExitStatus.ShouldBe(5);
    }

    [Fact]
    public void UnsupportedKeywords_AreNamed_AndDoNotCount()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\nvrrp_rt_priority 5\nnftables keepalived\n}\n");
        reading.Problems.Select(Reading.Line).ShouldBe(["2:1 'vrrp_rt_priority' has no effect in NetVS", "3:1 'nftables' has no effect in NetVS"]);
        reading.ExitStatus.ShouldBe(0);
    }

    [Fact]
    public void OtherRootBlocks_AreKept()
    {
        KeepalivedConfiguration c = Reading.Clean("""
            net_namespace red
            instance one
            child_wait_time 7
            linkbeat_use_polling
            static_ipaddress {
              10.0.0.5/24 dev eth0 track_group T no_track
            }
            static_routes {
              blackhole 10.9.0.0/16
              10.8.0.0/16 via 10.0.0.1 dev eth0 metric 5 no_track
            }
            static_rules {
              from 10.0.0.0/8 to default table 3 priority 7
            }
            interface_up_down_delays {
              eth0 0.5 2
              eth1 1
            }
            linkbeat_interfaces {
              eth0 MII
            }
            garp_group {
              garp_interval 0.1
              interfaces {
                eth0
                eth1
              }
            }
            bfd_instance B {
              neighbor_ip 10.0.0.2
              min_rx 100
              weight -5 reverse
              vrrp
            }
            SSL {
              ca /etc/ca.pem
            }
            """.Replace("blackhole 10.9.0.0/16", "blackhole 10.9.0.0/16 no_track")).Configuration;
        (c.NetworkNamespace, c.Instance, c.ChildWait, c.PollsAllLinks).ShouldBe(("red", "one", TimeSpan.FromSeconds(7), true));
        c.StaticAddresses[0].ShouldSatisfyAllConditions(a => a.Interface.ShouldBe("eth0"), a => a.TrackGroup.ShouldBe("T"), a => a.IsUntracked.ShouldBeTrue());
        c.StaticRoutes[1].Words.ShouldBe(["10.8.0.0/16", "via", "10.0.0.1", "dev", "eth0", "metric", "5"]);
        c.StaticRules[0].Words.Count.ShouldBe(8);
        c.LinkDelays.Select(d => (d.Interface, d.Down, d.Up)).ShouldBe([("eth0", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2)), ("eth1", TimeSpan.FromSeconds(1), TimeSpan.Zero)]);
        c.LinkBeats[0].Method.ShouldBe("MII");
        c.GarpGroups[0].Interfaces.Select(i => i.Name).ShouldBe(["eth0", "eth1"]);
        c.BfdInstances[0].ShouldSatisfyAllConditions(b => b.Weight.ShouldBe(-5), b => b.IsReversed.ShouldBeTrue(), b => b.IsForVrrp.ShouldBeTrue(), b => b.MinReceive.ShouldBe(100));
        c.Ssl!.Authorities.ShouldBe("/etc/ca.pem");
    }

    [Fact]
    public void SyncDaemon_OfAnInstanceThatIsNotThere_IsAnError()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\nlvs_sync_daemon eth0 inst VI\n}\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1\n}\n}\n");
        reading.Problems.Single().ToString().ShouldBe("t.conf:2:17: error: lvs_sync_daemon: there is no vrrp_instance 'VI': connections are not synchronised");
        reading.ExitStatus.ShouldBe(5);
        reading.Configuration.Global.Lvs.SyncDaemon.ShouldBeNull();
    }
}
