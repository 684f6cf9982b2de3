using NetVS.Bench;
using NetVS.Bench.Paths;
using NetVS.Bench.Wires;
using NetVS.Linux.Bpf;
using NetVS.Testing.Packets;

namespace NetVS.Tests.Bench;

/// <summary>The benchmarks measure what they say: short runs, whose figures are not judged.</summary>
public sealed class BenchRunTests
{
    private static BenchOptions Quick(params string[] parts) => new()
    {
        Program = Environment.GetEnvironmentVariable("NETVS_PROGRAM_PATH") ?? Path.Combine(AppContext.BaseDirectory, "netvs"),
        Parts = parts, Repetitions = 1, Duration = TimeSpan.FromMilliseconds(300), Sizes = [100], Variants = ["xdp", "tc"],
    };

    private static void RequireRoot(params string[] tools)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        foreach (string tool in tools)
            Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Append("/usr/sbin").Any(p => File.Exists(Path.Combine(p, tool))), $"needs {tool}");
    }

    [Fact]
    public void Generator_EveryFrame_IsRightAndOfItsFlow()
    {
        RequireRoot();
        using BpfObject made = PacketBench.LoadObject();
        using BpfMap configurations = made.Map("configurations");
        using BpfProgram generate = made.Program("generate");
        var configuration = new BenchConfiguration { Output = 1, Flows = 40_000, Client = 0x0A80_0000, Service = 0x0A01_000A, Port = 9000 };
        configuration.SetMacs(BenchNetwork.ClientMac, BenchNetwork.FrontMac);
        configurations.Update(0u, configuration);
        var sources = new HashSet<string>();
        byte[] dirty = new byte[60];
        Array.Fill(dirty, (byte)0xA5);
        byte[] output = new byte[60];
        for (int i = 0; i < 40_000; i++)
        {
            const int XDP_REDIRECT = 4;
            generate.TestRun(dirty, output).ReturnValue.ShouldBe((uint)XDP_REDIRECT);
            sources.Add(Convert.ToHexString(output.AsSpan(26, 4)) + Convert.ToHexString(output.AsSpan(34, 2)));
            if (i % 500 == 0) PacketChecker.Verify(output);
        }

        // A test may move between processors, each of which has its own place among the flows.
        sources.Count.ShouldBeGreaterThan(10_000);
    }

    [Fact]
    public void Packets_ShortRun_CountsOnEveryPath()
    {
        RequireRoot("nft", "conntrack", "ethtool");

        BenchReport report = BenchRunner.Run(Quick("packets") with { Variants = ["xdp"] });

        report.Skipped.ShouldBeEmpty();
        string[] subjects =
        [
            "generator alone", "XDP redirect", "kernel forwarding", "nftables DNAT",
            "NetVS NAT (xdp)", "NetVS DR (xdp)", "NetVS TUN (xdp)", "NetVS FULLNAT (xdp)",
        ];
        report.Rows.Where(r => r.Metric == "packets per second").Select(r => r.Subject).ShouldBe(subjects);
        foreach (BenchRow row in report.Rows.Where(r => r.Metric == "packets per second")) row.Least.ShouldBeGreaterThan(0, row.ToString());
        Directory.GetFiles("/run/netns", $"nvsb-{Environment.ProcessId}-*").ShouldBeEmpty();
    }

    [Fact]
    public void RequestsAndBulk_ShortRun_FailNoRequest()
    {
        RequireRoot("nft", "conntrack", "wrk", "nginx", "haproxy", "iperf3");

        BenchReport report = BenchRunner.Run(Quick("requests", "bulk"));

        // A machine may have nginx without its stream module.
        report.Skipped.ShouldAllBe(s => s.Contains("libnginx-mod-stream"));
        report.Rows.Where(r => r.Metric == "requests per second").Count().ShouldBeGreaterThanOrEqualTo(10);
        report.Rows.Where(r => r.Metric == "Gbit per second").ShouldAllBe(r => r.Least > 0);
        report.Rows.Where(r => r.Metric == "failed requests").ShouldAllBe(r => r.Greatest == 0);
    }

    [Fact]
    public void Run_ProgramThatDoesNotStart_IsSkippedWithItsWords()
    {
        RequireRoot("nft", "conntrack", "ethtool");

        BenchReport report = BenchRunner.Run(Quick("packets") with { Program = "/bin/false", Variants = ["xdp"] });

        report.Skipped.Count.ShouldBe(4);
        report.Skipped[0].ShouldContain("NetVS NAT (xdp)");
        report.Rows.ShouldContain(r => r.Subject == "nftables DNAT");
    }

    // The part that has most to leave behind: namespaces, a daemon, web servers, files.
    [Fact]
    public async Task Program_EndedBySignal_LeavesNothingBehind()
    {
        RequireRoot("nft", "conntrack", "ethtool", "wrk", "nginx");
        using var program = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Quick().Program, ["bench", "requests", "--netvs", "xdp", "--sizes", "1000"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        string? line;
        do line = await program.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        while (line is not null && !line.Contains("NetVS", StringComparison.Ordinal));

        using (var kill = System.Diagnostics.Process.Start("kill", ["-TERM", program.Id.ToString()])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);

        program.ExitCode.ShouldBe(130);
        Directory.GetFiles("/run/netns", $"nvsb-{program.Id}-*").ShouldBeEmpty();
        Directory.GetDirectories(Path.GetTempPath(), $"nvsb-{program.Id}-*").ShouldBeEmpty();
    }

    [Fact]
    public void Memory_ShortRun_TellsOctetsForEachConnection()
    {
        RequireRoot("nft", "conntrack", "ethtool");

        BenchReport report = BenchRunner.Run(Quick("memory") with { Variants = ["xdp"], Sizes = [20_000] });

        report.Skipped.ShouldBeEmpty();
        report.Rows.Where(r => r.Metric == "octets per connection").Select(r => r.Subject).ShouldContain("NetVS NAT (xdp): process, what it grew by");
        BenchRow slab = report.Rows.First(r => r.Subject.StartsWith("nftables DNAT", StringComparison.Ordinal));
        slab.Median.ShouldBeInRange(100, 2000);
    }

    [Fact]
    public void Sink_DatagramThatIsNotAsForwardingHadToMakeIt_EndsTheMeasurement()
    {
        RequireRoot("ethtool");
        using BenchNetwork network = BenchNetwork.Create();
        network.SetFrontGro(true);
        using var bench = new PacketBench(network);
        var redirect = new RedirectPath();
        using RunningPath running = redirect.Begin(network, PathLoad.Datagrams(10));

        // A redirect translates nothing: to the sink of a translating path every one of its datagrams is wrong.
        Should.Throw<BenchException>(() => bench.Establish(new NftablesPath(), running, 10)).Message.ShouldContain("not what forwarding had to");
        bench.Establish(redirect, running, 10);
    }

    [Fact]
    public void ProgramMeasurement_ProgramThatRedirects_TakesSomeNanoseconds()
    {
        RequireRoot("ethtool");
        using BenchNetwork network = BenchNetwork.Create();
        network.SetFrontGro(true);
        using BpfObject made = PacketBench.LoadObject();
        using BpfMap configurations = made.Map("configurations");
        using BpfProgram redirect = made.Program("redirect");
        using BpfProgram empty = made.Program("empty");
        using BpfLink link = PacketBench.Attach(network.Director, "d0", redirect);
        var configuration = new BenchConfiguration { Output = PacketBench.IndexOf(network.Director, "d1") };
        configuration.SetMacs(BenchNetwork.BackMac, BenchNetwork.ServerMac);
        configurations.Update(0u, configuration);
        using var measurement = new ProgramMeasurement(network.Director, PacketBench.IndexOf(network.Director, "d0"));

        measurement.Measure(redirect, BenchNetwork.Virtual, 100, TimeSpan.FromMilliseconds(300)).ShouldBeInRange(-50, 2000);
        Should.Throw<BenchException>(() => measurement.Measure(empty, BenchNetwork.Virtual, 100, TimeSpan.FromMilliseconds(100)))
            .Message.ShouldContain("forwarded 0 itself");
    }
}
