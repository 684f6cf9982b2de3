using System.Text.RegularExpressions;

namespace NetVS.Architecture.Tests;

/// <summary>What docs/ipvs-parity.md names as a proof is there: test classes, test methods, golden fixtures and scenarios.</summary>
public sealed partial class NamedProofTests
{
    private static readonly string s_root = LayerTests.RepositoryRoot();
    private static readonly string s_document = File.ReadAllText(Path.Combine(s_root, "docs", "ipvs-parity.md"));

    [GeneratedRegex(@"`([A-Z]\w*Tests)(?:\.(\w+))?`")]
    private static partial Regex TestName { get; }

    [GeneratedRegex(@"golden ((?:`[^`]+`(?: \(recorded\))?,? ?)+)")]
    private static partial Regex GoldenNames { get; }

    [GeneratedRegex(@"compared: ((?:`[^`]+`,? ?)+)")]
    private static partial Regex ScenarioNames { get; }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted { get; }

    [Fact]
    public void EveryTestThatIsNamed_IsThere()
    {
        ILookup<string, string> sources = Directory.GetFiles(Path.Combine(s_root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(f => Path.GetFileNameWithoutExtension(f)!, File.ReadAllText);
        MatchCollection names = TestName.Matches(s_document);
        names.Count.ShouldBeGreaterThan(100);
        names.Where(n => !sources[n.Groups[1].Value].Any(s => !n.Groups[2].Success || s.Contains($" {n.Groups[2].Value}(", StringComparison.Ordinal)))
            .Select(n => n.Value).ShouldBeEmpty();
    }

    [Fact]
    public void EveryFixtureThatIsNamed_IsThere()
    {
        string golden = Path.Combine(s_root, "tests", "NetVS.Golden");
        string[] names = [.. GoldenNames.Matches(s_document).SelectMany(m => Quoted.Matches(m.Groups[1].Value)).Select(q => q.Groups[1].Value).Where(n => !n.Contains("Tests", StringComparison.Ordinal) && !n.StartsWith("netvs ", StringComparison.Ordinal))];
        names.Length.ShouldBeGreaterThan(50);
        names.Where(n => !IsThere(golden, n, ".golden") && !Directory.Exists(Path.Combine(golden, n))).ShouldBeEmpty();
        string[] scenarios = [.. ScenarioNames.Matches(s_document).SelectMany(m => Quoted.Matches(m.Groups[1].Value)).Select(q => q.Groups[1].Value)];
        scenarios.Length.ShouldBeGreaterThan(20);
        scenarios.Where(n => !IsThere(golden, Path.Combine("scenarios", n), ".scenario")).ShouldBeEmpty();
    }

    private static bool IsThere(string folder, string name, string extension)
    {
        string path = Path.Combine(folder, name + extension);
        return Directory.Exists(Path.GetDirectoryName(path)) && Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path)).Any();
    }
}
