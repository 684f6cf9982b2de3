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
        string? directory = given is null ? null : Path.Combine(given, "keepalived");
        return directory is not null && File.Exists(Path.Combine(directory, "expect.tsv")) ? directory : null;
    }
}
