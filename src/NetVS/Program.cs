namespace NetVS;

/// <summary>The executable: finds the command and hands over. Decides nothing itself.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        bool isIpvsadm = Path.GetFileName(Environment.GetCommandLineArgs()[0]) == "ipvsadm"
            || Environment.GetEnvironmentVariable("NETVS_PROGRAM") == "ipvsadm";
        if (isIpvsadm) args = ["ipvsadm", .. args];
        if (args.Length == 0 || !CommandTable.Commands.TryGetValue(args[0], out Command? command))
        {
            await Console.Error.WriteLineAsync(args.Length == 0
                ? "netvs: no command given: try 'netvs --help'"
                : $"netvs: unknown command '{args[0]}': try 'netvs --help'");
            return 2;
        }

        return await command.RunAsync(args[1..]);
    }
}
