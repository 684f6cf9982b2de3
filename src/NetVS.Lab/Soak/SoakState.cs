using System.Text.Json;
using NetVS.Lab.Hosts;

namespace NetVS.Lab.Soak;

/// <summary>What the director says of itself at one moment.</summary>
internal sealed class SoakState
{
    /// <summary>Counters in the order connections, packets in, packets out, octets in, octets out.</summary>
    internal sealed record Server(string Real, long[] Counters, long Active, long Inactive, long Persistent);

    /// <summary>A service by its name in the API.</summary>
    internal sealed record Service(string Key, long[] Counters, IReadOnlyList<Server> Servers);

    private static readonly string[] s_counters = ["connections", "inbound_packets", "outbound_packets", "inbound_bytes", "outbound_bytes"];

    private SoakState(JsonElement services, JsonElement status)
    {
        Services = services.GetProperty("services").EnumerateArray().Select(s => new Service(s.GetProperty("service").GetString()!, Read(s.GetProperty("statistics")),
            [.. s.GetProperty("destinations").EnumerateArray().Select(d => new Server(d.GetProperty("real").GetString()!, Read(d.GetProperty("statistics")),
                d.GetProperty("active_connections").GetInt64(), d.GetProperty("inactive_connections").GetInt64(), d.GetProperty("persistent_connections").GetInt64()))]))
            .ToDictionary(s => s.Key);
        Totals = Read(status.GetProperty("totals"));
        Connections = status.GetProperty("connections").GetInt64();
        Drops = status.GetProperty("drops").EnumerateArray().ToDictionary(d => d.GetProperty("reason").GetString()!, d => d.GetProperty("packets").GetInt64());
        if (status.TryGetProperty("fast_path", out JsonElement flows)) Flows = flows.GetProperty("flows_v4").GetInt64() + flows.GetProperty("flows_v6").GetInt64();
        if (status.GetProperty("divert").TryGetProperty("flow_forwarded", out JsonElement forwarded)) Forwarded = forwarded.GetInt64();
    }

    /// <summary>The services, by their names in the API.</summary>
    public IReadOnlyDictionary<string, Service> Services { get; }

    /// <summary>The counters over all services.</summary>
    public long[] Totals { get; }

    /// <summary>Connections and templates in the tables.</summary>
    public long Connections { get; }

    /// <summary>Packets dropped, by reason.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; }

    /// <summary>Lines of the flow table in force.</summary>
    public long Flows { get; }

    /// <summary>Packets that the fast path has forwarded.</summary>
    public long Forwarded { get; }

    /// <summary>Asks the director.</summary>
    public static async Task<SoakState> AskAsync(DirectorHost director)
    {
        using JsonDocument services = await JsonAsync(director, "service", "list", "--json"), status = await JsonAsync(director, "status", "--json");
        return new SoakState(services.RootElement, status.RootElement);
    }

    private static long[] Read(JsonElement statistics) => [.. s_counters.Select(name => statistics.GetProperty(name).GetInt64())];

    private static async Task<JsonDocument> JsonAsync(DirectorHost director, params string[] command)
    {
        Shell.Outcome outcome = await director.AskAsync(command);
        return outcome.IsOk ? JsonDocument.Parse(outcome.Output) : throw new LabException($"netvs {string.Join(' ', command)}: {outcome.Errors.Trim()}{director.DaemonWords}");
    }
}
