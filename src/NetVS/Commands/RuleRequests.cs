using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary>What <c>netvs service</c> and <c>netvs server</c> ask the daemon.</summary>
internal static class RuleRequests
{
    /// <summary>The path of a service.</summary>
    public static string PathOf(string service) => "v1/services/" + Uri.EscapeDataString(service);

    /// <summary>The path of a real server in a service.</summary>
    public static string PathOf(string service, string real) => $"{PathOf(service)}/destinations/{Uri.EscapeDataString(real)}";

    /// <summary>All services, or the one that is named.</summary>
    public static async Task<ApiAnswer<ServiceList>> ListAsync(ApiClient client, string? service)
    {
        if (service is null) return await client.GetAsync("v1/services", ApiJson.Default.ServiceList);
        ApiAnswer<ServiceReport> one = await client.GetAsync(PathOf(service), ApiJson.Default.ServiceReport);
        return one.IsOk ? new ApiAnswer<ServiceList>(new ServiceList([one.Value]), null) : new ApiAnswer<ServiceList>(null, one.Problem);
    }

    /// <summary>Whether a real server is the one that is meant by an address, or an address and a port.</summary>
    public static bool IsMeant(string real, string server) => real == server || real[..real.LastIndexOf(':')].Trim('[', ']') == server.Trim('[', ']');

    /// <summary>Ends a command: 0, or 1 with the daemon's complaint.</summary>
    public static async Task<int> FinishAsync(Task<ProblemBody?> request) => await request is { } problem ? ClientCommand.Fail(problem) : 0;
}
