using System.Globalization;
using System.Text;
using System.Xml;

namespace NetVS.Bench.Plots;

/// <summary>Writes the few shapes of SVG 1.1 that a chart is made of.</summary>
/// <remarks>Lengths are in user units (pixels at the natural size); y grows downwards.</remarks>
internal sealed class SvgDrawing : IDisposable
{
    private const string Namespace = "http://www.w3.org/2000/svg";
    private readonly XmlWriter _xml;

    /// <summary>Begins a drawing on a white ground.</summary>
    public SvgDrawing(Stream output, double width, double height, string title)
    {
        _xml = XmlWriter.Create(output, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        _xml.WriteStartElement("svg", Namespace);
        Write(("viewBox", $"0 0 {Number(width)} {Number(height)}"), ("width", Number(width)), ("height", Number(height)));
        Write(("font-family", "system-ui, sans-serif"), ("font-size", "12"));
        _xml.WriteElementString("title", Namespace, title);
        Rectangle(0, 0, width, height, "#ffffff");
    }

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string color, double width = 1) =>
        Element("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("stroke", color), ("stroke-width", Number(width)));

    /// <summary>A line through points: one series.</summary>
    public void Series(IEnumerable<(double X, double Y)> points, string color, bool isDashed) => Element(
        "polyline", ("class", "series"), ("points", string.Join(' ', points.Select(p => $"{Number(p.X)},{Number(p.Y)}"))),
        ("fill", "none"), ("stroke", color), ("stroke-width", "2"), ("stroke-dasharray", isDashed ? "5 3" : "none"));

    /// <summary>A filled rectangle.</summary>
    public void Rectangle(double x, double y, double width, double height, string color) =>
        Element("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)), ("fill", color));

    /// <summary>A dot.</summary>
    public void Dot(double x, double y, string color) => Element("circle", ("cx", Number(x)), ("cy", Number(y)), ("r", "3"), ("fill", color));

    /// <summary>A line of text; <paramref name="anchor"/> is what of it stands at x: start, middle or end.</summary>
    public void Label(double x, double y, string text, string anchor = "start", bool isBold = false)
    {
        _xml.WriteStartElement("text", Namespace);
        Write(("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), ("font-weight", isBold ? "bold" : "normal"), ("fill", "#222222"));
        _xml.WriteString(text);
        _xml.WriteEndElement();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _xml.WriteEndElement();
        _xml.Dispose();
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private void Element(string name, params ReadOnlySpan<(string, string)> attributes)
    {
        _xml.WriteStartElement(name, Namespace);
        Write(attributes);
        _xml.WriteEndElement();
    }

    private void Write(params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach ((string name, string value) in attributes) _xml.WriteAttributeString(name, value);
    }
}
