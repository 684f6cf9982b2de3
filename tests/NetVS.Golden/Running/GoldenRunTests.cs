namespace NetVS.Golden.Running;

/// <summary>The runner itself: what is wrong is found, and rewriting makes a fixture that is fulfilled.</summary>
public sealed class GoldenRunTests
{
    private static readonly string[] s_good =
    [
        "rules   -A -t 10.0.0.1:80 -s rr",
        "        -a -t 10.0.0.1:80 -r 192.168.1.10:8080 -m",
        "0 s     in   eth0  ipv4 203.0.113.7 > 10.0.0.1  tcp 40000 > 80  S seq 1",
        "        out  eth1  ipv4 203.0.113.7 > 192.168.1.10  tcp 40000 > 8080  S seq 1",
        "        in   eth0  ipv4 203.0.113.7 > 10.0.0.1  tcp 40000 > 22  S seq 1",
        "        stack",
        "table   1 connection, SYN_RECV, expires in 60 s",
        "servers 192.168.1.10:8080 active 1 inactive 0",
        "2 s     counters  total service destination: connections +1 inbound.packets +1 inbound.bytes +40",
    ];

    [Fact]
    public void Play_OfAGoodFixture_FindsNothing() => Play(s_good, out _).ShouldBeEmpty();

    [Theory]
    [InlineData(3, "        out  eth0  ipv4 203.0.113.7 > 192.168.1.10  tcp 40000 > 8080  S seq 1", "another interface")]
    [InlineData(3, "        out  eth1  ipv4 203.0.113.7 > 192.168.1.10  tcp 40000 > 8080  S seq 2", "another packet")]
    [InlineData(3, "        out  eth1  ipv4 203.0.113.7 > 192.168.1.10  ttl 64 tcp 40000 > 8080  S seq 1", "another packet")]
    [InlineData(3, "        out  eth1  mac eth1 > 02:00:00:00:00:11 ipv4 203.0.113.7 > 192.168.1.10  tcp 40000 > 8080  S seq 1", "another packet")]
    [InlineData(3, "        out  eth1  mac eth0 > 02:00:00:00:00:10 ipv4 203.0.113.7 > 192.168.1.10  tcp 40000 > 8080  S seq 1", "another packet")]
    [InlineData(3, "        out  eth1  ipv4 203.0.113.7 > 192.168.1.10  tcp 40000 > 8080  S seq 1 partial", "another offload|another packet")]
    [InlineData(3, "        stack", "another verdict")]
    [InlineData(3, "        drop no_destination", "was not counted|unexpected")]
    [InlineData(3, "", "unexpected")]
    [InlineData(5, "        drop no_destination", "was not counted|unexpected")]
    [InlineData(5, "", "unexpected")]
    [InlineData(6, "table   empty", "table")]
    [InlineData(6, "table   1 connection, SYN_RECV, expires in 59 s", "table")]
    [InlineData(7, "servers 192.168.1.10:8080 active 0 inactive 1", "servers")]
    [InlineData(8, "2 s     counters  total service: connections +1 inbound.packets +1 inbound.bytes +40", "counters")]
    [InlineData(8, "2 s     counters  total service destination: connections +1 inbound.packets +1 inbound.bytes +41", "counters")]
    public void Play_OfAWrongLine_SaysSo_AndRewritesIt(int index, string line, string fault)
    {
        string[] wrong = [.. s_good];
        wrong[index] = line;
        IReadOnlyList<string> faults = Play(wrong, out string[] rewritten);
        faults.ShouldNotBeEmpty();
        faults.ShouldContain(f => fault.Split('|').Any(part => f.Contains(part, StringComparison.Ordinal)), string.Join("\n", faults));
        Play(rewritten, out _).ShouldBeEmpty(string.Join("\n", rewritten));
    }

    [Theory]
    [InlineData("bogus line", "no statement")]
    [InlineData("in   eth9  ipv4 192.0.2.1 > 192.0.2.2 tcp 1 > 2 S", "no interface")]
    [InlineData("out  eth0  ipv4 192.0.2.1 > 192.0.2.2 tcp 1 > 2 S", "behind an 'in'")]
    [InlineData("rules -a -t 10.0.0.1:81 -r 192.168.1.10:80 -m", "rule")]
    [InlineData("network link bogus", "network line")]
    public void Play_OfWhatIsNoFixture_SaysWhere(string line, string fault) =>
        Should.Throw<Exception>(() => Play([line], out _)).Message.ShouldContain(fault);

    private static IReadOnlyList<string> Play(string[] lines, out string[] rewritten)
    {
        using var run = new GoldenRun(
            FixtureFile.Parse("test.golden", lines), File.ReadAllText(Path.Combine(GoldenTests.Folder(), "standard.network")));
        run.Play();
        rewritten = [.. run.Rewritten()];
        return run.Faults;
    }
}
