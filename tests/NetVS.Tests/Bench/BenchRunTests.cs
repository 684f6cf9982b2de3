using NetVS.Bench;
using NetVS.Bench.Parts;
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
        Parts = parts, Repetitions = 1, Duration = TimeSpan.FromSeconds(1), Sizes = [100],
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
        RequireRoot("nft", "ethtool");

        BenchReport report = BenchRunner.Run(Quick("packets"));

        report.Skipped.ShouldBeEmpty();
        string[] subjects = ["generator alone", "XDP redirect", "kernel forwarding", "nftables DNAT", "NetVS NAT (af_xdp)", "NetVS NAT (af_packet)"];
        report.Rows.Where(r => r.Metric == "packets per second").Select(r => r.Subject).ShouldBe(subjects);
        foreach (BenchRow row in report.Rows) row.Least.ShouldBeGreaterThan(0, row.ToString());
        Directory.GetFiles("/run/netns", $"nvsb-{Environment.ProcessId}-*").ShouldBeEmpty();
    }

    [Fact]
    public void RequestsAndBulk_ShortRun_FailNoRequest()
    {
        RequireRoot("nft", "wrk", "nginx", "iperf3");

        BenchReport report = BenchRunner.Run(Quick("requests", "bulk"));

        report.Skipped.ShouldBeEmpty();
        report.Rows.Where(r => r.Metric == "requests per second").Count().ShouldBe(8);
        report.Rows.Where(r => r.Metric == "Gbit per second").ShouldAllBe(r => r.Least > 0);
        report.Rows.Where(r => r.Metric == "failed requests").ShouldAllBe(r => r.Greatest == 0);
    }

    [Fact]
    public void Run_ProgramThatDoesNotStart_IsSkippedWithItsWords()
    {
        RequireRoot("nft", "ethtool");

        BenchReport report = BenchRunner.Run(Quick("packets") with { Program = "/bin/false", Links = ["af_xdp"] });

        report.Skipped.ShouldHaveSingleItem().ShouldContain("NetVS NAT (af_xdp)");
        report.Rows.ShouldContain(r => r.Subject == "nftables DNAT");
    }
}
