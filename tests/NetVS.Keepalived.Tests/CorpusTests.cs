using System.Text.RegularExpressions;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Tests;

/// <summary>Every recorded run of <c>keepalived -t</c>: the same exit status, and the same complaints.</summary>
/// <remarks>
/// keepalived is several processes that each read the file, so it says some things several times, and where a block's brace is
/// missing, those that do not own the block take its lines for others. Those lines are the only ones excused here.
/// </remarks>
public sealed partial class CorpusTests
{
    private static readonly string[] s_excused =
    [
        // Only the processes that do not own the block say so.
        "comment_eats_brace.conf: Unknown keyword 'interface'", "comment_eats_brace.conf: Unknown keyword 'virtual_router_id'", "comment_eats_brace.conf: Unknown keyword '}'",

        // Said once more, for the same quote, by the reader of scripts.
        "unterminated_quote.conf: String 'notify \"/bin/true unterminated': missing terminating \"",
    ];

    // Found at the end of a block, where keepalived says so; here the position is the block's beginning.
    private static readonly string[] s_aboutBlocks =
    [
        "No script set for", "HTTP/SSL_GET checker", "No script path has been", "UDP_CHECK min_reply", "FILE_CHECK has no track_file", "Address family of virtual server", "virtual server group",
    ];

    [Fact]
    public void EveryRun_HasTheRecordedExitStatusAndMessages()
    {
        Assert.SkipUnless(Corpus.Directory is not null, $"the corpus of recorded runs is not here: set {Corpus.Variable} to its directory");
        var wrong = new List<string>();
        int runs = 0;
        foreach (string row in File.ReadLines(Path.Combine(Corpus.Directory, "expect.tsv")).Skip(1))
        {
            string[] cells = row.Split('\t');
            string directory = Path.Combine(Corpus.Directory, Path.GetDirectoryName(cells[0])!);
            string name = Path.GetFileName(cells[0]);
            bool hasInterfaces = cells[2] == "eth";
            KeepalivedReading reading = KeepalivedReader.Read(
                name, new DiskFiles(directory), hasInterfaces ? Reading.Eth : new TestHost(),
                new ReaderOptions { ConfigurationId = cells[1].StartsWith("-i ", StringComparison.Ordinal) ? cells[1][3..] : "vm" });
            runs++;
            string run = $"{cells[0]} {cells[1]} {cells[2]}";
            if (reading.ExitStatus != int.Parse(cells[3])) wrong.Add($"{run}: exit status {reading.ExitStatus}, not {cells[3]}");
            string[] expected = [.. cells[6].Split("\\n", StringSplitOptions.RemoveEmptyEntries).Select(Message).Distinct()];
            string[] actual = [.. reading.Problems.Where(IsForKeepalived).SelectMany(Messages).Distinct()];
            foreach (string message in expected.Where(e => !actual.Contains(e) && !s_excused.Contains($"{name}: {WithoutLine(e)}")))
                if (!actual.Any(a => WithoutLine(a) == message)) wrong.Add($"{run}: missing: {message}");

            // Where keepalived stops, this goes on.
            bool stops = !hasInterfaces || cells[4] is "aborted" or "errors;vrrp-would-not-start";
            foreach (string message in actual.Where(a => !stops && !expected.Contains(a) && !expected.Contains(WithoutLine(a))))
                wrong.Add($"{run}: too much: {message}");
        }

        wrong.ShouldBeEmpty(string.Join("\n", wrong));
        runs.ShouldBeGreaterThan(70);
    }

    private static bool IsForKeepalived(KeepalivedDiagnostic p) => p.Class != ProblemClass.None || p.Message.StartsWith("Config files missing", StringComparison.Ordinal);

    private static IEnumerable<string> Messages(KeepalivedDiagnostic p) => p.Also.Prepend(p.Message).Select(m => Placed($"{p.Position.Line}", m));

    private static string WithoutLine(string message) => LinePrefix().Replace(message, "");

    private static string Message(string recorded) => Recorded().Match(recorded) is { Success: true } m ? Placed(m.Groups[1].Value, m.Groups[2].Value) : recorded;

    private static string Placed(string line, string message) => s_aboutBlocks.Any(b => message.StartsWith(b, StringComparison.Ordinal)) ? message : $"{line} {message}";

    [GeneratedRegex(@"^\((?:[^ ]*: )?Line (\d+)\) (.*)$")]
    private static partial Regex Recorded();

    [GeneratedRegex(@"^\d+ ")]
    private static partial Regex LinePrefix();
}
