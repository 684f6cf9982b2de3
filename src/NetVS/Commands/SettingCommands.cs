using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary><c>netvs get</c> and <c>netvs set</c>.</summary>
internal static class SettingCommands
{
    private const string GetUsage =
        "usage: netvs get [KEY] [--json] [--socket PATH]\n\n" +
        "The value of a setting, or all settings with their meaning. IPVS's sysctls keep their names, with or without\n" +
        "net.ipv4.vs.\n\n" + JsonOutput.Usage + ClientCommand.SocketUsage;

    private const string SetUsage =
        "usage: netvs set KEY VALUE [--socket PATH]\n\n" +
        "Changes a setting; it acts from the next packet on and lasts until the daemon ends. 'netvs get' lists them.\n\n" +
        ClientCommand.SocketUsage;

    /// <summary>The line of <c>get</c> in the table.</summary>
    public static Command Get { get; } = new("the settings", GetUsage, args => ClientCommand.RunAsync(args, GetUsage, ["--json"], (0, 1), GetAsync));

    /// <summary>The line of <c>set</c> in the table.</summary>
    public static Command Set { get; } = new("change a setting", SetUsage, args => ClientCommand.RunAsync(args, SetUsage, [], (2, 2), SetAsync));

    private static async Task<int> GetAsync(OptionReader options, ApiClient client)
    {
        bool isJson = options["--json"] is not null;
        if (options.Operands is [string name])
        {
            ApiAnswer<SettingReport> one = await client.GetAsync(PathOf(name), ApiJson.Default.SettingReport);
            if (!one.IsOk) return ClientCommand.Fail(one.Problem);
            if (isJson) return JsonOutput.Print(one.Value, ApiJson.Default.SettingReport);
            Console.Write(one.Value.Value + "\n");
            return 0;
        }

        ApiAnswer<SettingList> all = await client.GetAsync("v1/settings", ApiJson.Default.SettingList);
        if (!all.IsOk) return ClientCommand.Fail(all.Problem);
        if (isJson) return JsonOutput.Print(all.Value, ApiJson.Default.SettingList);
        foreach (SettingReport s in all.Value.Settings) Console.Write($"{s.Name,-26} {s.Value,-8} {s.Description}\n");
        return 0;
    }

    private static async Task<int> SetAsync(OptionReader options, ApiClient client)
    {
        HttpContent body = ApiClient.Body(new SettingBody { Value = options.Operands[1] }, ApiJson.Default.SettingBody);
        return await client.SendAsync(HttpMethod.Put, PathOf(options.Operands[0]), body) is { } problem ? ClientCommand.Fail(problem) : 0;
    }

    private static string PathOf(string name) => "v1/settings/" + Uri.EscapeDataString(name);
}
