using System.Runtime.CompilerServices;
using System.Text.Json;
using NetVS.Bench;
using NetVS.Bench.Parts;
using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Tests.Bench;

public sealed class BenchReportTests
{
    private static BenchRow Row(string subject, params double[] values) => new("packets", "packets per second", "1000 flows", subject, values);

    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5)]
    public void Median_OddOrEven_IsTheMiddle(double[] values, double median)
    {
        BenchRow row = Row("x", values);

        row.Median.ShouldBe(median);
        row.Least.ShouldBe(values.Min());
        row.Greatest.ShouldBe(values.Max());
    }

    [Fact]
    public void RatioTo_Baseline_ComparesMediansOfTheSameLoad()
    {
        BenchRow redirect = Row("XDP redirect", 100, 200, 300);
        BenchRow netvs = Row("NetVS NAT (af_xdp)", 50);
        BenchRow elsewhere = new("packets", "packets per second", "1 flows", "NetVS NAT (af_xdp)", [10]);
        var report = new BenchReport([("kernel", "x")], [redirect, netvs, elsewhere], ["packets, y: no"]);

        report.RatioTo(netvs, "XDP redirect").ShouldBe(0.25);
        report.RatioTo(redirect, "XDP redirect").ShouldBeNull();
        report.RatioTo(elsewhere, "XDP redirect").ShouldBeNull();
        report.RatioTo(netvs, "nftables DNAT").ShouldBeNull();
        var text = new StringWriter();
        BenchReportWriter.Write(report, text);
        text.ToString().Split('\n').ShouldContain(l => l.Contains("NetVS NAT") && l.TrimEnd().EndsWith("0.25", StringComparison.Ordinal));
        var json = new MemoryStream();
        BenchReportJson.Write(report, json);
        using JsonDocument document = JsonDocument.Parse(json.ToArray());
        document.RootElement.GetProperty("rows")[1].GetProperty("ratio").GetProperty("XDP redirect").GetDouble().ShouldBe(0.25);
    }

    [Fact]
    public void Write_NothingButZeroAndNoNumber_IsSaidShort()
    {
        var report = new BenchReport([], [Row("a", 0), new("requests", "latency", "l", "b", [double.NaN])], []);
        var text = new StringWriter();
        var json = new MemoryStream();

        BenchReportWriter.Write(report, text);
        BenchReportJson.Write(report, json);

        text.ToString().ShouldContain("packets: packets per second: none");
        text.ToString().ShouldContain("n/a");
    }

    [Fact]
    public void Parse_WrkOutput_ReadsRateLatenciesAndErrors()
    {
        WrkResult result = WrkResult.Parse("""
            Running 1s test @ http://10.1.0.10:80/
              1 threads and 64 connections
              Thread Stats   Avg      Stdev     Max   +/- Stdev
                Latency     4.67ms    4.82ms  54.32ms   92.86%
                Req/Sec     5.37k     1.60k    7.85k    60.00%
              Latency Distribution
                 50%  850.00us
                 75%    4.92ms
                 90%    8.05ms
                 99%    1.20s 
              5341 requests in 1.00s, 0.92MB read
              Socket errors: connect 1, read 2, write 3, timeout 4
              Non-2xx or 3xx responses: 5
            Requests/sec:   5334.07
            Transfer/sec:      0.92MB
            """);

        result.ShouldBe(new WrkResult(5334.07, 0.85, 1200, 15));
        Should.Throw<BenchException>(() => WrkResult.Parse("unable to connect")).Message.ShouldContain("unable to connect");
    }

    [Fact]
    public void BenchConfiguration_Layout_IsTheProgramsOwn()
    {
        Unsafe.SizeOf<BenchConfiguration>().ShouldBe(BenchConfiguration.Size);
        var configuration = new BenchConfiguration { Output = 1, Flows = 2, Client = 3, Service = 4, Port = 5 };
        configuration.SetMacs(new MacAddress(0x0102_0304_0506), new MacAddress(0x0708_090A_0B0C));

        byte[] octets = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<BenchConfiguration>(in configuration)).ToArray();

        octets.ShouldBe([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0]);
    }
}
