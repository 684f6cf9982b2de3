using System.Globalization;
using NetVS.Api.Contract;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Api.Client;

/// <summary>ipvsadm's director behind the daemon's socket.</summary>
internal sealed class ApiTarget(ApiClient client) : IIpvsadmTarget
{
    public async Task<string> ConnectAsync()
    {
        ApiAnswer<VersionReport> answer = await client.GetAsync("v1/version", ApiJson.Default.VersionReport);
        return answer.IsOk ? answer.Value.Title : throw new TargetUnavailableException(answer.Problem.Detail ?? answer.Problem.Status);
    }

    public async Task<RuleResult> ExecuteAsync(IpvsadmCommand command)
    {
        string service = command.Service is { } key ? "v1/services/" + Uri.EscapeDataString(RuleText.Format(key)) : "";
        string real = command.Destination is { } d ? "/destinations/" + Uri.EscapeDataString(d.Real.ToString()) : "";
        (int tcp, int tcpFin, int udp) = command.Timeouts;
        ProblemBody? problem = command.Verb switch
        {
            IpvsadmVerb.AddService => await client.SendAsync(HttpMethod.Post, "v1/services", Body(command.ServiceRule!)),
            IpvsadmVerb.EditService => await client.SendAsync(HttpMethod.Put, service, Body(command.ServiceRule!)),
            IpvsadmVerb.DeleteService => await client.SendAsync(HttpMethod.Delete, service),
            IpvsadmVerb.Flush => await client.SendAsync(HttpMethod.Delete, "v1/services"),
            IpvsadmVerb.AddServer => await client.SendAsync(HttpMethod.Post, service + "/destinations", Body(command.Destination!)),
            IpvsadmVerb.EditServer => await client.SendAsync(HttpMethod.Put, service + real, Body(command.Destination!)),
            IpvsadmVerb.DeleteServer => await client.SendAsync(HttpMethod.Delete, service + real),
            IpvsadmVerb.AddLocalAddress => await client.SendAsync(
                HttpMethod.Post, service + "/local-addresses",
                ApiClient.Body(new LocalAddressBody { Address = command.LocalAddress.ToString() }, ApiJson.Default.LocalAddressBody)),
            IpvsadmVerb.DeleteLocalAddress => await client.SendAsync(
                HttpMethod.Delete, service + "/local-addresses/" + Uri.EscapeDataString(command.LocalAddress.ToString())),
            IpvsadmVerb.SetTimeouts => await client.SendAsync(
                HttpMethod.Put, "v1/timeouts",
                ApiClient.Body(new TimeoutsBody { Tcp = tcp, TcpFin = tcpFin, Udp = udp }, ApiJson.Default.TimeoutsBody)),
            IpvsadmVerb.StartDaemon => await client.SendAsync(
                HttpMethod.Post, "v1/sync", ApiClient.Body(SyncMapping.ToBody(command.SyncDaemon!), ApiJson.Default.SyncDaemonBody)),
            IpvsadmVerb.StopDaemon => await client.SendAsync(HttpMethod.Delete, "v1/sync/" + SyncMapping.RoleOf(command.SyncDaemon!.IsMaster)),
            IpvsadmVerb.Zero => await client.SendAsync(HttpMethod.Post, command.Service is null ? "v1/zero" : service + "/zero"),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.Verb, "not a command that changes something"),
        };
        return ToResult(problem);
    }

    public async Task<IReadOnlyList<ServiceListing>> ListServicesAsync()
    {
        ApiAnswer<ServiceList> answer = await client.GetAsync("v1/services", ApiJson.Default.ServiceList);
        return answer.IsOk ? [.. answer.Value.Services.Select(RuleMapping.ToListing)] : throw Unavailable(answer.Problem);
    }

    public async Task<ServiceListing?> FindServiceAsync(ServiceKey key)
    {
        ApiAnswer<ServiceReport> answer =
            await client.GetAsync("v1/services/" + Uri.EscapeDataString(RuleText.Format(key)), ApiJson.Default.ServiceReport);
        if (answer.IsOk) return RuleMapping.ToListing(answer.Value);
        return answer.Problem.Status == nameof(RuleStatus.ESRCH) ? null : throw Unavailable(answer.Problem);
    }

    public async IAsyncEnumerable<ConnectionListing> ListConnectionsAsync()
    {
        string? cursor = "0:0";
        while (cursor is not null)
        {
            ApiAnswer<ConnectionList> answer =
                await client.GetAsync($"v1/connections?limit=5000&cursor={Uri.EscapeDataString(cursor)}", ApiJson.Default.ConnectionList);
            if (!answer.IsOk) throw Unavailable(answer.Problem);
            foreach (ConnectionReport c in answer.Value.Connections)
            {
                yield return new ConnectionListing(
                    Protocol(c.Protocol), (long)c.ExpiresInSeconds, c.State, Endpoint(c.Client), Endpoint(c.Virtual), Endpoint(c.Real),
                    c.EngineName, c.EngineData);
            }

            cursor = answer.Value.Next;
        }
    }

    public async Task<(int Tcp, int TcpFin, int Udp)> GetTimeoutsAsync()
    {
        ApiAnswer<TimeoutsBody> answer = await client.GetAsync("v1/timeouts", ApiJson.Default.TimeoutsBody);
        return answer.IsOk ? (answer.Value.Tcp, answer.Value.TcpFin, answer.Value.Udp) : throw Unavailable(answer.Problem);
    }

    public async Task<IReadOnlyList<SyncDaemonRule>> ListSyncDaemonsAsync()
    {
        ApiAnswer<SyncDaemonList> answer = await client.GetAsync("v1/sync", ApiJson.Default.SyncDaemonList);
        return answer.IsOk ? [.. answer.Value.Daemons.Select(SyncMapping.ToRule)] : throw Unavailable(answer.Problem);
    }

    private static HttpContent Body(VirtualServiceRule rule) => ApiClient.Body(RuleMapping.ToBody(rule), ApiJson.Default.ServiceBody);

    private static HttpContent Body(DestinationRule rule) => ApiClient.Body(RuleMapping.ToBody(rule), ApiJson.Default.DestinationBody);

    private static RuleResult ToResult(ProblemBody? problem)
    {
        if (problem is null) return RuleResult.Ok;
        return Enum.TryParse(problem.Status, out RuleStatus status) && status != RuleStatus.Ok
            ? new RuleResult(status, problem.Detail) : throw Unavailable(problem);
    }

    private static TargetUnavailableException Unavailable(ProblemBody problem) =>
        new($"the daemon refused the request: {problem.Status}: {problem.Detail}");

    private static IpProtocol Protocol(string name) => name switch
    {
        "tcp" => IpProtocol.Tcp,
        "udp" => IpProtocol.Udp,
        "sctp" => IpProtocol.Sctp,
        _ => IpProtocol.HopByHop,
    };

    private static IpEndpoint Endpoint(string text) => RuleText.TryParseEndpoint(text, out IpEndpoint endpoint)
        ? endpoint
        : throw new TargetUnavailableException(string.Create(CultureInfo.InvariantCulture, $"the daemon's answer is not understood: '{text}'"));
}
