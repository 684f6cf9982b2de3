using System.Globalization;
using System.Text.RegularExpressions;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>Established flows outlive the director: killed, upgraded, restarted; and what must not outlive it does not.</summary>
public sealed partial class SurvivalTests : IDisposable
{
    private const string V4 = LabNetwork.Vip + ":80";
    private const int Many = 1000;

    private readonly LabNetwork _lab = new();
    private readonly DirectorProcess _director;

    public SurvivalTests() => _director = new DirectorProcess(_lab.Director);

    public void Dispose()
    {
        _director.Dispose();
        _lab.Dispose();
    }

    private void Start(params string[] more) => _director.Start(["-i", "f0,b0", "--hook", "tc", .. more]);

    private void Rules(string method)
    {
        int port = method == "-g" ? 80 : 8080;
        for (int i = 0; i < 2; i++) _lab.Serve(_lab.Servers[i], $"rs{i}", port);
        _director.Ipvsadm($"-A -t {V4} -s rr");
        if (method == "-b") _director.Ipvsadm($"-P -t {V4} -z 192.168.1.2");
        for (int i = 0; i < 2; i++) _director.Ipvsadm($"-a -t {V4} -r 192.168.1.1{i}:{port} {method}");
    }

    private static void GoesOn(SlowDownload downloads, string when)
    {
        long[] at = downloads.Octets();
        Patience.WaitFor(() => downloads.Octets().Zip(at).All(o => o.First > o.Second + 100_000), $"every download goes on {when}", 30);
    }

    [Theory]
    [InlineData("-m")]
    [InlineData("-g")]
    [InlineData("-b")]
    public void Killed_FlowsGoOn_AndTheNextDirectorTakesThemOver(string method)
    {
        if (method == "-g") _lab.ReplyPastTheDirector();
        Start();
        Rules(method);
        _director.Netvs("set", "conn_reuse_mode", "3");
        using var downloads = new SlowDownload(_lab, LabNetwork.Vip, 80, 10);
        downloads.WaitUntilRunning();
        _director.Kill();
        GoesOn(downloads, "without a director");

        Start();
        GoesOn(downloads, "under the next one");
        string listed = _director.Ipvsadm("-Lcn");
        Established().Count(listed).ShouldBe(10, listed);
        Match timer = Regex.Match(listed, @"TCP (\d\d):(\d\d)\s+ESTABLISHED");
        (int.Parse(timer.Groups[1].Value, CultureInfo.InvariantCulture) * 60).ShouldBeInRange(14 * 60, 15 * 60, "timers run from the last packet");
        _director.Ipvsadm("-Ln").ShouldContain("5          0", Case.Sensitive, "both servers have their five");
        _director.Netvs("get", "conn_reuse_mode").ShouldContain("3");

        // And it is a whole director: new connections, states, removal.
        _lab.Get(LabNetwork.Vip, 80).Line.ShouldStartWith("rs");
        _director.Ipvsadm($"-d -t {V4} -r 192.168.1.10:{(method == "-g" ? 80 : 8080)}");
        Thread.Sleep(1000);
        long[] at = downloads.Octets();
        Thread.Sleep(1500);
        downloads.Octets().Zip(at).Count(o => o.First == o.Second).ShouldBe(5, "the removed server's");
    }

    [Fact]
    public void KeepForwarding_UnderAThousandConnections_IsNotNoticed()
    {
        Start();
        Rules("-m");
        using var downloads = new SlowDownload(_lab, LabNetwork.Vip, 80, Many, pauseMilliseconds: 400);
        downloads.WaitUntilRunning();
        for (int upgrade = 0; upgrade < 2; upgrade++)
        {
            _director.Stop("--keep-forwarding");
            GoesOn(downloads, "between two directors");
            Start();
            GoesOn(downloads, "after the upgrade");
            Established().Count(_director.Ipvsadm("-Lcn")).ShouldBe(Many);
        }
    }

    [Fact]
    public void Counters_GoOnAcrossDirectors()
    {
        Start();
        Rules("-m");
        _lab.Get(LabNetwork.Vip, 80, 5_000_000);
        Thread.Sleep(4500);
        long before = _director.Status().GetProperty("totals").GetProperty("outbound_bytes").GetInt64();
        before.ShouldBeGreaterThan(5_000_000);
        _director.Kill();
        Start();
        _lab.Get(LabNetwork.Vip, 80, 5_000_000);
        Thread.Sleep(4500);
        long after = _director.Status().GetProperty("totals").GetProperty("outbound_bytes").GetInt64();
        (after - before).ShouldBeInRange(5_000_000, 6_000_000);
    }

    [Fact]
    public async Task NewConnections_WhileNoDirectorLives_AreMadeWhenOneIsBack()
    {
        Start();
        Rules("-m");
        _lab.Get(LabNetwork.Vip, 80).Line.ShouldStartWith("rs");
        _director.Kill();
        Task<(string Line, long Octets)> waiting = Task.Run(() => _lab.Get(LabNetwork.Vip, 80), TestContext.Current.CancellationToken);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        waiting.IsCompleted.ShouldBeFalse("refused neither by the director nor by its host");
        Start();
        (await waiting).Line.ShouldStartWith("rs", Case.Sensitive, "the client's next SYN is answered");
    }

    [Fact]
    public void Successor_ThatFailsToStart_LeavesTheFlowsToTheNext()
    {
        Start();
        Rules("-m");
        using var downloads = new SlowDownload(_lab, LabNetwork.Vip, 80, 5);
        downloads.WaitUntilRunning();
        _director.Kill();
        _lab.Director.Ip("link set lo up");
        Should.Throw<InvalidOperationException>(() => _director.Start("-i", "f0,b0,lo", "--hook", "tc")).Message.ShouldContain("lo: this is no Ethernet interface");
        GoesOn(downloads, "after a director that could not start");
        Start();
        GoesOn(downloads, "under the next one");
        Established().Count(_director.Ipvsadm("-Lcn")).ShouldBe(5);
    }

    [Fact]
    public void Stop_RemovesEverything()
    {
        Start();
        Rules("-m");
        _lab.Get(LabNetwork.Vip, 80).Line.ShouldStartWith("rs");
        DirectorPins.Find(_director.Socket).Length.ShouldBe(1);
        _director.Stop();
        DirectorPins.Find(_director.Socket).ShouldBeEmpty();
        File.Exists(_director.Socket + ".state").ShouldBeFalse();
    }

    [Fact]
    public void Killed_WithItsNetworkGone_IsClearedAwayByTheNextDirectorAnywhere()
    {
        Start();
        _director.Kill();
        DirectorPins.Find(_director.Socket).Length.ShouldBe(1);
        _lab.Director.Ip("link del f0");
        _lab.Director.Ip("link del b0");
        using var other = new DirectorProcess(_lab.Client);
        other.Start("-i", "lo0", "--flows", "1024");
        DirectorPins.Find(_director.Socket).ShouldBeEmpty();
    }

    [Fact]
    public void Kill_AtRandomMoments_LosesNoTransfer()
    {
        var random = new Random(20);
        Start();
        Rules("-m");
        using var downloads = new SlowDownload(_lab, LabNetwork.Vip, 80, 20, pauseMilliseconds: 10);
        downloads.WaitUntilRunning();
        for (int i = 0; i < 5; i++)
        {
            Thread.Sleep(random.Next(50, 700));
            _director.Kill();
            Start();
        }

        GoesOn(downloads, "in the end");
        Established().Count(_director.Ipvsadm("-Lcn")).ShouldBe(20);
    }

    [GeneratedRegex("ESTABLISHED")]
    private static partial Regex Established();
}
