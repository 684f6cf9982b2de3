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
        Row("x", 5).ShouldSatisfyAllConditions(x => new BenchReport([], [x, Row("XDP redirect", 0)], []).RatioTo(x, "XDP redirect").ShouldBeNull());
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
    public void BenchConfiguration_Layout_IsTheProgramsOwn()
    {
        Unsafe.SizeOf<BenchConfiguration>().ShouldBe(BenchConfiguration.Size);
        var configuration = new BenchConfiguration { Output = 1, Flows = 2, Client = 3, Service = 4, Port = 5 };
        configuration.SetMacs(new MacAddress(0x0102_0304_0506), new MacAddress(0x0708_090A_0B0C));

        byte[] octets = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<BenchConfiguration>(in configuration)).ToArray();

        octets.ShouldBe([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0]);
    }

    [Fact]
    public void SinkExpectation_Layout_IsTheProgramsOwn()
    {
        Unsafe.SizeOf<SinkExpectation>().ShouldBe(SinkExpectation.Size);
        SinkExpectation expectation = SinkExpectation.Of(new MacAddress(0x0102_0304_0506), Ipv4Address.Of(10, 2, 0, 2))
            .From(Ipv4Address.Of(10, 9, 0, 0), 16).TunnelledTo(Ipv4Address.Of(10, 3, 0, 4));

        byte[] octets = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<SinkExpectation>(in expectation)).ToArray();

        octets.ShouldBe([0, 0, 9, 10, 0, 0, 255, 255, 2, 0, 2, 10, 4, 0, 3, 10, 0x28, 0x23, 1, 2, 3, 4, 5, 6, 1, 0, 0, 0]);
    }
}
