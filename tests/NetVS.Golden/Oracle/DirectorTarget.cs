using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Golden.Running;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Golden.Oracle;

/// <summary>ipvsadm's director in the same process: the one on the stage.</summary>
internal sealed class DirectorTarget(DirectorStage stage) : IIpvsadmTarget
{
    public const string Title = "IP Virtual Server version 1.2.1 (size=4096)";

    public Task<string> ConnectAsync() => Task.FromResult(Title);

    public Task<RuleResult> ExecuteAsync(IpvsadmCommand command) => Task.FromResult(stage.Execute(command));

    public Task<IReadOnlyList<ServiceListing>> ListServicesAsync() => Task.FromResult<IReadOnlyList<ServiceListing>>(ListServices());

    public Task<ServiceListing?> FindServiceAsync(ServiceKey key) =>
        Task.FromResult(stage.Engine.FindService(key) is { } view ? ToListing(view) : null);

    public async IAsyncEnumerable<ConnectionListing> ListConnectionsAsync()
    {
        await Task.CompletedTask;
        foreach (ConnectionListing connection in ListConnections()) yield return connection;
    }

    public Task<(int Tcp, int TcpFin, int Udp)> GetTimeoutsAsync()
    {
        Director.DirectorTimeouts t = stage.Engine.Timeouts;
        return Task.FromResult((t.Tcp, t.TcpFin, t.Udp));
    }

    public Task<IReadOnlyList<SyncDaemonRule>> ListSyncDaemonsAsync() => Task.FromResult<IReadOnlyList<SyncDaemonRule>>([]);

    public List<ServiceListing> ListServices() => [.. stage.Engine.ListServices().Select(ToListing)];

    public List<ConnectionListing> ListConnections() => [.. stage.ListConnections().Select(ToListing)];

    public StatisticsListing Totals => ToListing(stage.Engine.Totals);

    private static ConnectionListing ToListing(ConnectionView c) =>
        new(c.Protocol, (long)c.ExpiresIn.TotalSeconds, c.State, c.Client, c.Virtual, c.Real);

    private static ServiceListing ToListing(ServiceView view) => new(
        view.Rule, ToListing(view.Statistics),
        [.. view.Destinations.Select(d => new DestinationListing(
            d.Rule, d.ActiveConnections, d.InactiveConnections, d.PersistentConnections, ToListing(d.Statistics)))],
        []);

    private static StatisticsListing ToListing(StatisticsView s) => new(
        s.Connections, s.InboundPackets, s.OutboundPackets, s.InboundBytes, s.OutboundBytes, s.ConnectionsPerSecond,
        s.InboundPacketsPerSecond, s.OutboundPacketsPerSecond, s.InboundBytesPerSecond, s.OutboundBytesPerSecond);
}
