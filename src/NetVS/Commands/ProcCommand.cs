using System.Text;
using NetVS.Api.Client;
using NetVS.Api.Contract;
using NetVS.Rules.Listing;

namespace NetVS.Commands;

/// <summary><c>netvs proc</c>: what tools of IPVS read under /proc/net.</summary>
internal static class ProcCommand
{
    private const string Usage =
        "usage: netvs proc ip_vs|ip_vs_app|ip_vs_conn|ip_vs_stats [--socket PATH]\n\n" +
        "Prints services, helpers, connections or totals as the kernel's /proc/net/ip_vs, ip_vs_app, ip_vs_conn and ip_vs_stats\n" +
        "would: numbers mostly in hexadecimal, persistence timeouts in ticks of 1/250 s.\n\n" + ClientCommand.SocketUsage;

    /// <summary>The line in the table.</summary>
    public static Command Command { get; } = new("what IPVS shows under /proc/net", Usage, args => ClientCommand.RunAsync(args, Usage, [], (1, 1), RunAsync));

    private static async Task<int> RunAsync(OptionReader options, ApiClient client)
    {
        var target = new ApiTarget(client);
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
        switch (options.Operands[0])
        {
            case "ip_vs":
                ProcWriter.WriteServices(output, await target.ConnectAsync(), await target.ListServicesAsync());
                break;
            case "ip_vs_app":
                ApiAnswer<HelperList> helpers = await client.GetAsync("v1/helpers", ApiJson.Default.HelperList);
                if (!helpers.IsOk) return ClientCommand.Fail(helpers.Problem);
                ProcWriter.WriteHelpers(output, helpers.Value.Helpers.Select(h => (h.Protocol.ToUpperInvariant(), h.Port, h.Connections, h.Name)));
                break;
            case "ip_vs_conn":
                ProcWriter.WriteConnectionTitle(output);
                await foreach (ConnectionListing connection in target.ListConnectionsAsync()) ProcWriter.WriteConnection(output, connection);
                break;
            case "ip_vs_stats":
                ApiAnswer<StatisticsBody> answer = await client.GetAsync("v1/statistics", ApiJson.Default.StatisticsBody);
                if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
                ProcWriter.WriteStatistics(output, answer.Value.ToListing());
                break;
            default: return ClientCommand.Fail($"there is no '{options.Operands[0]}': ask for ip_vs, ip_vs_app, ip_vs_conn or ip_vs_stats", 2);
        }

        return 0;
    }
}
