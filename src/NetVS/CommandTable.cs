using NetVS.Commands;

namespace NetVS;

/// <summary>The table of commands: adding one is a file under Commands/ and a line here.</summary>
internal static class CommandTable
{
    /// <summary>Commands by name.</summary>
    public static IReadOnlyDictionary<string, Command> Commands { get; } = new SortedDictionary<string, Command>(StringComparer.Ordinal)
    {
        ["lab"] = LabCommand.Command,
        ["replay"] = ReplayCommand.Command,
        ["realserver"] = RealServerCommand.Command,
    };
}
