using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Keepalived.Tests.Configuration;

/// <summary>Virtual and real servers: values, complaints and corrections (reference §5).</summary>
public sealed class VirtualServerTests
{
    private const string Real = "real_server 10.0.1.1 80 {\n}";

    private static string Server(string lines, string real = Real, string head = "10.0.0.1 80") =>
        $"virtual_server {head} {{\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\n{lines}\n{real}\n}}\n";

    [Fact]
    public void Values_AreKept()
    {
        VirtualServer v = Reading.Clean("""
            virtual_server 10.0.0.1 80 {
              protocol tcp
              lb_algo mh
              mh-port
              mh-fallback
              lb_kind TUN type gue port 6080 csum
              delay_loop 2.5
              connect_timeout 1
              retry 3
              delay_before_retry 0.5
              warmup 0
              persistence_timeout
              persistence_granularity 255.255.255.0
              persistence_engine sip
              quorum 3
              hysteresis 1
              quorum_up "/nosuch up"
              alpha
              omega
              inhibit_on_failure
              ha_suspend
              virtualhost www
              weight 4
              sorry_server 10.0.0.9 80
              sorry_server_inhibit
              sorry_server_lvs_method NAT
              real_server 10.0.1.1 80 {
                weight 0
                lvs_method DR
                uthreshold 100
                lthreshold 50
                inhibit_on_failure off
                notify_down "/nosuch down"
                smtp_alert off
              }
              real_server 2001:db8::1 {
              }
            }
            """, Reading.Unscripted).Configuration.VirtualServers[0];
        (v.Protocol, v.Scheduler, v.SchedulerFlags).ShouldBe((IpProtocol.Tcp, "mh", ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2));
        v.Forwarding.ShouldBe(new Forwarding { Method = ForwardingMethod.Tunnel, TunnelType = TunnelType.Gue, TunnelPort = 6080, TunnelChecksum = TunnelChecksum.Checksum });
        v.Times.ShouldBe(new CheckTimes { Interval = TimeSpan.FromSeconds(2.5), ConnectTimeout = TimeSpan.FromSeconds(1), Retries = 3, RetryDelay = TimeSpan.FromSeconds(0.5), Warmup = TimeSpan.Zero });
        (v.PersistenceTimeout, v.PersistenceMask, v.PersistenceEngine).ShouldBe((360u, 0xFFFFFF00u, "sip"));
        (v.Quorum, v.Hysteresis, v.StartsDown, v.NotifiesOnShutdown, v.IsInhibiting, v.SuspendsWithoutAddress).ShouldBe((3u, 1u, true, true, true, true));
        v.QuorumUp!.Arguments.ShouldBe(["/nosuch", "up"]);
        v.Sorry!.ShouldSatisfyAllConditions(s => s.IsInhibited.ShouldBeTrue(), s => s.Forwarding!.Method.ShouldBe(ForwardingMethod.Nat));
        RealServer real = v.RealServers[0];
        (real.Weight, real.Forwarding!.Method, real.UpperThreshold, real.LowerThreshold, real.IsInhibiting, real.SendsMail).ShouldBe((0, ForwardingMethod.DirectRouting, 100u, 50u, false, false));
        v.RealServers[1].Endpoint.Port.ShouldBe((ushort)80, "the port of the service");
    }

    [Theory]
    [InlineData("lvs_sched foo", "5:11 Invalid lvs_scheduler 'foo' - ignoring")]
    [InlineData("lvs_method nat", "5:12 PARSER : unknown [nat] routing method for virtual server.")]
    [InlineData("lvs_method TUN type gue", "5:12 gue tunnels require port, otherwise cannot have port.")]
    [InlineData("lvs_method TUN type gre remcsum", "5:12 gre tunnels do not support remote checksum option.")]
    [InlineData("lvs_method TUN csum", "5:12 ipip tunnels do not support checksum option.")]
    [InlineData("lvs_method DR foo", "5:15 Invalid tunnel option foo for virtual server.")]
    [InlineData("sh-port", "5:1 sh-port only applies to sh scheduler - ignoring")]
    [InlineData("persistence_timeout 0", "5:21 persistence_timeout invalid | number '0' outside range [1, 2678400]")]
    [InlineData("persistence_granularity x", "5:25 Invalid IPv4 persistence_granularity specified - x")]
    [InlineData("quorum 0", "5:8 Quorum 0 must be in [1, 4294967295]. Setting to 1. | number '0' outside range [1, 4294967295]")]
    [InlineData("delay_loop 0", "5:12 virtual server delay loop '0' invalid - ignoring | number '0' outside range [0.000001, 18446744073709.551614]")]
    [InlineData("retry 0", "5:7 retry value invalid - 0 | number '0' outside range [1, 4294967295]")]
    [InlineData("warmup x", "5:8 invalid number 'x'")]
    [InlineData("sorry_server_inhibit", "5:1 Ignoring sorry_server inhibit used before or without sorry_server")]
    [InlineData("sorry_server x", "5:14 Invalid sorry server IP address x - skipping")]
    [InlineData("ops", "1:1 Virtual server [10.0.0.1]:tcp:80: one packet scheduling requires UDP - resetting")]
    [InlineData("quorum 5", "1:1 Warning - quorum 5 for [10.0.0.1]:tcp:80 exceeds total weight of real servers 1, reducing quorum to 1")]
    [InlineData("real_server x 80 {\nweight y\n}", "5:13 Invalid real server ip address/port x/80 - skipping")]
    [InlineData("real_server fe80::1 80 {\n}", "5:1 Address family of virtual server and real server fe80::1 don't match - skipping real server.")]
    [InlineData("real_server 10.0.1.1 80 {\n}", "7:1 VS [10.0.0.1]:tcp:80: real server [10.0.1.1]:tcp:80 is duplicated - removing second rs")]
    [InlineData("real_server 10.0.1.2 80 {\nweight -1\n}", "6:8 Real server weight -1 is outside range 0-2147483647 | negative number '-1'")]
    [InlineData("laddr_group_name L", "5:18 local address group L is not defined")]
    [InlineData("lvs_method FNAT", "1:1 Virtual server [10.0.0.1]:tcp:80: FULLNAT needs local addresses")]
    public void WrongValues_HaveKeepalivedsWords(string line, string expected)
    {
        KeepalivedReading reading = Reading.Of(Server(line));
        reading.Lines().ShouldBe([expected]);
        reading.ExitStatus.ShouldBe(5);
    }

