using NetVS.Control.Rules;
using NetVS.Director.Network;
using NetVS.Keepalived;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Language;
using NetVS.Rules.RulesFile;

namespace NetVS.Commands;

/// <summary><c>netvs check</c>: every problem of a rules file or of a keepalived.conf, without a daemon.</summary>
internal static class CheckCommand
{
    private const string Usage =
        "usage: netvs check -f FILE [--format text|json] [--offline] [--config-id ID]\n" +
        "       netvs check --rules FILE\n\n" +
        "Every problem of a keepalived.conf or of a rules file, with file, line and column. Needs no daemon, changes nothing.\n\n" +
        "  -f FILE               the keepalived.conf; what it includes is read too\n" +
        "      --format FORMAT   text on stderr (the default), or json on stdout\n" +
        "      --offline         do not look at this host's interfaces, users and scripts\n" +
        "  -i, --config-id ID    what @ID compares with (default: the host's name up to the first dot)\n" +
        "      --rules FILE      a rules file; - for standard input\n\n" +
        "Exit status of -f, as 'keepalived -t': 0 it loads, 2 a parameter is missing, 4 it cannot run, 5 it has errors, 6 its scripts\n" +
        "are not secure or an include found nothing; and 1 if the file cannot be read. Of --rules: 0 only if it would load.";

    /// <summary>The line of <c>check</c> in the table.</summary>
    public static Command Command { get; } = new("find every problem of a keepalived.conf or a rules file", Usage, args => Task.FromResult(Run(args)));

    /// <summary>Reads a keepalived.conf for a host.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isOffline">Whether this host does not matter.</param>
    /// <param name="id">The configuration id; null for the host's name.</param>
    /// <param name="waitsForInterfaces">Whether interfaces may come later.</param>
    public static KeepalivedReading Read(string file, bool isOffline, string? id, bool waitsForInterfaces = false) =>
        KeepalivedReader.Read(file, new ConfigurationFiles(), isOffline ? AnyHost.Instance : new ThisHost(waitsForInterfaces), new ReaderOptions
        {
            ConfigurationId = id ?? Environment.MachineName.Split('.')[0],
            WorkingDirectory = Environment.CurrentDirectory,
            FindVariable = Environment.GetEnvironmentVariable,
        });

    /// <summary>Prints problems for people.</summary>
    public static void Print(IReadOnlyList<KeepalivedDiagnostic> problems, int omitted)
    {
        foreach (KeepalivedDiagnostic problem in problems) Console.Error.Write(DiagnosticText.Format(problem) + "\n");
        if (omitted > 0) Console.Error.Write($"netvs: {omitted} more problems are not shown\n");
    }

    private static int Run(string[] arguments)
    {
        OptionReader options = OptionReader.Read(arguments, "--rules=", "-f=", "--format=", "--offline", "--config-id=|-i", "--help|-h");
        if (options["--help"] is not null)
        {
            Console.Write(Usage + "\n");
            return 0;
        }

        if (options.Problem is { } problem) return ClientCommand.Fail(problem, 2);
        bool hasRules = options["--rules"] is not null;
        if (hasRules == (options["-f"] is not null) || options.Operands.Count > 0)
            return ClientCommand.Fail("which file? give a keepalived.conf with -f FILE, or a rules file with --rules FILE", 2);
        if (options["--format"] is not (null or "text" or "json")) return ClientCommand.Fail($"there is no format '{options["--format"]}': text or json", 2);
        if (hasRules && (options["--format"] ?? options["--offline"] ?? options["--config-id"]) is not null)
            return ClientCommand.Fail("--format, --offline and --config-id belong to -f FILE", 2);
        return hasRules ? CheckRules(options["--rules"]!) : CheckKeepalived(options["-f"]!, options);
    }

    private static int CheckRules(string file)
    {
        if (RulesCommands.Read(file) is not { } text) return 1;
        IReadOnlyList<RuleDiagnostic> problems = RulesFileCheck.FindProblems(text, file, new SystemNames(), new NetworkState());
        foreach (RuleDiagnostic found in problems) Console.Error.Write($"{found}\n");
        return problems.Count == 0 ? 0 : 1;
    }

    private static int CheckKeepalived(string file, OptionReader options)
    {
        KeepalivedReading reading = Read(file, options["--offline"] is not null, options["--config-id"]);
        KeepalivedCheck check = WholeCheck.Of(reading).Whole;

        // keepalived -t says 0 for a file that is not there; who asks whether a file would load wants to know.
        int status = reading.IsUnread ? 1 : check.ExitStatus;
        if (options["--format"] == "json") Console.Write(DiagnosticJson.Format(file, status, check.Problems, reading.Omitted));
        else Print(check.Problems, reading.Omitted);
        return status;
    }
}
