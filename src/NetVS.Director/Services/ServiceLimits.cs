using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>How many connections a service lets be. Never changes: another one takes its place. Thread: any.</summary>
/// <param name="MostConnections">Of all clients; 0 is off.</param>
/// <param name="MostPerClient">Of one client; 0 is off.</param>
/// <param name="Answer">What becomes of one that is too many.</param>
/// <param name="Clients">The clients' counts; null where they are not limited.</param>
internal sealed record ServiceLimits(uint MostConnections, uint MostPerClient, OverLimit Answer, ClientCounts? Clients)
{
    /// <summary>The limits of a rule; null for none.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="former">What was in force: its counts go on where clients are told apart as before.</param>
    /// <param name="book">Where new counts come from.</param>
    public static ServiceLimits? Of(VirtualServiceRule rule, ServiceLimits? former, ClientCountBook book)
    {
        ServiceOptions options = rule.Options;
        if (options.MostConnections == 0 && options.MostPerClient == 0) return null;
        uint prefix = options.ClientPrefix != 0 ? options.ClientPrefix : rule.Key.Family == IpFamily.V6 ? 128u : 32u;
        ClientCounts? clients = options.MostPerClient == 0 ? null
            : former?.Clients is { } counts && counts.Prefix == prefix ? counts : book.Make(prefix);
        return new ServiceLimits(options.MostConnections, options.MostPerClient, options.OverLimit, clients);
    }

    /// <summary>How many connections of a service count for <see cref="MostConnections"/>: those of its present servers.</summary>
    public static long CountOf(VirtualServiceState service)
    {
        // A TCP connection that only waits for its last timeout does nothing; UDP is never active.
        bool isActive = !service.Key.IsMark && service.Key.Protocol != IpProtocol.Udp;
        long count = 0;
        foreach (Destination destination in service.Destinations) count += isActive ? destination.ActiveConnections : destination.TotalConnections;
        return count;
    }
}
