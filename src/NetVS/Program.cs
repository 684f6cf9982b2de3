using NetVS.Control;

namespace NetVS;

/// <summary>The executable: finds the command and hands over. Decides nothing itself.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        // A symlink named ipvsadm, or a wrapper that says so, makes the program ipvsadm.
        bool isIpvsadm = Path.GetFileName(Environment.GetCommandLineArgs()[0]) == "ipvsadm"
            || Path.GetFileName(InvokedAs()) == "ipvsadm"
            || Environment.GetEnvironmentVariable("NETVS_PROGRAM") == "ipvsadm";
        if (isIpvsadm) args = ["ipvsadm", .. args];
        switch (args)
        {
            case []:
                await Console.Error.WriteAsync("netvs: no command given: try 'netvs --help'\n");
                return 2;
            case ["--help" or "-h" or "help", ..]:
                await Console.Out.WriteAsync(Usage());
                return 0;
            case ["--version" or "-V" or "version", ..]:
                await Console.Out.WriteAsync($"netvs {DirectorControl.Version}\n");
                return 0;
        }

        if (CommandTable.Commands.TryGetValue(args[0], out Command? command)) return await command.RunAsync(args[1..]);
        string what = args[0].StartsWith('-') ? "option" : "command";
        await Console.Error.WriteAsync($"netvs: unknown {what} '{args[0]}': try 'netvs --help'\n");
        return 2;
    }

    private static string Usage()
    {
        var text = new System.Text.StringBuilder("usage: netvs COMMAND [ARGUMENTS]\n\nNetVS is Linux Virtual Server on .NET: a layer-4 load balancer.\n\n");
        foreach ((string name, Command command) in CommandTable.Commands) text.Append($"  {name,-12} {command.Summary}\n");
        return text.Append("\n'netvs COMMAND --help' says more. Under the name ipvsadm the program is ipvsadm.\n").ToString();
    }

    // The name the program was run by: the runtime's own first argument is the resolved file.
    private static string InvokedAs()
    {
        try
        {
            string line = File.ReadAllText("/proc/self/cmdline");
            int end = line.IndexOf('\0', StringComparison.Ordinal);
            return end < 0 ? line : line[..end];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
