using NetVS.Daemon;

namespace NetVS.Commands;

/// <summary><c>netvs run</c>.</summary>
internal static class RunCommand
{
    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("run the director in the foreground", RunOptions.Usage, RunAsync);

    private static async Task<int> RunAsync(string[] arguments)
    {
        if (RunOptions.Parse(arguments, out RunOptions options) is { } problem) return ClientCommand.Fail(problem, 2);
        if (options.WantsHelp)
        {
            Console.Write(RunOptions.Usage + "\n");
            return 0;
        }

        try
        {
            return await DirectorDaemon.RunAsync(options);
        }
        catch (DaemonException e)
        {
            foreach (string line in e.Lines) Console.Error.Write(line + "\n");
            return 1;
        }
    }
}
