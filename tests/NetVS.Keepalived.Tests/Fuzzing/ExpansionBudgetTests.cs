using System.Text;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Tests.Fuzzing;

/// <summary>Short files that stand for endless work: what is made of them is counted and bounded, and the place is named.</summary>
public sealed class ExpansionBudgetTests
{
    private const string Laughs = "$A=${B}${B}${B}${B}\n$B=${C}${C}${C}${C}\n$C=${D}${D}${D}${D}\n$D=${E}${E}${E}${E}\n$E=x\n";

    [Fact]
    public void DefinitionThatNamesItself_AndIsUsedOften_IsReplacedOnceInEachLine()
    {
        // The reader's fuzz test found it: a mutation had joined the definition with the line that uses it.
        KeepalivedReading reading = Reading.Of(
            """
            $A=10.0server ${A}.9 443 {
            virtual_server_group G {
              ~SEQ(N, 1, 3) ${A}.${N} 80
            }
            virtual_server ${A}.9 443 {
              ~LST({R,W}, {1,5},{2,6}) real_server ${A}.${R} 8443 { weight ${W} }
            }
            """);
        reading.Expansion.Lines.ShouldBe(5);
        reading.Expansion.Characters.ShouldBeLessThan(3000);
        reading.Problems.Where(p => p.Message == "the definition $A has no end: it mentions itself").Select(p => p.Position.ToString())
            .ShouldBe(["t.conf:3:17", "t.conf:5:16", "t.conf:6:40"]);
    }

    [Fact]
    public void DefinitionUsedTwiceInALine_MentionsItselfNowhere() =>
        Reading.Clean("$B=x\n$A=${B}${B}\nglobal_defs {\nrouter_id ${A}$B\n}\n").Configuration.Global.RouterId.ShouldBe("xxx");

    [Fact]
    public void DefinitionsWithinDefinitions_OnAMillionLines_EndAtTheBudget()
    {
        KeepalivedReading reading = Reading.Of($"{Laughs}~SEQ(N, 1, 1000000) ${{A}}\n");
        reading.Problems.Select(p => p.Message).ShouldContain(m => m.Contains("the rest of them is left out"));
        reading.Expansion.Characters.ShouldBeInRange(LanguageLimits.ExpandedCharacters, LanguageLimits.ExpandedCharacters + (32 * LanguageLimits.ExpandedLine));
        reading.Expansion.Lines.ShouldBeLessThan(200_000);
    }

    [Fact]
    public void SequenceOfALineThatGrows_IsLeftOut()
    {
        // Each list multiplies the length of what follows it.
        var line = new StringBuilder("~LST(A,0123456789012345678901234567890123456789)");
        for (char name = 'B'; name < 'J'; name++) line.Append($"~LST({name},{string.Concat(Enumerable.Repeat($"${{{(char)(name - 1)}}}", 15))})");
        KeepalivedReading reading = Reading.Of($"{line} ${{I}}${{I}}\n");
        reading.Problems.Select(p => p.Message).ShouldContain($"a sequence makes a line of more than {LanguageLimits.ExpandedLine} characters: it is left out");
        reading.Expansion.Characters.ShouldBeLessThan(32 * LanguageLimits.ExpandedLine);
    }

    [Fact]
    public void FilesThatIncludeEachOtherTwice_EndAtTheMostFiles()
    {
        var files = new MemoryFiles(("t.conf", "include f1\ninclude f1\n"));
        for (int i = 1; i < 25; i++) files.Add($"f{i}", $"include f{i + 1}\ninclude f{i + 1}\n");
        files.Add("f25", "# end\n");
        KeepalivedReading reading = Reading.Of(files);
        KeepalivedDiagnostic problem = reading.Problems.Single(p => p.Severity == DiagnosticSeverity.Error);
        problem.Message.ShouldContain($"more than {LanguageLimits.OpenedFiles} files are opened");
        problem.Position.File.ShouldStartWith("f");
    }

    [Fact]
    public void ProblemOfALongLine_QuotesItsBeginning() =>
        Reading.Of($"$A={new string('x', 900)}\n{string.Concat(Enumerable.Repeat("${A}", 60))}\n").Problems[0].Message.Length.ShouldBe(LanguageLimits.DiagnosticText + 1);
}
