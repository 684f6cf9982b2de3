using System.Xml.Linq;
using NetVS.Bench;
using NetVS.Bench.Plots;

namespace NetVS.Tests.Bench;

public sealed class BenchPlotTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private static XElement Draw(params BenchRow[] rows)
    {
        var output = new MemoryStream();
        BenchPlot.Write(new BenchReport([("kernel", "6 < 7 & \"more\"")], rows, []), output);
        output.Position = 0;
        return XDocument.Load(output).Root!;
    }

    private static BenchRow Rate(string load, string subject, params double[] values) => new("packets", "packets per second", load, subject, values);

    [Fact]
    public void Write_LoadThatGrows_IsOneLineForEachSubject()
    {
        string[] loads = ["1 flow", "1,000 flows", "1,000,000 flows"];

        XElement svg = Draw([.. loads.SelectMany(l => (BenchRow[])[Rate(l, "XDP redirect", 3e6, 2e6), Rate(l, "NetVS <NAT>", 1e6), Rate(l, "lost", double.NaN)])]);

        svg.Name.ShouldBe(s_svg + "svg");
        XElement[] series = [.. svg.Elements(s_svg + "polyline")];
        series.Length.ShouldBe(2);
        series.ShouldAllBe(s => ((string)s.Attribute("points")!).Split(' ').Length == 3);
        series.Select(s => (string)s.Attribute("stroke")!).Distinct().Count().ShouldBe(2);
        svg.Elements(s_svg + "circle").Count().ShouldBe(6);
        string[] texts = [.. svg.Elements(s_svg + "text").Select(t => t.Value)];
        foreach (string text in (string[])[.. loads, "XDP redirect", "NetVS <NAT>", "kernel: 6 < 7 & \"more\""]) texts.ShouldContain(text);
    }

    [Fact]
    public void Write_OtherLoads_IsOneBarForEachRow()
    {
        XElement svg = Draw(
            new("bulk", "Gbit per second", "1 connection", "a", [10]), new("bulk", "Gbit per second", "1 connection", "b", [20]),
            new("bulk", "Gbit per second", "8 connections", "a", [40]), new("requests", "failed requests", "x", "a", [0]));

        // The first is the ground.
        double[] widths = [.. svg.Elements(s_svg + "rect").Skip(1).Select(r => (double)r.Attribute("width")!)];
        widths.Length.ShouldBe(3);
        (widths[1] / widths[0]).ShouldBe(2, 0.01);
        (widths[2] / widths[0]).ShouldBe(4, 0.01);
        svg.Elements(s_svg + "polyline").ShouldBeEmpty();
    }

    [Fact]
    public void Write_Nothing_IsStillADrawing() => Draw().Elements(s_svg + "text").Count().ShouldBe(1);

    [Theory]
    [InlineData(new double[] { 10, 90 }, 0, 100)]
    [InlineData(new double[] { 3, 900 }, 2, 1000)]
    [InlineData(new double[] { 0 }, 0, 1)]
    [InlineData(new double[] { -4, 10 }, -5, 10)]
    public void Scale_Values_EndsAtRoundNumbers(double[] values, double first, double last)
    {
        Scale scale = Scale.For(values);

        scale.Ticks[0].ShouldBe(first, 1e-9);
        scale.Ticks[^1].ShouldBe(last, 1e-9);
        scale.Place(first).ShouldBe(0, 1e-9);
        scale.Place(last).ShouldBe(1, 1e-9);
    }
}