    [Fact]
    public void AlphaOff_TurnsAlphaOn_AndSaysSo()
    {
        KeepalivedReading reading = Reading.Of(Server("alpha off"));
        reading.Configuration.VirtualServers[0].StartsDown.ShouldBeTrue();
        reading.Problems.Single().Message.ShouldBe("'alpha off' turns alpha on: here the word after it does not count");
        reading.ExitStatus.ShouldBe(0);
    }

    [Fact]
    public void Defaults_AreReportedAsCorrections()
    {
        KeepalivedReading reading = Reading.Of("virtual_server 10.0.0.1 {\nreal_server 10.0.1.1 {\n}\n}\nvirtual_server 10.0.0.9 53 {\nprotocol UDP\n}\n");
        reading.Problems.Select(p => p.Message).ShouldBe([
            "Virtual server [10.0.0.1]:none:0: no protocol set - defaulting to UDP",
            "Virtual server [10.0.0.1]:udp:0: zero port only valid for persistent services - setting",
            "Virtual server [10.0.0.1]:udp:0: no scheduler set, setting default 'wlc'",
            "Virtual server [10.0.0.1]:udp:0: no forwarding method set, setting default NAT",
            "Virtual server [10.0.0.9]:udp:53 has no real servers - ignoring"]);
        reading.Configuration.VirtualServers.Single().ShouldSatisfyAllConditions(
            v => v.Protocol.ShouldBe(IpProtocol.Udp), v => v.PersistenceTimeout.ShouldBe(360u), v => v.Scheduler.ShouldBe("wlc"), v => v.Forwarding!.Method.ShouldBe(ForwardingMethod.Nat));
    }

    [Fact]
    public void Ports_AreResetWhereTheMethodCannotChangeThem()
    {
        KeepalivedReading reading = Reading.Of(Server("lvs_method DR\nsorry_server 10.0.0.9 81", "real_server 10.0.1.1 8080 {\n}"));
        reading.Problems.Select(p => p.Message).ShouldBe([
            "WARNING - virtual server [10.0.0.1]:tcp:80 and sorry server ports don't match - resetting",
            "WARNING - virtual server [10.0.0.1]:tcp:80 and real server [10.0.1.1]:tcp:8080 ports don't match - resetting"]);
        reading.Configuration.VirtualServers[0].RealServers[0].Endpoint.Port.ShouldBe((ushort)80);
    }

    [Fact]
    public void Groups_TakeRangesPrefixesAndMarks()
    {
        KeepalivedReading reading = Reading.Of("""
            virtual_server_group G {
              10.0.2.1-5 80
              10.0.2.250-10.0.3.5 80
              10.0.4.8/29 80
              2001:db8::f-1f 80
              fwmark 5 inet
              10.0.4.9/29 80
              10.0.5.5-2 80
              10.0.5.5-300 80
              10.0.0.0/8 80
              x 80
            }
            virtual_server_group EMPTY {
            }
            """);
        reading.Configuration.VirtualServerGroups.Single().Entries.Select(e => e.Kind == GroupEntryKind.Mark ? $"fwmark {e.Mark} {e.Family}" : $"{e.First}-{e.Last} {e.Port}").ShouldBe([
            "10.0.2.1-10.0.2.5 80", "10.0.2.250-10.0.3.5 80", "10.0.4.8-10.0.4.15 80", "2001:db8::f-2001:db8::1f 80", "fwmark 5 V4"]);
        reading.Problems.Select(p => p.Message).ShouldBe([
            "Address mask bits not empty - 10.0.4.9/29 - skipping", "Address range end is not greater than address range start - 10.0.5.5-2 - skipping",
            "Virtual server group range '10.0.5.5-300' end '300' too large", "the range 10.0.0.0/8 holds more than 65536 addresses - skipping",
            "Invalid virtual server group IP address x /port/80 - skipping", "virtual server group EMPTY has no entries - removing"]);
    }

    [Fact]
    public void UndefinedGroup_IsNoConfigurationError()
    {
        KeepalivedReading reading = Reading.Of(Server("", head: "group nosuch"));
        reading.ExitStatus.ShouldBe(0);
        reading.Configuration.VirtualServers.ShouldBeEmpty();
        reading.Problems.Single().Message.ShouldBe("virtual server group nosuch is not defined: the virtual server is ignored");
    }

    [Fact]
    public void Mark_HasNoProtocol_AndNoPort()
    {
        KeepalivedReading reading = Reading.Of(Server("ha_suspend\nlvs_method DR", head: "fwmark 4"));
        reading.Problems.Select(p => p.Message).ShouldBe([
            "Virtual server FWM 4: cannot use ha_suspend with fwmarks - clearing ha_suspend",
            "Warning: Virtual server FWM 4: protocol specified for fwmark - protocol will be ignored",
            "WARNING - fwmark virtual server FWM 4, real server [10.0.1.1]:none:80 has port specified - clearing"]);
    }
}
