using NetVS.Bench;
using NetVS.Bench.Parts;
using NetVS.Bench.Wires;

namespace NetVS.Tests.Bench;

/// <summary>Reading what tools and the kernel print.</summary>
public sealed class ResultTests
{
    [Fact]
    public void Wrk_ScriptsLine_IsReadInSecondsAndMilliseconds()
    {
        WrkResult result = WrkResult.Parse("""
            Running 1s test @ http://10.1.0.10:80/
              1 threads and 64 connections
            Requests/sec:   5334.07
            measured: 5000 2000000 7 850 4920 8050 1200000
            """);

        result.RequestsPerSecond.ShouldBe(2500);
        result.Failures.ShouldBe(7);
        result.Latencies.ShouldBe([0.85, 4.92, 8.05, 1200]);
        Percentiles.Names.ShouldBe(["p50", "p90", "p99", "p99.9"]);
    }

    [Theory]
    [InlineData("unable to connect", "unable to connect")]
    [InlineData("measured: 1 2 3", "no result")]
    [InlineData("measured: 0 2000000 7 0 0 0 0", "no answer")]
    public void Wrk_NoResult_IsSaid(string output, string words) =>
        Should.Throw<BenchException>(() => WrkResult.Parse(output)).Message.ShouldContain(words);

    [Fact]
    public void Iperf_Json_ReadsWhatWasReceived()
    {
        IperfResult result = IperfResult.Parse("""
            {"end": {"sum_sent": {"bytes": 9, "bits_per_second": 9}, "sum_received": {"seconds": 1, "bytes": 5000000000, "bits_per_second": 4e10}}}
            """);

        result.ShouldBe(new IperfResult(4e10, 5e9));
    }

    [Theory]
    [InlineData("""{"end": {}, "error": "unable to connect"}""", "unable to connect")]
    [InlineData("""{"end": {}}""", "no result")]
    [InlineData("not JSON", "no result")]
    [InlineData("""{"end": {"sum_received": {"bytes": 0, "bits_per_second": 0}}}""", "nothing")]
    public void Iperf_NoResult_IsSaid(string output, string words) =>
        Should.Throw<BenchException>(() => IperfResult.Parse(output)).Message.ShouldContain(words);

    [Fact]
    public void BusySeconds_FirstLineOfStat_IsNeitherIdleNorWaitingNorStolen() =>
        MachineFacts.BusySeconds("cpu  100 20 300 9999 8888 40 50 60 7 8").ShouldBe(5.1, 0.0001);

    [Theory]
    [InlineData(50, 5)]
    [InlineData(90, 9)]
    [InlineData(99, 10)]
    [InlineData(0, 1)]
    public void Percentile_OfTen_IsTheNearestRank(double percent, double value) =>
        Percentiles.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], percent).ShouldBe(value);

    [Fact]
    public void NetNanoseconds_OfRates_IsTheDifferenceOfTimes()
    {
        PacketsPart.NetNanoseconds(1_000_000, 2_000_000).ShouldBe(500);
        PacketsPart.NetNanoseconds(0, 2_000_000).ShouldBe(double.NaN);
    }

    [Fact]
    public void Memory_KernelsOwnTexts_AreRead()
    {
        string[] slabs =
        [
            "slabinfo - version: 2.1", "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>",
            "nf_conntrack_expect   0      0    208   19    1 : tunables    0    0    0 : slabdata      0      0      0",
            "nf_conntrack          96    160    256   16    1 : tunables    0    0    0 : slabdata     10     12      0",
        ];

        MemoryUse.SlabOctets(slabs, "nf_conntrack").ShouldBe(12 * 4096);
        MemoryUse.SlabOctets(slabs, "another").ShouldBeNull();
        MemoryUse.Kibioctets(["VmPeak:\t 9 kB", "VmRSS:\t  123 kB"], "VmRSS").ShouldBe(123 * 1024);
        const string Map = "pos:\t0\nmap_type:\t2\nmemlock:\t4096\nmap_id:\t7\n";
        MemoryUse.MapOctets([Map, Map, "pos:\t0\n", "prog_id:\t1\nmemlock:\t4096\n", Map.Replace("\t7", "\t8")]).ShouldBe(8192);
    }

    [Fact]
    public void TrackingLimit_TwoRuns_LastPutsTheNumbersBack()
    {
        string folder = Directory.CreateTempSubdirectory("netvs-test-").FullName;
        try
        {
            string limit = Path.Combine(folder, "max"), buckets = Path.Combine(folder, "buckets"), record = Path.Combine(folder, "record");
            File.WriteAllText(limit, "1000");
            File.WriteAllText(buckets, "500");
            var first = new TrackingLimit(limit, buckets, record);
            var second = new TrackingLimit(limit, buckets, record);
            first.Need(500);
            File.ReadAllText(limit).ShouldBe("1000");

            first.Need(1000);
            File.ReadAllText(limit).ShouldBe("1250");
            File.ReadAllText(buckets).ShouldBe("1250");
            second.Need(2000);
            first.Dispose();
            File.ReadAllText(limit).ShouldBe("2500");
            second.Dispose();

            File.ReadAllText(limit).ShouldBe("1000");
            File.ReadAllText(buckets).ShouldBe("500");
            File.Exists(record).ShouldBeFalse();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
