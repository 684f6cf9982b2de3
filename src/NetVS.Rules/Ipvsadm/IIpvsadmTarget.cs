using NetVS.Rules.Listing;

namespace NetVS.Rules.Ipvsadm;

/// <summary>What ipvsadm talks to: the daemon through its socket, or a director in the same process.</summary>
/// <remarks>Every member may throw <see cref="TargetUnavailableException"/>.</remarks>
public interface IIpvsadmTarget
{
    /// <summary>Makes contact. Returns the first line of a listing: version and size of the connection table.</summary>
    Task<string> ConnectAsync();

    /// <summary>Carries out a command that changes something.</summary>
    Task<RuleResult> ExecuteAsync(IpvsadmCommand command);

    /// <summary>All services, in the director's order.</summary>
    Task<IReadOnlyList<ServiceListing>> ListServicesAsync();

    /// <summary>One service, or null.</summary>
    Task<ServiceListing?> FindServiceAsync(ServiceKey key);

    /// <summary>All connections, in the director's order.</summary>
    IAsyncEnumerable<ConnectionListing> ListConnectionsAsync();

    /// <summary>The three timeouts in seconds.</summary>
    Task<(int Tcp, int TcpFin, int Udp)> GetTimeoutsAsync();

    /// <summary>The synchronisation daemons that run, master first.</summary>
    Task<IReadOnlyList<SyncDaemonRule>> ListSyncDaemonsAsync();
}
