namespace NetVS.Keepalived.Tests;

/// <summary>The recorded answers of the real program, where they are at hand.</summary>
internal static class Corpus
{
    public const string Variable = "NETVS_CORPUS";

    /// <summary>Its keepalived directory, or null.</summary>
    public static string? Directory { get; } = Find();

    private static string? Find()
    {
        string? given = Environment.GetEnvironmentVariable(Variable);
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        string[] candidates = given is not null ? [given] : folder is null ? [] : [Path.Combine(folder, "..", "shared", "corpus")];
        return candidates.Select(c => Path.Combine(c, "keepalived")).FirstOrDefault(c => File.Exists(Path.Combine(c, "expect.tsv")));
    }
}
