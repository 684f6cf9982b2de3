using NetVS.Bench;

namespace NetVS.Tests.Bench;

public sealed class BenchOutputTests
{
    private static readonly BenchReport s_report = new(
        [("kernel", "6|18")],
        [
            new("packets", "packets per second", "1,000 flows", "XDP redirect", [200, 100, 300]),
            new("packets", "packets per second", "1,000 flows", "NetVS NAT (xdp)", [180]),
            new("packets", "ns per packet, net of the generator", "1,000 flows", "nftables DNAT", [300]),
            new("packets", "ns per packet, net of the generator", "1,000 flows", "NetVS NAT (xdp)", [200]),
            new("requests", "failed requests", "x", "a", [0]),
            new("requests", "latency of the answer, ms", "x", "a", [double.NaN, 1]),
        ],
        ["bulk, x: no"]);

    [Fact]
    public void Json_WrittenAndRead_IsTheSame()
    {
        var stream = new MemoryStream();
        BenchReportJson.Write(s_report, stream);
        stream.Position = 0;

        BenchReport read = BenchReportJson.Read(stream);

        read.Machine.ShouldBe(s_report.Machine);
        read.Skipped.ShouldBe(s_report.Skipped);
        read.Rows.Select(r => (r.Part, r.Metric, r.Load, r.Subject)).ShouldBe(s_report.Rows.Select(r => (r.Part, r.Metric, r.Load, r.Subject)));
        read.Rows.SelectMany(r => r.Values).ShouldBe(s_report.Rows.SelectMany(r => r.Values));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("{}")]
    [InlineData("""{"machine": {}, "rows": [{"part": 1}], "skipped": []}""")]
    [InlineData("""{"machine": {}, "rows": [{"part": "a", "metric": "b", "load": "c", "subject": "d", "values": []}], "skipped": []}""")]
    public void Json_SomethingElse_IsRefused(string text) =>
        Should.Throw<BenchException>(() => BenchReportJson.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)))).Message.ShouldContain("--json");

    [Fact]
    public void Markdown_Report_HasTablesRatiosTargetsAndWhatIsMissing()
    {
        var text = new StringWriter();

        BenchReportMarkdown.Write(s_report, text);

        string[] lines = text.ToString().Split('\n');
        lines.ShouldContain(@"| kernel | 6\|18 |");
        lines.ShouldContain("| 1,000 flows | XDP redirect | 100 | 200 | 300 |  |");
        lines.ShouldContain("|  | NetVS NAT (xdp) | 180 | 180 | 180 | 0.90 |");
        lines.ShouldContain("**failed requests**: none.");
        lines.ShouldContain("- bulk, x: no");
        lines.ShouldContain(l => l.StartsWith("| packets: packets per second, 1,000 flows: NetVS NAT (xdp) / XDP redirect | at least 0.85 | 0.90 | reached |", StringComparison.Ordinal));
        lines.ShouldContain(l => l.Contains("net of the generator, 1,000 flows: NetVS NAT (xdp) / nftables DNAT | at most 0.33 | 0.67 | **missed** |", StringComparison.Ordinal));
    }

    [Fact]
    public void Text_Report_SaysWhatIsReached()
    {
        var text = new StringWriter();

        BenchReportWriter.Write(s_report, text);

        text.ToString().ShouldContain("reached");
        text.ToString().ShouldContain("MISSED");
    }

    [Theory]
    [InlineData(1, "1 flow")]
    [InlineData(1_000_000, "1,000,000 flows")]
    public void Count_OfALoad_IsReadBack(int count, string text)
    {
        BenchText.Count(count, "flow").ShouldBe(text);
        BenchText.CountIn(text).ShouldBe(count);
        BenchText.CountIn("any").ShouldBeNull();
    }
}
