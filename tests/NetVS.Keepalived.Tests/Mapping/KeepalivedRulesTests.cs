using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Mapping;
using NetVS.Rules;

namespace NetVS.Keepalived.Tests.Mapping;

/// <summary>Virtual servers as rules, written as the ipvsadm lines that would make them (reference §5.1, §7.4).</summary>
public sealed class KeepalivedRulesTests
{
    private static KeepalivedRules Map(string text) => KeepalivedRules.Map(Reading.Of(text, Reading.Unscripted).Configuration);

    private static string[] Steps(KeepalivedRules rules) => [.. RuleSetDiff.Between(RuleSet.Empty, rules.Rules).Select(s => s.ToString())];

    private static string Server(string head, string lines) => $"virtual_server {head} {{\nlvs_sched rr\n{lines}\n}}\n";

    [Theory]
    [InlineData("10.0.0.1 80", "protocol TCP\nlvs_method NAT\nreal_server 10.0.1.1 8080 {\nweight 3\nuthreshold 9\nlthreshold 4\n}\nreal_server 10.0.1.2 {\n}",
        "-A -t 10.0.0.1:80 -s rr", "-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 3 -x 9 -y 4", "-a -t 10.0.0.1:80 -r 10.0.1.2:80 -m -w 1")]
    [InlineData("10.0.0.1 53", "protocol UDP\nops\nweight 7\nlvs_method DR\nreal_server 10.0.1.1 53 {\n}", "-A -u 10.0.0.1:53 -s rr -o", "-a -u 10.0.0.1:53 -r 10.0.1.1:53 -g -w 7")]
    [InlineData("10.0.0.1 80", "protocol SCTP\nlvs_method TUN type gue port 6080 csum\nreal_server 2001:db8::1 80 {\n}",
        "-A --sctp-service 10.0.0.1:80 -s rr", "-a --sctp-service 10.0.0.1:80 -r [2001:db8::1]:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum")]
    [InlineData("10.0.0.1 80", "protocol TCP\nlvs_sched sh\nsh-port\nlvs_method DR\npersistence_timeout 300\npersistence_granularity 255.255.255.0\npersistence_engine sip\nreal_server 10.0.1.1 80 {\nweight 0\n}",
        "-A -t 10.0.0.1:80 -s sh -p 300 -M 255.255.255.0 --pe sip -b sh-port", "-a -t 10.0.0.1:80 -r 10.0.1.1:80 -g -w 0")]
    [InlineData("2001:db8::1 80", "protocol TCP\nlvs_method DR\npersistence_granularity 64\nreal_server 2001:db8::2 80 {\n}",
        "-A -t [2001:db8::1]:80 -s rr -p 360 -M 64", "-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -g -w 1")]
    [InlineData("10.0.0.1 80", "protocol TCP\nlvs_sched wlc\nlvs_method DR\nnetvs_slow_start 5m\nreal_server 10.0.1.1 80 {\n}", "-A -t 10.0.0.1:80 -s wlc --slow-start 300", "-a -t 10.0.0.1:80 -r 10.0.1.1:80 -g -w 1")]
    [InlineData("10.0.0.1 80", "protocol TCP\nlvs_sched sh\nlvs_method DR\nnetvs_stable_hash\nreal_server 10.0.1.1 80 {\n}", "-A -t 10.0.0.1:80 -s sh --stable-hash", "-a -t 10.0.0.1:80 -r 10.0.1.1:80 -g -w 1")]
    [InlineData("fwmark 7", "lvs_method DR\nreal_server 2001:db8::2 {\n}", "-A -f 7 -6 -s rr", "-a -f 7 -6 -r [2001:db8::2]:0 -g -w 1")]
    [InlineData("10.0.0.1", "protocol TCP\npersistence_timeout 50\nlvs_method DR\nreal_server 10.0.1.1 {\n}", "-A -t 10.0.0.1:0 -s rr -p 50", "-a -t 10.0.0.1:0 -r 10.0.1.1:0 -g -w 1")]
    public void VirtualServer_IsAService(string head, string lines, params string[] expected)
    {
        KeepalivedRules rules = Map(Server(head, lines));
        Steps(rules).ShouldBe(expected);
        rules.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("netvs_slow_start soon", "t.conf:3:18: error: netvs_slow_start 'soon' invalid - ignoring")]
    [InlineData("netvs_stable_hash perhaps", "t.conf:3:19: error: netvs_stable_hash 'perhaps' invalid - ignoring")]
    public void WrongOption_IsReported(string line, string expected) =>
        Reading.Of(Server("10.0.0.1 80", line + "\nprotocol TCP"), Reading.Unscripted).Problems.First(d => d.Message.Contains("netvs_")).ToString().ShouldStartWith(expected);

    [Fact]
    public void FullNat_HasItsLocalAddresses() => Steps(Map("local_address_group L {\n10.9.0.1-2 dpdk0\n2001:db8::9\n}\n"
        + Server("10.0.0.1 80", "protocol TCP\nlvs_method FNAT\nladdr_group_name L\nreal_server 10.0.1.1 8080 {\n}"))).ShouldBe([
            "-A -t 10.0.0.1:80 -s rr", "-P -t 10.0.0.1:80 -z 10.9.0.1", "-P -t 10.0.0.1:80 -z 10.9.0.2", "-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -b -w 1"]);

    [Fact]
    public void Group_IsAServiceForEachAddress()
    {
        KeepalivedRules rules = Map("virtual_server_group G {\n10.0.0.1-2 80\nfwmark 9\n10.0.0.3 443\n}\n" + Server("group G", "protocol TCP\nlvs_method NAT\nreal_server 10.0.1.1 8080 {\n}"));
        rules.Rules.Services.Select(s => s.Rule.Key.ToString()).ShouldBe(["TCP 10.0.0.1:80", "TCP 10.0.0.2:80", "FWM 9", "TCP 10.0.0.3:443"]);
        rules.Rules.Services.ShouldAllBe(s => s.Destinations.Count == 1);
    }

    [Fact]
    public void WhatCannotBeTwice_IsReported()
    {
        string server = Server("10.0.0.1 80", "protocol TCP\nlvs_method DR\nreal_server 10.0.1.1 80 {\n}");
        KeepalivedRules rules = Map(server + server);
        rules.Rules.Services.Count.ShouldBe(1);
        rules.Problems.Single().ToString().ShouldBe("t.conf:8:1: warning: TCP 10.0.0.1:80 is already defined at t.conf:1:1: this one is left out");
        Map(Server("10.0.0.1 80", "protocol TCP\nlvs_method DR\nreal_server 10.0.1.1 80 {\n}\nreal_server 10.0.1.1 81 {\n}"))
            .Problems.Single().Message.ShouldBe("TCP 10.0.0.1:80: real server 10.0.1.1:80 is there twice once its port is that of the service");
    }

    [Fact]
    public void Refusal_IsPlacedAtItsLine()
    {
        KeepalivedRules rules = Map(Server("10.0.0.1 80", "protocol TCP\nlvs_method DR\nreal_server 10.0.1.1 80 {\n}"));
        RuleChange step = RuleSetDiff.Between(RuleSet.Empty, rules.Rules)[1];
        rules.Blame(step, new RuleResult(RuleStatus.EOPNOTSUPP, "no such thing yet")).ToString().ShouldBe("t.conf:5:1: not supported yet: TCP 10.0.0.1:80: no such thing yet");
        rules.Blame(step, RuleStatus.EINVAL).Severity.ShouldBe(DiagnosticSeverity.Error);
    }
}
