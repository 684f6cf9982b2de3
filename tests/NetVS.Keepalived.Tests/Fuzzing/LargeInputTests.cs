using System.Diagnostics;
using System.Text;

namespace NetVS.Keepalived.Tests.Fuzzing;

/// <summary>Large and deep inputs: bounded time, bounded memory, and a word about what is wrong.</summary>
public sealed class LargeInputTests
{
    private const int Large = 2 << 20;
    private const int Small = 1 << 20;

    [Theory]
    [InlineData(Large, "{", "missing '}'s or extra '{'s")]
    [InlineData(Small, "}", "Extra '}' found")]
    [InlineData(Small, "{\n", "missing '}'s or extra '{'s")]
    [InlineData(Large, "a\n", "Unknown keyword 'a'")]
    [InlineData(Small, "global_defs {\n", "missing '}'s or extra '{'s")]
    [InlineData(Small, "vrrp_instance x {\n", "vrrp_instance must have a name|already defined|missing '}'s")]
    [InlineData(Small, "\"", "Unterminated quote")]
    [InlineData(Small, "\0\u0001\u00ff", "Unknown keyword")]
    [InlineData(Small, "$A=$A$A ${A}\n", "")]
    [InlineData(Large, "include x\n", "Config files missing")]
    public void ManyOctets_OfTheSame_AreReadInTime(int size, string piece, string message)
    {
        var text = new StringBuilder(size + piece.Length);
        while (text.Length < size) text.Append(piece);
        var clock = Stopwatch.StartNew();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        KeepalivedReading reading = Reading.Of(text.ToString());
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.Error.WriteLine($"{size >> 20} MiB of '{piece.Trim()}': {clock.ElapsedMilliseconds} ms");
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        kept.ShouldBeLessThan(64 << 20);
        string.Join('\n', reading.Problems.Select(p => p.Message)).ShouldContain(message.Split('|')[^1]);
        reading.Problems.Count.ShouldBeLessThanOrEqualTo(2001);
    }

    [Fact]
    public void AThousandVirtualServers_OfTenRealServers_AreReadInTwoSeconds()
    {
        var text = new StringBuilder();
        for (int v = 0; v < 1000; v++)
        {
            text.Append($"virtual_server 10.0.{v / 250}.{(v % 250) + 1} 80 {{\n protocol TCP\n lvs_sched rr\n lvs_method DR\n delay_loop 6\n");
            for (int r = 1; r <= 10; r++) text.Append($" real_server 10.1.{v / 250}.{r} 80 {{\n weight {r}\n TCP_CHECK {{\n connect_timeout 3\n }}\n }}\n");
            text.Append("}\n");
        }

        Reading.Clean(text.ToString());
        var clock = Stopwatch.StartNew();
        KeepalivedReading reading = Reading.Clean(text.ToString());
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        reading.Configuration.VirtualServers.Sum(v => v.RealServers.Sum(r => r.Checkers.Count)).ShouldBe(10_000);
    }

    [Fact]
    public void TwentyMistakes_AreTwentyProblems()
    {
        string text = string.Concat(Enumerable.Range(1, 20).Select(i => $" vrrp_garp_master_delay x{i}\n"));
        KeepalivedReading reading = Reading.Of($"global_defs {{\n{text}}}\n");
        reading.Problems.Count.ShouldBe(20);
        reading.Problems.Select(p => p.Position.Line).ShouldBe(Enumerable.Range(2, 20));
    }
}
