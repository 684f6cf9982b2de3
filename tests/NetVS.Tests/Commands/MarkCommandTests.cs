using NetVS.Tests.Api;

namespace NetVS.Tests.Commands;

/// <summary>netvs mark and netvs proc, against a daemon's API.</summary>
public sealed class MarkCommandTests : IAsyncLifetime
{
    private TestDaemon _daemon = null!;

    public async ValueTask InitializeAsync() => _daemon = await TestDaemon.StartAsync();

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task Rules_AddedInPlace_ListedAndDeleted()
    {
        await ShouldDo("mark", "add", "tcp", "192.0.2.10", "80", "7");
        await ShouldDo("mark", "add", "any", "2001:db8::/32", "any", "0x10");
        await ShouldDo("mark", "add", "tcp", "192.0.2.0/24", "1-1023", "0", "--at", "1");
        (await Ask("mark", "list")).Output.ShouldBe("   1  tcp 192.0.2.0/24 1-1023 0\n   2  tcp 192.0.2.10 80 7\n   3  any 2001:db8::/32 any 16\n");
        await ShouldDo("mark", "del", "2");
        await ShouldDo("mark", "del", "ANY", "2001:db8:0::/32", "any", "16");
        (await Ask("mark", "list")).Output.ShouldBe("   1  tcp 192.0.2.0/24 1-1023 0\n");
        await ShouldDo("mark", "clear");
        (await Ask("mark", "list")).Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, "there is a rule for the same packets: mark tcp 192.0.2.10 80 7", "add", "tcp", "192.0.2.10/32", "80", "9")]
    [InlineData(1, "there is no place 3 in a list of 1 mark rules", "add", "tcp", "192.0.2.10", "81", "9", "--at", "3")]
    [InlineData(1, "there is no rule: mark tcp 192.0.2.10 81 7", "del", "tcp", "192.0.2.10", "81", "7")]
    [InlineData(1, "there is no mark rule '2': 'netvs mark list' numbers them", "del", "2")]
    [InlineData(2, "192.0.2.10/24 has bits behind its prefix: write 192.0.2.0/24", "add", "tcp", "192.0.2.10/24", "81", "7")]
    [InlineData(2, "'icmp' is no protocol: write tcp, udp, sctp or any", "add", "icmp", "192.0.2.10", "81", "7")]
    [InlineData(2, "'90-80' is no port: write a number from 1 to 65535, two with a dash between, or any", "add", "tcp", "192.0.2.10", "90-80", "7")]
    [InlineData(2, "'4294967296' is no mark: write a number from 0 (no mark) to 4294967295", "add", "tcp", "192.0.2.10", "80", "4294967296")]
    [InlineData(2, "'192.0.2.10/33' has no prefix length from 0 to 32", "add", "tcp", "192.0.2.10/33", "80", "7")]
    [InlineData(2, "'frob' is no command of 'netvs mark': try --help", "frob")]
    public async Task Mistakes_AreToldAndChangeNothing(int status, string message, params string[] words)
    {
        await ShouldDo("mark", "add", "tcp", "192.0.2.10", "80", "7");
        (await Ask(["mark", .. words])).ShouldBe((status, "", $"netvs: {message}\n"));
        (await Ask("mark", "list")).Output.ShouldBe("   1  tcp 192.0.2.10 80 7\n");
    }

    [Fact]
    public async Task MarkServices_AreListedSavedAndPlanned()
    {
        (await _daemon.Ipvsadm("-A -f 7 -s rr -p 60")).Status.ShouldBe(0);
        (await _daemon.Ipvsadm("-a -f 7 -r 10.0.0.1:8080 -m")).Status.ShouldBe(0);
        (await _daemon.Ipvsadm("-A -f 8 -6 -s rr")).Status.ShouldBe(0);
        await ShouldDo("mark", "add", "tcp", "192.0.2.10", "80", "7");
        (await _daemon.Ipvsadm("-L -n")).Output.ShouldContain("FWM  7 rr persistent 60\n  -> 10.0.0.1:8080                Masq    1      0          0         \nFWM  8 IPv6 rr\n");
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBe("-A -f 7 -s rr -p 60\n-a -f 7 -r 10.0.0.1:8080 -m -w 1\n-A -f 8 -6 -s rr\n");
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "mark udp 192.0.2.10 80 7\nmark tcp 192.0.2.10 80 7\n-A -f 7 -s rr -p 60\n-a -f 7 -r 10.0.0.1:8080 -m\n", TestContext.Current.CancellationToken);
            (await Ask("plan", "-f", file)).ShouldBe((0, "mark udp 192.0.2.10 80 7\nmark tcp 192.0.2.10 80 7\n-D -f 8 -6\n", ""));
            (await Ask("check", "--rules", file)).ShouldBe((0, "", ""));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Proc_PrintsAsTheKernelDoes()
    {
        (await _daemon.Ipvsadm("-A -f 7 -s rr -p 60 -M 255.255.255.0")).Status.ShouldBe(0);
        (await _daemon.Ipvsadm("-a -f 7 -r 10.0.0.1:8080 -m")).Status.ShouldBe(0);
        string title = (await _daemon.Ipvsadm("-L -n")).Output.Split('\n')[0];
        (await Ask("proc", "ip_vs")).Output.ShouldBe(
            title + "\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n" +
            "FWM  00000007 rr persistent 15000 FFFFFF00\n  -> 0A000001:1F90      Masq    1      0          0         \n");
        (await Ask("proc", "ip_vs_conn")).Output.ShouldBe("Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n");
        (await Ask("proc", "ip_vs_stats")).Output.ShouldBe(
            "   Total Incoming Outgoing         Incoming         Outgoing\n   Conns  Packets  Packets            Bytes            Bytes\n" +
            "       0        0        0                0                0\n\n Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n" +
            "       0        0        0                0                0\n");
        (await Ask("proc", "ip_vs_app")).ShouldBe((0, "prot port    usecnt name\nTCP  21      0      ftp              \n", ""));
        (await Ask("proc", "ip_vs_none")).ShouldBe((2, "", "netvs: there is no 'ip_vs_none': ask for ip_vs, ip_vs_app, ip_vs_conn or ip_vs_stats\n"));
    }

    private async Task ShouldDo(params string[] words) => (await Ask(words)).ShouldBe((0, "", ""));

    private Task<(int Status, string Output, string Error)> Ask(params string[] words) => NetVSProgram.RunAsync(_daemon.SocketPath, words);
}
