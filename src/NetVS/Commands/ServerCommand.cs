using System.Globalization;
using System.Text;
using NetVS.Rules;
using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary><c>netvs server</c>: ipvsadm's commands on real servers in words; and draining, which ipvsadm does not have.</summary>
internal static class ServerCommand
{
    private const string Usage =
        "usage: netvs server list [SERVICE] [--json]\n" +
        "       netvs server add SERVICE REAL [OPTIONS] [--keep]\n" +
        "       netvs server edit SERVICE REAL OPTIONS\n" +
        "       netvs server delete SERVICE REAL [--keep]\n" +
        "       netvs server drain SERVER [--service SERVICE] [--deadline TIME] [--persistence keep|release] [--watch]\n" +
        "       netvs server disable SERVER [--service SERVICE]\n" +
        "       netvs server weight SERVER N [--service SERVICE]\n" +
        "       netvs server restore SERVER [--service SERVICE]\n\n" +
        "Real servers. 'edit' changes what is named and leaves the rest. The last four are in force whatever the rules say, across\n" +
        "reloads and health checks, until 'restore', or until the server is added, edited or deleted by hand:\n" +
        "  drain     no new connections; UDP moves to other servers at once, TCP and SCTP connections may end by themselves\n" +
        "  disable   no new connections, and those there are end now: a drain whose deadline has come\n" +
        "  weight    another weight than the rules say\n\n" +
        "  SERVER              an address, in all its services, or with its port: 10.0.0.1, 10.0.0.1:80, [2001:db8::a]:80\n" +
        "      --keep          it stays added, or deleted, across reloads and health checks, until it is changed by hand again;\n" +
        "                      without it the next reload makes it as the file says\n" +
        "      --service S     only in this service\n" +
        "      --deadline TIME end the connections that are left after this time: 90, 10m, 2h\n" +
        "      --persistence P keep (the default): clients with persistence still come, until the deadline; release: they do not\n" +
        "      --watch         tell how many connections are left until there are none, or the deadline has come\n\n" +
        "  SERVICE             tcp:192.0.2.10:80, udp:[2001:db8::10]:53, fwm:7: as 'netvs service' has it\n" +
        RuleOptions.ServerUsage + JsonOutput.Usage + ClientCommand.SocketUsage;

    private static readonly string[] s_drainOptions = ["--deadline=", "--persistence=", "--watch"];

    /// <summary>The line in the table.</summary>
    public static Command Command { get; } = new("real servers: list, add, edit, delete, drain", Usage, args => ClientCommand.RunAsync(
        args, Usage, [.. RuleOptions.OfServer, .. s_drainOptions, "--service=", "--json", "--keep"], (1, 3), RunAsync));

