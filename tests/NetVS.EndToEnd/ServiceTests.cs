using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace NetVS.EndToEnd;

/// <summary>The daemon under systemd's conditions: its datagrams, its log, and no more capabilities than build/netvs.service leaves it.</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-service-").FullName;
    private readonly LabNetwork _lab = new();
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
    private readonly DirectorProcess _director;

    public ServiceTests()
    {
        string notify = Path.Combine(_folder, "notify");
        _manager.Bind(new UnixDomainSocketEndPoint(notify));
        string[] capabilities = [.. Capabilities().Select(c => "+" + c.Replace("CAP_", "", StringComparison.Ordinal).ToLowerInvariant())];
        _director = new DirectorProcess(_lab.Director)
        {
            Before =
            [
                "env", $"NOTIFY_SOCKET={notify}", "WATCHDOG_USEC=400000", "JOURNAL_STREAM=9:9",
                "setpriv", "--no-new-privs", "--bounding-set", $"-all,{string.Join(',', capabilities)}", "--inh-caps", "-all", "--",
            ],
        };
    }

    public void Dispose()
    {
        _director.Dispose();
        _manager.Dispose();
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("tc")]
    [InlineData("xdp-generic")]
    public void Daemon_WithTheUnitsCapabilities_ForwardsAndTellsSystemd(string hook)
    {
        _lab.Serve(_lab.Servers[0], "rs0", 8080);
        string rules = Path.Combine(_folder, "rules");
        File.WriteAllText(rules, $"-A -t {LabNetwork.Vip}:80 -s rr\n-a -t {LabNetwork.Vip}:80 -r 192.168.1.10:8080 -m\n");
        if (hook != "tc") _lab.TurnSegmentationOffloadOff();
        _director.Start("-i", "f0,b0", "--hook", hook, "--rules", rules);
        Await("READY=1");
        File.ReadAllText($"/proc/{_director.Id}/status").ShouldContain($"CapEff:\t{EffectiveSet():x16}");
        _lab.Get(LabNetwork.Vip, 80, 1_000_000).ShouldBe(("rs0 203.0.113.7", 1_000_000));
        Await("WATCHDOG=1");

        using (Process hangUp = Process.Start("kill", ["-HUP", _director.Id.ToString()])) hangUp.WaitForExit();
        string reloading = Await("RELOADING=1");
        long at = long.Parse(reloading[(reloading.LastIndexOf('=') + 1)..]);
        (Stopwatch.GetTimestamp() / 1000 - at).ShouldBeInRange(0, 20_000_000, "MONOTONIC_USEC is the time of CLOCK_MONOTONIC in microseconds");
        Await("READY=1");
        Await("WATCHDOG=1");

        _director.Netvs("stop");
        Await("STOPPING=1");
        _director.Log.Split('\n').ShouldAllBe(l => l.StartsWith('<') && l[2] == '>');
        _director.Log.ShouldContain("<6>");
    }

    [Fact]
    public void Unit_IsOneThatSystemdUnderstands()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed");
        string copy = Path.Combine(_folder, "netvs.service");
        File.WriteAllText(copy, File.ReadAllText(UnitFile()).Replace("/usr/local/bin/netvs", DirectorProcess.Program, StringComparison.Ordinal));
        using Process verify = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", copy]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string said = verify.StandardError.ReadToEnd() + verify.StandardOutput.ReadToEnd();
        verify.WaitForExit();
        said.Split('\n').Where(l => l.Contains("netvs.service", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    // Not every root may lift the limit as the unit does: the capability that knows none stands for it.
    private static string[] Capabilities() =>
        [.. UnitLine("CapabilityBoundingSet=").Split(' '), .. UnitLine("LimitMEMLOCK=") == "infinity" ? (string[])["CAP_IPC_LOCK"] : []];

    private static long EffectiveSet() => Capabilities().Sum(c => 1L << c switch
    {
        "CAP_KILL" => 5, "CAP_SETGID" => 6, "CAP_SETUID" => 7, "CAP_NET_ADMIN" => 12, "CAP_NET_RAW" => 13, "CAP_IPC_LOCK" => 14, "CAP_PERFMON" => 38, "CAP_BPF" => 39,
        _ => throw new InvalidOperationException($"{c}: write its number here"),
    });

    private string Await(string beginning)
    {
        while (true)
        {
            string received = Received();
            if (received.StartsWith(beginning, StringComparison.Ordinal)) return received;
            received.ShouldBe("WATCHDOG=1", "nothing else comes in between");
        }
    }

    private string Received()
    {
        byte[] buffer = new byte[512];
        return Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer));
    }

    private static string UnitLine(string key) => File.ReadLines(UnitFile()).Single(l => l.StartsWith(key, StringComparison.Ordinal))[key.Length..];

    private static string UnitFile()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder!, "build", "netvs.service");
    }
}
