using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Keepalived.Tests.Configuration;

/// <summary>Checkers (reference §5.4, §5.5).</summary>
public sealed class CheckerTests
{
    private static KeepalivedReading Read(string check) => Reading.Of(
        $"track_file tf {{\nfile /tmp/x\n}}\nbfd_instance b {{\nneighbor_ip 10.0.0.1\n}}\nvirtual_server 10.0.0.1 80 {{\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\nreal_server 10.0.1.1 80 {{\n{check}\n}}\n}}\n", Reading.Unscripted);

    private static T Check<T>(string check)
        where T : Checker
    {
        KeepalivedReading reading = Read(check);
        reading.Lines().ShouldBeEmpty();
        return reading.Configuration.VirtualServers[0].RealServers[0].Checkers.Single().ShouldBeOfType<T>();
    }

    [Fact]
    public void CommonOptions_AreKept()
    {
        CheckOptions o = Check<TcpCheck>("TCP_CHECK {\nconnect_ip 10.0.1.9\nconnect_port 81\nbindto 10.0.0.5\nbind_port 99\nbind_if eth0\nconnect_timeout 1.5\nfwmark 7\nretry 0\ndelay_before_retry 2\nwarmup 3\ndelay_loop 4\nalpha\nlog_all_failures off\n}").Options;
        (o.Address.ToString(), o.Port, o.BindAddress.ToString(), o.BindPort, o.BindInterface, o.Mark).ShouldBe(("10.0.1.9", (ushort?)81, "10.0.0.5", (ushort?)99, "eth0", 7u));
        o.Times.ShouldBe(new CheckTimes { ConnectTimeout = TimeSpan.FromSeconds(1.5), Retries = 0, RetryDelay = TimeSpan.FromSeconds(2), Warmup = TimeSpan.FromSeconds(3), Interval = TimeSpan.FromSeconds(4) });
        (o.StartsDown, o.LogsAllFailures).ShouldBe((true, false));
    }

    [Fact]
    public void Http_TakesPages()
    {
        HttpCheck check = Check<HttpCheck>("SSL_GET {\nurl {\npath /a?b=c\nstatus_code 200 300-302\ndigest 9B3A0C85A887A256D6939DA88AABD8CD\nvirtualhost v\nregex \"a b\\.c\"\nregex_no_match\nregex_options caseless dotall\nregex_min_offset 5\n}\nurl { path /\n}\nvirtualhost w\nhttp_protocol 1.1\nenable_sni\nfast_recovery on\n}");
        (check.Kind, check.IsSsl, check.VirtualHost, check.Version, check.SendsServerName, check.RecoversFast, check.Pages.Count).ShouldBe(("SSL_GET", true, "w", "1.1", true, true, 2));
        HttpPage page = check.Pages[0];
        (page.Path, page.Digest, page.VirtualHost, page.Pattern, page.IsPatternNegated, page.PatternMinOffset).ShouldBe(("/a?b=c", "9b3a0c85a887a256d6939da88aabd8cd", "v", "a b.c", true, 5L));
        page.StatusCodes.ShouldBe([new StatusRange(200, 200), new StatusRange(300, 302)]);
        page.PatternOptions.ShouldBe(["caseless", "dotall"]);
    }

    [Theory]
    [InlineData("1.0", false)]
    [InlineData("1.0c", false)]
    [InlineData("1.1", false)]
    [InlineData("2", true)]
    public void Http_Protocol_IsOneOfKeepalivedsOrTwo(string version, bool isTwo)
    {
        HttpCheck check = Check<HttpCheck>($"HTTP_GET {{\nurl {{ path /\n}}\nhttp_protocol {version}\n}}");
        (check.Version, check.OffersHttp2).ShouldBe((version.ToUpperInvariant(), isTwo));
    }

