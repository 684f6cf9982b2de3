using NetVS.Api.Server;

namespace NetVS.Tests.Api;

/// <summary>docs/openapi.yaml describes the operations that there are, and no others.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_AndTable_HoldTheSameOperations()
    {
        await using TestDaemon daemon = await TestDaemon.StartAsync();
        string[] mapped = [.. ApiRoutes.Of(daemon.Control, _ => null).Select(r => $"{r.Method} {r.Path}").Order(StringComparer.Ordinal)];
        ReadDocument().Order(StringComparer.Ordinal).ShouldBe(mapped);
    }

    [Fact]
    public void Document_RefersOnlyToWhatItDefines()
    {
        string[] lines = File.ReadAllLines(FindDocument());
        int components = Array.IndexOf(lines, "components:");
        string[] defined = [.. lines.Skip(components).Where(l => l.StartsWith("    ") && l.Length > 4 && l[4] != ' ').Select(l => l.Trim().TrimEnd(':'))];
        foreach (string line in lines.Where(l => l.Contains("$ref:")))
            defined.ShouldContain(line[(line.LastIndexOf('/') + 1)..].Trim(' ', '"', '\'', '}'), line);
    }

    // Paths stand at two blanks, operations at four, by the document's own layout.
    private static IEnumerable<string> ReadDocument()
    {
        string path = "";
        bool isInPaths = false;
        foreach (string line in File.ReadLines(FindDocument()))
        {
            if (line.Length > 0 && line[0] != ' ') isInPaths = line == "paths:";
            if (!isInPaths) continue;
            if (line.StartsWith("  /", StringComparison.Ordinal)) path = line.Trim().TrimEnd(':');
            if (line is "    get:" or "    put:" or "    post:" or "    delete:") yield return $"{line.Trim().TrimEnd(':').ToUpperInvariant()} {path}";
        }
    }

    private static string FindDocument()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder.ShouldNotBeNull(), "docs", "openapi.yaml");
    }
}
