using System.Globalization;
using NetVS.Api.Client;
using NetVS.Api.Contract;
using NetVS.Rules;

namespace NetVS.Commands;

/// <summary><c>netvs mark</c>: the rules that give packets a firewall mark.</summary>
internal static class MarkCommand
{
    private const string Usage =
        "usage: netvs mark list [--json] [--socket PATH]\n" +
        "       netvs mark add PROTOCOL DESTINATION PORTS MARK [--at N] [--socket PATH]\n" +
        "       netvs mark del PROTOCOL DESTINATION PORTS MARK | N [--socket PATH]\n" +
        "       netvs mark clear [--socket PATH]\n\n" +
        "Gives packets a firewall mark, by which a service 'ipvsadm -A -f MARK' takes them. The first rule that matches decides.\n\n" +
        "  PROTOCOL     tcp, udp, sctp, or any for all three\n" +
        "  DESTINATION  an address or a prefix: 192.0.2.10, 192.0.2.0/24, 2001:db8::/64\n" +
        "  PORTS        a destination port, a range FIRST-LAST, or any\n" +
        "  MARK         1 to 4294967295; 0 exempts packets from the rules behind\n" +
        "      --at N   put it before rule N of the list instead of at the end\n" + JsonOutput.Usage + ClientCommand.SocketUsage;

    /// <summary>The line in the table.</summary>
    public static Command Command { get; } = new("firewall marks", Usage, args => ClientCommand.RunAsync(args, Usage, ["--at=", "--json"], (1, 5), RunAsync));

    private static Task<int> RunAsync(OptionReader options, ApiClient client)
    {
        List<string> words = options.Operands;
        if (options["--at"] is not null && words[0] != "add") return Task.FromResult(ClientCommand.Fail("--at belongs to 'netvs mark add'", 2));
        if (options["--json"] is not null && words[0] != "list") return Task.FromResult(ClientCommand.Fail("--json belongs to 'netvs mark list'", 2));
        return words switch
        {
            ["list"] => ListAsync(options["--json"] is not null, client),
            ["add", ..] => AddAsync(words[1..], options["--at"], client),
            ["del", var number] => DeleteAtAsync(number, client),
            ["del", ..] => DeleteAsync(words[1..], client),
            ["clear"] => FinishAsync(client.SendAsync(HttpMethod.Put, "v1/marks", ApiClient.Body(new MarkList([]), ApiJson.Default.MarkList))),
            _ => Task.FromResult(ClientCommand.Fail($"'{string.Join(' ', words)}' is no command of 'netvs mark': try --help", 2)),
        };
    }

    private static async Task<int> ListAsync(bool asJson, ApiClient client)
    {
        ApiAnswer<MarkList> answer = await client.GetAsync("v1/marks", ApiJson.Default.MarkList);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        if (asJson) return JsonOutput.Print(answer.Value, ApiJson.Default.MarkList);
        for (int i = 0; i < answer.Value.Marks.Length; i++) Console.Write(string.Create(CultureInfo.InvariantCulture, $"{i + 1,4}  {answer.Value.Marks[i]}\n"));
        return 0;
    }

    private static Task<int> AddAsync(List<string> words, string? at, ApiClient client)
    {
        if (!MarkRule.TryParse(words, out MarkRule? rule, out string? problem)) return Task.FromResult(ClientCommand.Fail(problem, 2));
        int position = 0;
        if (at is not null && !(int.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out position) && position > 0))
            return Task.FromResult(ClientCommand.Fail($"--at: '{at}' is no place in the list: the first is 1", 2));
        var body = new MarkBody { Rule = rule.ToString(), Position = at is null ? null : position };
        return FinishAsync(client.SendAsync(HttpMethod.Post, "v1/marks", ApiClient.Body(body, ApiJson.Default.MarkBody)));
    }

    private static Task<int> DeleteAsync(List<string> words, ApiClient client) => MarkRule.TryParse(words, out MarkRule? rule, out string? problem)
        ? FinishAsync(client.SendAsync(HttpMethod.Delete, PathOf(rule.ToString())))
        : Task.FromResult(ClientCommand.Fail(problem, 2));

    // By its words, so that nobody's rule goes who has moved up meanwhile.
    private static async Task<int> DeleteAtAsync(string number, ApiClient client)
    {
        ApiAnswer<MarkList> answer = await client.GetAsync("v1/marks", ApiJson.Default.MarkList);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        string[] marks = answer.Value.Marks;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int at) && at >= 1 && at <= marks.Length
            ? await FinishAsync(client.SendAsync(HttpMethod.Delete, PathOf(marks[at - 1])))
            : ClientCommand.Fail($"there is no mark rule '{number}': 'netvs mark list' numbers them", 1);
    }

    private static string PathOf(string rule) => "v1/marks?rule=" + Uri.EscapeDataString(rule);

    private static async Task<int> FinishAsync(Task<ProblemBody?> request) => await request is { } problem ? ClientCommand.Fail(problem) : 0;
}
