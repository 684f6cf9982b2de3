using System.Security.Cryptography.X509Certificates;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Scripts;

namespace NetVS.Health.Checks;

/// <summary>What checks of one configuration share.</summary>
internal sealed record CheckContext
{
    /// <summary>The configuration.</summary>
    public required KeepalivedConfiguration Configuration { get; init; }

    /// <summary>Who runs scripts, and which may run.</summary>
    public required ScriptPolicy ScriptPolicy { get; init; }

    /// <summary>Whether an address is one of this host's.</summary>
    public required Func<IpAddress, bool> IsLocal { get; init; }

    /// <summary>Whether a BFD session is up; null for not known.</summary>
    public Func<string, bool?> IsBfdUp { get; init; } = static _ => null;

    /// <summary>Connects for TCP_CHECK; null for the framework's sockets.</summary>
    public Probes.ITcpConnector? Connector { get; init; }

    /// <summary>Sends checks the users' way; null for none that may go so.</summary>
    public Probes.IUserPaths? UserPaths { get; init; }

    /// <summary>What this host shows in SSL checks; null for nothing.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Who may have signed what servers show; null for the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }
}
