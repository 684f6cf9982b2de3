namespace NetVS;

/// <summary>The table of commands: adding one is a file under Commands/ and a line here.</summary>
internal static class Commands
{
    /// <summary>Commands by name.</summary>
    public static IReadOnlyDictionary<string, Command> Table { get; } = new SortedDictionary<string, Command>(StringComparer.Ordinal)
    {
    };
}
