using System.Text;
using NetVS.Director.Helpers;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Helpers;

public sealed class LineCollectorTests
{
    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Lines_CutAnywhere_WithRepetitions_ComeOnce() => Seeds.Run(300, (random, _) =>
    {
        string[] lines = [.. Enumerable.Range(0, 1 + random.Next(6)).Select(i => new string((char)('a' + i), random.Next(170)) + "\n")];
        byte[] stream = Encoding.ASCII.GetBytes(string.Concat(lines));
        uint first = uint.MaxValue - (uint)random.Next(200);
        LineCollector collector = default;
        collector.Begin(first);
        List<string> seen = [];
        for (int at = 0; at < stream.Length;)
        {
            int length = 1 + random.Next(Math.Min(200, stream.Length - at));
            int back = random.Next(3) == 0 ? random.Next(at + 1) : 0;
            Feed(ref collector, unchecked(first + (uint)(at - back)), stream.AsSpan(at - back, length + back), seen);
            at += length;
        }

        // A line that is whole in one segment may be longer; whether it was is the cut's.
        seen.Where(l => l.Length <= LineCollector.Most).ShouldBe(lines.Where(l => l.Length <= LineCollector.Most));
        seen.ShouldBeSubsetOf(lines);
    });

    [Fact]
    public void Gap_BeginsANewLine()
    {
        LineCollector collector = default;
        collector.Begin(100);
        List<string> seen = [];
        Feed(ref collector, 100, "PA"u8, seen);
        Feed(ref collector, 104, "PASV\r\n"u8, seen);
        Feed(ref collector, 102, "SV"u8, seen);
        seen.ShouldBe(["PASV\r\n"]);
    }

    private static void Feed(ref LineCollector collector, uint sequence, ReadOnlySpan<byte> octets, List<string> into)
    {
        ReadOnlySpan<byte> left = collector.TakeNew(sequence, octets);
        while (collector.TryTakeLine(ref left, out ReadOnlySpan<byte> line)) into.Add(Encoding.ASCII.GetString(line));
    }
}
