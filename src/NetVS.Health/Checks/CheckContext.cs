using System.Security.Cryptography.X509Certificates;
using NetVS.Health.Scripts;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Health.Checks;

/// <summary>What checks of one configuration share.</summary>
internal sealed record CheckContext
{
    /// <summary>The configuration.</summary>
    public required KeepalivedConfiguration Configuration { get; init; }

    /// <summary>Runs scripts.</summary>
    public required ScriptRunner Scripts { get; init; }

    /// <summary>Who runs them.</summary>
    public required ScriptSettings ScriptSettings { get; init; }

    /// <summary>Whether an address is one of this host's.</summary>
    public required Func<IpAddress, bool> IsLocal { get; init; }

    /// <summary>What this host shows in SSL checks; null for nothing.</summary>
    public X509Certificate2? Certificate { get; init; }
}