    [Fact]
    public void OtherCheckers_AreKept()
    {
        Check<SmtpCheck>("SMTP_CHECK {\nhelo_name h\nhost {\nconnect_ip 10.0.0.7\n}\n}").ShouldSatisfyAllConditions(c => c.HeloName.ShouldBe("h"), c => c.Hosts[0].Options.Address.ShouldBe(IpAddress.Parse("10.0.0.7")));
        Check<DnsCheck>("DNS_CHECK {\ntype aaaa\nname example.org\n}").ShouldSatisfyAllConditions(c => c.Type.ShouldBe("AAAA"), c => c.Question.ShouldBe("example.org"));
        Check<UdpCheck>("UDP_CHECK {\npayload 00ff 12\nrequire_reply 0x ff\nmin_reply_length 2\nmax_reply_length 9\n}").ShouldSatisfyAllConditions(
            c => c.Payload.ShouldBe([0, 0xFF, 0x12]), c => c.Reply.ShouldBe([0, 0xFF]), c => c.ReplyMask.ShouldBe([0xF0, 0xFF]), c => c.RequiresReply.ShouldBeTrue());
        Check<PingCheck>("PING_CHECK {\nconnect_ip 10.0.0.7\n}").Options.Address.ShouldBe(IpAddress.Parse("10.0.0.7"));
        Check<MiscCheck>("MISC_CHECK {\nmisc_path \"/x a\"\nmisc_timeout 3\nmisc_dynamic\nuser root\n}").ShouldSatisfyAllConditions(
            c => c.Script!.Arguments.ShouldBe(["/x", "a"]), c => c.Timeout.ShouldBe(TimeSpan.FromSeconds(3)), c => c.IsDynamic.ShouldBeTrue(), c => c.User.ShouldBe("root"));
        Check<FileCheck>("FILE_CHECK {\ntrack_file tf\nweight -5 reverse\n}").ShouldSatisfyAllConditions(c => c.File.ShouldBe("tf"), c => c.Weight.ShouldBe(-5), c => c.IsReversed.ShouldBe(true));
        Check<BfdCheck>("BFD_CHECK {\nname b\nalpha\n}").ShouldSatisfyAllConditions(c => c.Instance.ShouldBe("b"), c => c.Options.StartsDown.ShouldBe(true));
    }

    [Theory]
    [InlineData("HTTP_GET {\n}", "HTTP/SSL_GET checker has no urls specified - ignoring")]
    [InlineData("MISC_CHECK {\n}", "No script path has been specified for MISC_CHECKER - skipping")]
    [InlineData("FILE_CHECK {\n}", "FILE_CHECK has no track_file specified - ignoring")]
    [InlineData("BFD_CHECK {\n}", "BFD_CHECK has no name specified - ignoring")]
    [InlineData("TCP_CHECK {\nbindto 2001:db8::1\n}", "bindto address 2001:db8::1 does not match address family of connect_ip - skipping")]
    [InlineData("TCP_CHECK {\nconnect_ip fe80::1\n}", "Checker link local address fe80::1 requires a bind_if")]
    public void UselessCheckers_AreLeftOut(string check, string message)
    {
        KeepalivedReading reading = Read(check);
        reading.Complaints().Single().Message.ShouldBe(message);
        reading.Configuration.VirtualServers[0].RealServers[0].Checkers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("HTTP_GET {\nurl { path /\nstatus_code 99 200\n}\n}", "Invalid HTTP_GET status code '99'")]
    [InlineData("HTTP_GET {\nurl { path /\n}\nnb_get_retry 3\n}", "nb_get_retry is deprecated - please use 'retry'")]
    [InlineData("HTTP_GET {\nurl { path /\n}\nhttp_protocol 3\n}", "Invalid http_protocol version 3")]
    [InlineData("SSL_GET {\nurl { path /\n}\nhttp_protocol 2.0\n}", "Invalid http_protocol version 2.0")]
    [InlineData("DNS_CHECK {\ntype ANY\n}", "Unknown DNS check type ANY - ignoring")]
    [InlineData("DNS_CHECK {\nname a..b\n}", "DNS_CHECK name 'a..b' has empty label - ignoring")]
    [InlineData("UDP_CHECK {\npayload 0z\n}", "Invalid hex string for UDP_CHECK payload")]
    [InlineData("UDP_CHECK {\nmin_reply_length 10\nmax_reply_length 5\n}", "UDP_CHECK min_reply length 10 > max_reply_length 5 - will always fail")]
    [InlineData("MISC_CHECK {\nmisc_path /x\nmisc_timeout x\n}", "Invalid misc_timeout value 'x'")]
    [InlineData("BFD_CHECK {\nname x\n}", "([10.0.1.1]:tcp:80) BFD_CHECK - BFD x not configured")]
    public void WrongValues_HaveKeepalivedsWords(string check, string message)
    {
        KeepalivedReading reading = Read(check);
        reading.Complaints().Single().Message.ShouldBe(message);
        reading.ExitStatus.ShouldBe(5);
    }
}
