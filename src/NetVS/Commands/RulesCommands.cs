using NetVS.Api.Client;
using NetVS.Api.Contract;
using NetVS.Control.Rules;
using NetVS.Keepalived;
using NetVS.Rules;

namespace NetVS.Commands;

/// <summary><c>netvs plan</c>, <c>netvs reload</c> and <c>netvs reconcile</c>.</summary>
internal static class RulesCommands
{
    private const string PlanUsage =
        "usage: netvs plan -f FILE [--socket PATH]\n\n" +
        "What loading a file would change, as ipvsadm command lines, in their order; nothing is changed. Of a keepalived.conf the\n" +
        "virtual servers count, with every real server up; what NetVS does not do yet is said on stderr. What operators want by\n" +
        "hand and would stay (netvs server drain, weight, add --keep, delete --keep) follows as comments.\n\n" +
        "  -f, --rules FILE   a rules file (- for standard input), or a keepalived.conf\n" + ClientCommand.SocketUsage;

    private const string ReloadUsage =
        "usage: netvs reload [--socket PATH]\n\n" +
        "Has the daemon read its rules file again. Only what differs is changed; a file with a problem changes nothing.\n\n" +
        ClientCommand.SocketUsage;

    private const string ReconcileUsage =
        "usage: netvs reconcile [--dry-run] [--socket PATH]\n\n" +
        "Finds what somebody has changed behind the daemon's back, and puts it right: its rules, as its keepalived.conf and the\n" +
        "health checks have them, or its rules file; addresses, routes and policy rules of VRRP masters and static blocks.\n" +
        "Prints the steps as ipvsadm command lines, and what is no rule as comments. What operators want by hand and kept\n" +
        "(netvs server) is not touched.\n\n" +
        "      --dry-run      only prints it\n" + ClientCommand.SocketUsage;

    /// <summary>The line of <c>plan</c> in the table.</summary>
    public static Command Plan { get; } = new("what a rules file would change", PlanUsage, args =>
        ClientCommand.RunAsync(args, PlanUsage, ["--rules=|-f"], (0, 0), PlanAsync));

    /// <summary>The line of <c>reload</c> in the table.</summary>
    public static Command Reload { get; } = new("have the daemon read its rules file again", ReloadUsage, args =>
        ClientCommand.RunAsync(args, ReloadUsage, [], (0, 0), ReloadAsync));

    /// <summary>The line of <c>reconcile</c> in the table.</summary>
    public static Command Reconcile { get; } = new("put right what was changed behind the daemon's back", ReconcileUsage, args =>
        ClientCommand.RunAsync(args, ReconcileUsage, ["--dry-run"], (0, 0), ReconcileAsync));

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
        if (IsKeepalived(text))
        {
            if (ReadKeepalived(file) is not { } rules) return 1;

            // A keepalived.conf says nothing of mark rules: they stay as they are.
            ApiAnswer<MarkList> marks = await client.GetAsync("v1/marks", ApiJson.Default.MarkList);
            if (!marks.IsOk) return ClientCommand.Fail(marks.Problem);
            text = string.Concat(marks.Value.Marks.Select(m => $"mark {m}\n")) + rules;
        }

        HttpContent body = ApiClient.Body(new RulesBody { Text = text, File = file }, ApiJson.Default.RulesBody);
        int status = Print(await client.SendAsync(HttpMethod.Post, "v1/plan", body, ApiJson.Default.PlanReport));
        return status != 0 ? status : await PrintByHandAsync(client);
    }

    // As comments, so that what is printed is a rules file still.
    private static async Task<int> PrintByHandAsync(ApiClient client)
    {
        ApiAnswer<KeptList> kept = await client.GetAsync("v1/kept", ApiJson.Default.KeptList);
        if (!kept.IsOk) return ClientCommand.Fail(kept.Problem);
        ApiAnswer<OverrideList> overrides = await client.GetAsync("v1/overrides", ApiJson.Default.OverrideList);
        if (!overrides.IsOk) return ClientCommand.Fail(overrides.Problem);
        foreach (KeptReport k in kept.Value.Kept) Console.Write($"# by hand, and kept: {k.Rule}\n");
        foreach (OverrideReport o in overrides.Value.Overrides) Console.Write($"# by hand, and kept: {o.Real} in {o.Service}: {ServerOverrides.Explain(o)}\n");
        return 0;
    }

    // A rules file's lines begin with an option, or with the word ipvsadm or mark.
    private static bool IsKeepalived(string text)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> trimmed = line.Trim();
            if (trimmed.IsEmpty || trimmed[0] == '#') continue;
            return trimmed[0] != '-' && !trimmed.StartsWith("ipvsadm") && !trimmed.StartsWith("mark ");
        }

        return false;
    }

    private static string? ReadKeepalived(string file)
    {
        if (file == "-")
        {
            ClientCommand.Fail("a keepalived.conf is read from a file, not from standard input: give its name", 1);
            return null;
        }

        KeepalivedReading reading = CheckCommand.Read(file, isOffline: false, id: null);
        KeepalivedCheck check = WholeCheck.Of(reading).Whole;
        CheckCommand.Print(check.Problems, reading.Omitted);
        if (reading.IsUnread) return null;
        return string.Concat(RuleSetDiff.Between(RuleSet.Empty, check.Rules).Select(step => $"{step}\n"));
    }

    private static async Task<int> ReloadAsync(OptionReader options, ApiClient client) =>
        Print(await client.SendAsync(HttpMethod.Post, "v1/reload", null, ApiJson.Default.PlanReport));

    private static async Task<int> ReconcileAsync(OptionReader options, ApiClient client) =>
        Print(await client.SendAsync(HttpMethod.Post, options["--dry-run"] is null ? "v1/reconcile" : "v1/reconcile?dry_run=true", null, ApiJson.Default.PlanReport));

    private static int Print(ApiAnswer<PlanReport> answer)
    {
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        foreach (string change in answer.Value.Changes) Console.Write(change + "\n");
        if (answer.Value.Changes.Length == 0) Console.Error.Write("netvs: nothing differs\n");
        return 0;
    }
}
