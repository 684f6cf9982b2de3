using NetVS.Api.Client;
using NetVS.Api.Contract;
using NetVS.Control.Rules;
using NetVS.Director.Network;
using NetVS.Rules.RulesFile;

namespace NetVS.Commands;

/// <summary><c>netvs plan</c>, <c>netvs reload</c> and <c>netvs check</c>.</summary>
internal static class RulesCommands
{
    private const string PlanUsage =
        "usage: netvs plan -f FILE [--socket PATH]\n\n" +
        "What loading a rules file would change, as ipvsadm command lines, in their order; nothing is changed.\n\n" +
        "  -f, --rules FILE   the rules file; - for standard input\n" + ClientCommand.SocketUsage;

    private const string ReloadUsage =
        "usage: netvs reload [--socket PATH]\n\n" +
        "Has the daemon read its rules file again. Only what differs is changed; a file with a problem changes nothing.\n\n" +
        ClientCommand.SocketUsage;

    private const string CheckUsage =
        "usage: netvs check --rules FILE\n\n" +
        "Every problem of a rules file, with file, line and column. Exit status 0 only if it would load. Needs no daemon.\n\n" +
        "      --rules FILE   the rules file; - for standard input";

    /// <summary>The line of <c>plan</c> in the table.</summary>
    public static Command Plan { get; } = new("what a rules file would change", args =>
        ClientCommand.RunAsync(args, PlanUsage, ["--rules=|-f"], (0, 0), PlanAsync));

    /// <summary>The line of <c>reload</c> in the table.</summary>
    public static Command Reload { get; } = new("have the daemon read its rules file again", args =>
        ClientCommand.RunAsync(args, ReloadUsage, [], (0, 0), ReloadAsync));

    /// <summary>The line of <c>check</c> in the table.</summary>
    public static Command Check { get; } = new("find every problem of a rules file", args => Task.FromResult(RunCheck(args)));

    /// <summary>Reads a file, or standard input for a dash.</summary>
    /// <returns>The text, or null after a complaint.</returns>
    internal static string? Read(string file)
    {
        try
        {
            return file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            ClientCommand.Fail($"the rules file cannot be read: {e.Message}", 1);
            return null;
        }
    }

    private static async Task<int> PlanAsync(OptionReader options, ApiClient client)
    {
        if (options["--rules"] is not { } file) return ClientCommand.Fail("which file? give it with -f FILE", 2);
        if (Read(file) is not { } text) return 1;
        HttpContent body = ApiClient.Body(new RulesBody { Text = text, File = file }, ApiJson.Default.RulesBody);
        return Print(await client.SendAsync(HttpMethod.Post, "v1/plan", body, ApiJson.Default.PlanReport));
    }

    private static async Task<int> ReloadAsync(OptionReader options, ApiClient client) =>
        Print(await client.SendAsync(HttpMethod.Post, "v1/reload", null, ApiJson.Default.PlanReport));

    private static int Print(ApiAnswer<PlanReport> answer)
    {
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        foreach (string change in answer.Value.Changes) Console.Write(change + "\n");
        if (answer.Value.Changes.Length == 0) Console.Error.Write("netvs: nothing differs\n");
        return 0;
    }

    private static int RunCheck(string[] arguments)
    {
        OptionReader options = OptionReader.Read(arguments, "--rules=", "-f=", "--help|-h");
        if (options["--help"] is not null)
        {
            Console.Write(CheckUsage + "\n");
            return 0;
        }

        if (options.Problem is { } problem) return ClientCommand.Fail(problem, 2);
        if (options["-f"] is not null) return ClientCommand.Fail("keepalived.conf is not read yet: write the rules as a rules file and give it with --rules", 2);
        if (options["--rules"] is not { } file || options.Operands.Count > 0) return ClientCommand.Fail("which file? give it with --rules FILE", 2);
        if (Read(file) is not { } text) return 1;
        IReadOnlyList<RuleDiagnostic> problems = RulesFileCheck.FindProblems(text, file, new SystemNames(), new NetworkState());
        foreach (RuleDiagnostic found in problems) Console.Error.Write($"{found}\n");
        return problems.Count == 0 ? 0 : 1;
    }
}
