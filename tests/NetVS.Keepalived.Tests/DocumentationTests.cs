using System.Text;
using NetVS.Keepalived.Keywords;
using NetVS.Keepalived.Tables;

namespace NetVS.Keepalived.Tests;

/// <summary>The list of keywords in docs/keepalived.md is that of the tables.</summary>
public sealed class DocumentationTests
{
    /// <summary>With this variable set, the list is written instead of compared.</summary>
    public const string Variable = "NETVS_REWRITE_DOCS";

    private const string Begin = "<!-- keywords: begin -->\n";
    private const string End = "<!-- keywords: end -->\n";

    [Fact]
    public void ListOfKeywords_IsThatOfTheTables()
    {
        string file = Path.Combine(RepositoryRoot(), "docs", "keepalived.md");
        string text = File.ReadAllText(file);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        string list = List();
        if (Environment.GetEnvironmentVariable(Variable) is not null) File.WriteAllText(file, text[..begin] + list + text[end..]);
        else text[begin..end].ShouldBe(list, $"set {Variable}=1 to write it anew");
    }

    [Fact]
    public void EveryKeyword_IsActedOnRefusedOrReported() =>
        AllTables.Tables.SelectMany(t => t.Keywords.Where(k => k.Value == KeywordSupport.Unknown).Select(k => $"{t.Name}: {k.Key}")).ShouldBeEmpty();

    private static string List()
    {
        var list = new StringBuilder("| block | reaches the rules | acted on while running | refused by name | no effect, reported |\n|---|---|---|---|---|\n");
        foreach (IKeywordTable table in AllTables.Tables)
            list.Append($"| {table.Name} | {Names(table, KeywordSupport.Applied)} | {Names(table, KeywordSupport.Run)} | {Names(table, KeywordSupport.Refused)} | {Names(table, KeywordSupport.Unsupported)} |\n");
        return list.ToString();
    }

    private static string Names(IKeywordTable table, KeywordSupport support) =>
        string.Join(" ", table.Keywords.Where(k => k.Value == support).Select(k => $"`{k.Key}`"));

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("not inside the repository");
    }
}
