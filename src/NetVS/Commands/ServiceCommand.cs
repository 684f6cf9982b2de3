using System.Globalization;
using System.Text;
using NetVS.Api.Client;
using NetVS.Api.Contract;
using NetVS.Rules;

namespace NetVS.Commands;

/// <summary><c>netvs service</c>: ipvsadm's commands on services, in words.</summary>
internal static class ServiceCommand
{
    private static readonly string s_usage =
        "usage: netvs service list [SERVICE] [--json]\n" +
        "       netvs service add SERVICE [OPTIONS]\n" +
        "       netvs service edit SERVICE OPTIONS\n" +
        "       netvs service delete SERVICE\n" +
        "       netvs service zero [SERVICE]\n" +
        "       netvs service clear\n\n" +
        "Virtual services. 'edit' changes what is named and leaves the rest; 'zero' resets counters; 'clear' deletes every service.\n\n" +
        RuleOptions.ServiceUsage + JsonOutput.Usage + ClientCommand.SocketUsage;

    /// <summary>The line in the table.</summary>
    public static Command Command { get; } = new("virtual services: list, add, edit, delete", s_usage, args =>
        ClientCommand.RunAsync(args, s_usage, [.. RuleOptions.OfService, "--json"], (1, 2), RunAsync));

    private static Task<int> RunAsync(OptionReader options, ApiClient client)
    {
        List<string> words = options.Operands;
        if (options["--json"] is not null && words[0] != "list") return Fail("--json belongs to 'netvs service list'");
        if (words[0] is not ("add" or "edit") && options.FirstOf(RuleOptions.OfService) is { } option) return Fail($"{option} belongs to 'netvs service add' and 'edit'");
        return words switch
        {
            ["list", ..] => ListAsync(words.ElementAtOrDefault(1), options["--json"] is not null, client),
            ["add", var service] => AddAsync(service, options, client),
            ["edit", var service] => EditAsync(service, options, client),
            ["delete", var service] => RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Delete, RuleRequests.PathOf(service))),
            ["zero"] => RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Post, "v1/zero")),
            ["zero", var service] => RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Post, RuleRequests.PathOf(service) + "/zero")),
            ["clear"] => RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Delete, "v1/services")),
            ["add" or "edit" or "delete"] => Fail($"'netvs service {words[0]}' of what? name a service: try --help"),
            _ => Fail($"'{string.Join(' ', words)}' is no command of 'netvs service': try --help"),
        };
    }

    private static async Task<int> ListAsync(string? service, bool asJson, ApiClient client)
    {
        ApiAnswer<ServiceList> answer = await RuleRequests.ListAsync(client, service);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        if (asJson) return JsonOutput.Print(answer.Value, ApiJson.Default.ServiceList);
        Console.Write(Format(answer.Value));
        return 0;
    }

    private static Task<int> AddAsync(string service, OptionReader options, ApiClient client)
    {
        var body = new ServiceBody { Service = service };
        return RuleOptions.Take(options, body) is { } problem
            ? Fail(problem)
            : RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Post, "v1/services", ApiClient.Body(body, ApiJson.Default.ServiceBody)));
    }

    private static async Task<int> EditAsync(string service, OptionReader options, ApiClient client)
    {
        if (options.FirstOf(RuleOptions.OfService) is null) return await Fail("'netvs service edit' changes nothing without an option: try --help");
        ApiAnswer<ServiceReport> answer = await client.GetAsync(RuleRequests.PathOf(service), ApiJson.Default.ServiceReport);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        ServiceBody body = RuleMapping.ToBody(RuleMapping.ToRule(answer.Value));
        return RuleOptions.Take(options, body) is { } problem
            ? await Fail(problem)
            : await RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Put, RuleRequests.PathOf(service), ApiClient.Body(body, ApiJson.Default.ServiceBody)));
    }

    /// <summary>The list for people.</summary>
    internal static string Format(ServiceList list)
    {
        var text = new StringBuilder();
        foreach (ServiceReport s in list.Services.OrderBy(s => s.Service, StringComparer.Ordinal))
        {
            var words = new List<string> { s.Scheduler };
            if (s.Flags.Length > 0) words.Add($"({string.Join(", ", s.Flags)})");
            if (s.Persistence is { } seconds) words.Add($"persistence {Duration.Format(TimeSpan.FromSeconds(seconds))}");
            if (s.Netmask is { } netmask) words.Add($"netmask {netmask}");
            if (s.PersistenceEngine is { } engine) words.Add($"engine {engine}");
            if (s.OnePacket) words.Add("one-packet");
            foreach ((string name, string value) in s.Options ?? []) words.Add(value == ServiceOptionSpec.On ? name : $"{name} {value}");
            text.Append(CultureInfo.InvariantCulture, $"{s.Service,-28} {string.Join(' ', words)}\n");
            text.Append(ServerCommand.Format(s.Destinations));
            if (s.LocalAddresses.Length > 0) text.Append(CultureInfo.InvariantCulture, $"  local addresses {string.Join(", ", s.LocalAddresses.Select(l => l.Address))}\n");
        }

        return text.ToString();
    }

    private static Task<int> Fail(string message) => Task.FromResult(ClientCommand.Fail(message, 2));
}
