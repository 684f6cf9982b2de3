using System.Text.Json;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>The kernel fast path under the program as an operator runs it: every method at both hooks, and what changes under it.</summary>
public sealed class FastPathTests : IDisposable
{
    private const string V4 = LabNetwork.Vip + ":80", V6 = "[" + LabNetwork.VipV6 + "]:80";
    private const long Large = 30_000_000;

    private readonly LabNetwork _lab = new();
    private readonly DirectorProcess _director;

    public FastPathTests() => _director = new DirectorProcess(_lab.Director);

    public static TheoryData<string, string> Paths()
    {
        var rows = new TheoryData<string, string>();
        foreach (string hook in (string[])["tc", "xdp"])
            foreach (string method in (string[])["-m", "-g", "-b"])
                rows.Add(hook, method);
        return rows;
    }

    public void Dispose()
    {
        _director.Dispose();
        _lab.Dispose();
    }

    private void Start(string hook, params string[] more)
    {
        if (hook == "xdp") _lab.TakeRedirectedFrames();
        _director.Start(["-i", "f0,b0", "--hook", hook, .. more]);
    }

    private void Rules(string method, int port)
    {
        for (int i = 0; i < 2; i++) _lab.Serve(_lab.Servers[i], $"rs{i}", port);
        foreach ((string vip, string prefix, string local) in new[] { (V4, "192.168.1.1", "192.168.1.2"), (V6, "[fd00::1", "fd00::2") })
        {
            _director.Ipvsadm($"-A -t {vip} -s rr");
            if (method == "-b") _director.Ipvsadm($"-P -t {vip} -z {local}");
            for (int i = 0; i < 2; i++)
                _director.Ipvsadm($"-a -t {vip} -r {prefix}{i}{(vip == V4 ? "" : "]")}:{port} {method}");
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Transfers_AreIntact_AndPassTheFastPath(string hook, string method)
    {
        if (method == "-g") _lab.ReplyPastTheDirector();
        Start(hook);
        Rules(method, method == "-g" ? 80 : 8080);
        foreach (string address in (string[])[LabNetwork.Vip, LabNetwork.VipV6])
        {
            long before = _director.Forwarded();
            (_, long octets) = _lab.Get(address, 80, Large);
            octets.ShouldBe(Large);
            _lab.Put(address, 80, Large).ShouldEndWith($" {Large}");
            long forwarded = _director.Forwarded() - before;

            // 64 KiB a frame at the least, both ways; DR sees one way only.
            forwarded.ShouldBeGreaterThan(Large / 65536, _director.Netvs("status"));
        }

        JsonElement totals = Settled();
        long packets = totals.GetProperty("inbound_packets").GetInt64();
        packets.ShouldBeGreaterThan(0);
        if (method != "-g") totals.GetProperty("outbound_bytes").GetInt64().ShouldBeGreaterThan(2 * Large, "every octet is counted, forwarded by whom ever");
        totals.GetProperty("inbound_bytes").GetInt64().ShouldBeInRange(2 * Large, (long)(2 * Large * 1.2), "and counted once");
    }

    // Counters are seen after the next estimate, every two seconds.
    private JsonElement Settled()
    {
        while (true)
        {
            JsonElement before = _director.Status().GetProperty("totals");
            Thread.Sleep(2500);
            JsonElement after = _director.Status().GetProperty("totals");
            if (((string[])["inbound_packets", "outbound_packets"]).All(n => before.GetProperty(n).GetInt64() == after.GetProperty(n).GetInt64())) return after;
        }
    }

    [Fact]
    public void FullFlowTable_TheRestPassesUserSpace_AndNothingIsLost()
    {
        const int Lines = 1024, Connections = 700;
        Start("tc", "--flows", $"{Lines}");
        Rules("-m", 8080);
        using var downloads = new SlowDownload(_lab, LabNetwork.Vip, 80, Connections, pauseMilliseconds: 300);
        downloads.WaitUntilRunning();
        JsonElement table = _director.Status().GetProperty("fast_path");
        table.GetProperty("capacity_v4").GetInt32().ShouldBe(Lines);
        table.GetProperty("flows_v4").GetInt32().ShouldBeInRange(Lines * 3 / 4, Lines, "two lines for each connection, as long as there is room");
        table.GetProperty("refused_full").GetInt64().ShouldBeGreaterThanOrEqualTo(Connections - (Lines / 2), "and the rest is counted");
        long[] at = downloads.Octets();
        Patience.WaitFor(() => downloads.Octets().Zip(at).All(o => o.First > o.Second + 100_000), "every download goes on", 30);

        // Room that becomes free is used again.
        downloads.Dispose();
        using var later = new SlowDownload(_lab, LabNetwork.Vip, 80, 20);
        later.WaitUntilRunning();
        long forwarded = _director.Forwarded();
        Patience.WaitFor(() => _director.Forwarded() > forwarded + 100, "later connections pass the fast path", 30);
    }

    [Fact]
    public void Connections_InTheFastPath_ShowTheirStatesAndTimers()
    {
        Start("tc");
        Rules("-m", 8080);
        _lab.Get(LabNetwork.Vip, 80).Line.ShouldStartWith("rs");
        Patience.WaitFor(() => _director.Ipvsadm("-Lcn").Contains("TIME_WAIT") || _director.Ipvsadm("-Lcn").Contains("CLOSE"), "both FINs were seen");
        _director.Ipvsadm("-Ln").ShouldContain("0          1");
    }

    [Fact]
    public void RemovedServer_IsSentNothingMore_WithinASecond_AndOthersGoOn()
    {
        Start("tc");
        Rules("-m", 8080);
        using var slow = new SlowDownload(_lab, LabNetwork.Vip, 80, 2);
        slow.WaitUntilRunning();
        string first = slow.Names[0];
        _director.Ipvsadm($"-d -t {V4} -r 192.168.1.1{first[2..]}:8080");
        long[] at = slow.Octets();
        Patience.WaitFor(() => slow.Octets()[1] > at[1] + 200_000, "the other connection goes on");
        Thread.Sleep(1000);
        long[] stopped = slow.Octets();
        Thread.Sleep(1000);
        slow.Octets()[0].ShouldBe(stopped[0], "nothing passes any more");
    }

    [Fact]
    public void QuiescedServer_KeepsItsConnections()
    {
        Start("tc");
        Rules("-m", 8080);
        using var slow = new SlowDownload(_lab, LabNetwork.Vip, 80, 2);
        slow.WaitUntilRunning();
        for (int i = 0; i < 2; i++) _director.Ipvsadm($"-e -t {V4} -r 192.168.1.1{i}:8080 -m -w 0");
        long[] at = slow.Octets();
        Patience.WaitFor(() => slow.Octets()[0] > at[0] + 500_000 && slow.Octets()[1] > at[1] + 500_000, "both go on");
    }

    [Fact]
    public void ChangedMac_OfARealServer_IsFollowed()
    {
        Start("tc");
        Rules("-m", 8080);
        using var slow = new SlowDownload(_lab, LabNetwork.Vip, 80, 2);
        slow.WaitUntilRunning();
        // The servers forget their neighbours with their address, and ask for the director by the new one, which the kernel notes.
        for (int i = 0; i < 2; i++) _lab.Servers[i].Ip($"link set e0 address 02:00:00:00:77:0{i}");

        long[] at = slow.Octets();
        Patience.WaitFor(() => slow.Octets()[0] > at[0] + 500_000 && slow.Octets()[1] > at[1] + 500_000, "both go on");
    }

    [Fact]
    public void Link_DownAndUp_TransfersGoOn()
    {
        Start("tc");
        Rules("-m", 8080);
        using var slow = new SlowDownload(_lab, LabNetwork.Vip, 80, 2);
        slow.WaitUntilRunning();
        _lab.Director.Ip("link set b0 down");
        Thread.Sleep(300);
        _lab.Director.Ip("link set b0 up");
        _lab.Director.Ip("addr replace fd00::1/64 dev b0 nodad");
        long[] at = slow.Octets();
        Patience.WaitFor(() => slow.Octets()[0] > at[0] + 500_000 && slow.Octets()[1] > at[1] + 500_000, "both go on", 30);
    }
}
