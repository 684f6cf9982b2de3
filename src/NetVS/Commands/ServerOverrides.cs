using NetVS.Rules;
using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary>Overrides of one real server in all its services, or in one.</summary>
internal static class ServerOverrides
{
    /// <summary>Overrides a server; returns the exit status.</summary>
    public static Task<int> SetAsync(ApiClient client, string server, string? service, OverrideBody body) => ForEachAsync(
        client, server, service, path => client.SendAsync(HttpMethod.Put, path, ApiClient.Body(body, ApiJson.Default.OverrideBody)));

    /// <summary>Removes the overrides of a server, those too that wait for it to return; returns the exit status.</summary>
    public static async Task<int> RemoveAsync(ApiClient client, string server, string? service)
    {
        ApiAnswer<OverrideList> answer = await client.GetAsync("v1/overrides", ApiJson.Default.OverrideList);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        OverrideReport[] meant = [.. answer.Value.Overrides.Where(o => RuleRequests.IsMeant(o.Real, server) && (service is null || o.Service == service))];
        foreach (OverrideReport o in meant)
            if (await client.SendAsync(HttpMethod.Delete, PathOf(o.Service, o.Real)) is { } problem) return ClientCommand.Fail(problem);
        return meant.Length > 0 ? 0 : ClientCommand.Fail($"{server}{In(service)} is as its rules say: there is nothing to restore", 1);
    }

    /// <summary>The real servers that are meant, with their services.</summary>
    public static async Task<ApiAnswer<(string Service, DestinationReport Real)[]>> FindAsync(ApiClient client, string server, string? service)
    {
        ApiAnswer<ServiceList> answer = await RuleRequests.ListAsync(client, service);
        return answer.IsOk
            ? new([.. answer.Value.Services.SelectMany(s => s.Destinations.Where(d => RuleRequests.IsMeant(d.Real, server)).Select(d => (s.Service, d)))], null)
            : new(null, answer.Problem);
    }

    /// <summary>What an override is, for people.</summary>
    public static string Explain(OverrideReport o)
    {
        if (!o.Drain) return $"weight {o.Weight}";
        if (o.Over) return "disabled";
        string persistence = o.ReleasePersistence ? ", persistence released" : "";
        return $"draining{persistence}{(o.SecondsLeft is { } left ? $", {Duration.Format(TimeSpan.FromSeconds(left))} left" : "")}";
    }

    private static async Task<int> ForEachAsync(ApiClient client, string server, string? service, Func<string, Task<ProblemBody?>> ask)
    {
        ApiAnswer<(string Service, DestinationReport Real)[]> found = await FindAsync(client, server, service);
        if (!found.IsOk) return ClientCommand.Fail(found.Problem);
        if (found.Value.Length == 0) return ClientCommand.Fail($"no service has the real server {server}{In(service)}: 'netvs server list' names them", 1);
        foreach ((string of, DestinationReport real) in found.Value)
            if (await ask(PathOf(of, real.Real)) is { } problem) return ClientCommand.Fail(problem);
        return 0;
    }

    private static string In(string? service) => service is null ? "" : $" in {service}";

    private static string PathOf(string service, string real) => RuleRequests.PathOf(service, real) + "/override";
}