    private static Task<int> RunAsync(OptionReader options, ApiClient client)
    {
        List<string> words = options.Operands;
        if (Misplaced(words[0], options) is { } problem) return Fail(problem);
        return words switch
        {
            ["list"] or ["list", _] => ListAsync(words.ElementAtOrDefault(1), options["--json"] is not null, client),
            ["add", var service, var real] => AddAsync(service, real, options, client),
            ["edit", var service, var real] => EditAsync(service, real, options, client),
            ["delete", var service, var real] => RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Delete, RuleRequests.PathOf(service, real) + Keep(options))),
            ["drain", var server] => DrainAsync(server, options, client),
            ["disable", var server] => ServerOverrides.SetAsync(client, server, options["--service"], new OverrideBody { Drain = true, DeadlineSeconds = 0 }),
            ["weight", var server, var weight] => int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? ServerOverrides.SetAsync(client, server, options["--service"], new OverrideBody { Weight = number })
                : Fail($"'{weight}' is no weight: write a number from 0 on"),
            ["restore", var server] => ServerOverrides.RemoveAsync(client, server, options["--service"]),
            ["add" or "edit" or "delete" or "drain" or "disable" or "weight" or "restore", ..] => Fail($"'netvs server {words[0]}' wants {Wanted(words[0])}: try --help"),
            _ => Fail($"'{string.Join(' ', words)}' is no command of 'netvs server': try --help"),
        };
    }

    private static string? Misplaced(string command, OptionReader options)
    {
        if (options["--json"] is not null && command != "list") return "--json belongs to 'netvs server list'";
        if (options["--keep"] is not null && command is not ("add" or "delete")) return "--keep belongs to 'netvs server add' and 'delete'";
        if (command is not ("add" or "edit") && options.FirstOf(RuleOptions.OfServer) is { } rule) return $"{rule} belongs to 'netvs server add' and 'edit'";
        if (command != "drain" && options.FirstOf(s_drainOptions) is { } drain) return $"{drain} belongs to 'netvs server drain'";
        return command is not ("drain" or "disable" or "weight" or "restore") && options["--service"] is not null
            ? $"--service does not belong to 'netvs server {command}', whose first word is the service"
            : null;
    }

    private static string Keep(OptionReader options) => options["--keep"] is null ? "" : "?keep=true";

    private static string Wanted(string command) => command switch
    {
        "weight" => "a server and a weight",
        "add" or "edit" or "delete" => "a service and a real server",
        _ => "a server",
    };

    private static async Task<int> ListAsync(string? service, bool asJson, ApiClient client)
    {
        ApiAnswer<ServiceList> answer = await RuleRequests.ListAsync(client, service);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        if (asJson) return JsonOutput.Print(answer.Value, ApiJson.Default.ServiceList);
        ApiAnswer<OverrideList> overrides = await client.GetAsync("v1/overrides", ApiJson.Default.OverrideList);
        if (!overrides.IsOk) return ClientCommand.Fail(overrides.Problem);
        var text = new StringBuilder();
        foreach (ServiceReport s in answer.Value.Services.OrderBy(s => s.Service, StringComparer.Ordinal))
            text.Append(s.Service).Append('\n').Append(Format(s.Destinations));
        HashSet<(string, string)> known = [.. answer.Value.Services.SelectMany(s => s.Destinations.Select(d => (s.Service, d.Real)))];
        foreach (OverrideReport o in overrides.Value.Overrides.Where(o => (service is null || o.Service == service) && !known.Contains((o.Service, o.Real))))
            text.Append(CultureInfo.InvariantCulture, $"not among the rules now: {o.Real} in {o.Service}, {ServerOverrides.Explain(o)} when it returns\n");
        ApiAnswer<KeptList> kept = await client.GetAsync("v1/kept", ApiJson.Default.KeptList);
        if (!kept.IsOk) return ClientCommand.Fail(kept.Problem);
        foreach (KeptReport k in kept.Value.Kept.Where(k => service is null || k.Service == service))
            text.Append(CultureInfo.InvariantCulture, $"kept by hand: {k.Real} in {k.Service} is {(k.Added ? "added" : "deleted")}, whatever the file says\n");
        Console.Write(text);
        return 0;
    }

    /// <summary>The real servers of a service for people, one a line.</summary>
    internal static string Format(IEnumerable<DestinationReport> destinations)
    {
        var text = new StringBuilder();
        foreach (DestinationReport d in destinations)
        {
            string method = d.Tunnel is { } t ? $"tun/{t.Type}" : d.Method;
            text.Append(CultureInfo.InvariantCulture, $"  {d.Real,-26} {method,-8} weight {d.Weight}, {d.ActiveConnections} active, {d.InactiveConnections} inactive");
            if (d.PersistentConnections > 0) text.Append(CultureInfo.InvariantCulture, $", {d.PersistentConnections} persistent");
            if (d.UpperThreshold > 0) text.Append(CultureInfo.InvariantCulture, $", at most {d.UpperThreshold}{(d.Overloaded ? ": overloaded" : "")}");
            if (d.Override is { } o) text.Append(CultureInfo.InvariantCulture, $"; by hand: {ServerOverrides.Explain(o)} (its rule: weight {d.ConfiguredWeight})");
            text.Append('\n');
        }

        return text.ToString();
    }

    private static Task<int> AddAsync(string service, string real, OptionReader options, ApiClient client)
    {
        var body = new DestinationBody { Real = real };
        return RuleOptions.Take(options, body) is { } problem
            ? Fail(problem)
            : RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Post, RuleRequests.PathOf(service) + "/destinations" + Keep(options), ApiClient.Body(body, ApiJson.Default.DestinationBody)));
    }

    private static async Task<int> EditAsync(string service, string real, OptionReader options, ApiClient client)
    {
        if (options.FirstOf(RuleOptions.OfServer) is null) return await Fail("'netvs server edit' changes nothing without an option: try --help");
        ApiAnswer<ServiceReport> answer = await client.GetAsync(RuleRequests.PathOf(service), ApiJson.Default.ServiceReport);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        if (Array.Find(answer.Value.Destinations, d => d.Real == real) is not { } destination) return ClientCommand.Fail($"{service} has no real server {real}", 1);
        DestinationBody body = RuleMapping.ToBody(RuleMapping.ToRule(destination) with { Weight = destination.ConfiguredWeight });
        return RuleOptions.Take(options, body) is { } problem
            ? await Fail(problem)
            : await RuleRequests.FinishAsync(client.SendAsync(HttpMethod.Put, RuleRequests.PathOf(service, real), ApiClient.Body(body, ApiJson.Default.DestinationBody)));
    }

    private static async Task<int> DrainAsync(string server, OptionReader options, ApiClient client)
    {
        TimeSpan deadline = default;
        if (options["--deadline"] is { } time && !Duration.TryParse(time, out deadline)) return await Fail($"--deadline: '{time}' is no time: {Duration.Spellings}");
        if (options["--persistence"] is not (null or "keep" or "release")) return await Fail($"--persistence: '{options["--persistence"]}' is neither keep nor release");
        int status = await ServerOverrides.SetAsync(client, server, options["--service"], new OverrideBody
        {
            Drain = true,
            ReleasePersistence = options["--persistence"] == "release",
            DeadlineSeconds = options["--deadline"] is null ? null : deadline.TotalSeconds,
        });
        return status == 0 && options["--watch"] is not null ? await DrainWatch.RunAsync(client, server, options["--service"]) : status;
    }

    private static Task<int> Fail(string message) => Task.FromResult(ClientCommand.Fail(message, 2));
}
