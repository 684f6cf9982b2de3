namespace NetVS.Commands;

/// <summary>A command that prints one of a few texts.</summary>
internal static class PrintingCommand
{
    /// <summary>Runs it.</summary>
    /// <param name="arguments">The words after the command: the name of a text.</param>
    /// <param name="usage">The text of --help.</param>
    /// <param name="texts">The texts by their names.</param>
    public static int Run(string[] arguments, string usage, Dictionary<string, Func<string>> texts)
    {
        switch (arguments)
        {
            case ["-h" or "--help", ..]:
                Console.Write(usage + "\n");
                return 0;
            case [var name] when texts.TryGetValue(name, out Func<string>? text):
                Console.Write(text());
                return 0;
            case [var name]:
                return ClientCommand.Fail($"there is no '{name}': say {string.Join(" or ", texts.Keys)}", 2);
            default:
                return ClientCommand.Fail($"say {string.Join(" or ", texts.Keys)}: try --help", 2);
        }
    }
}
