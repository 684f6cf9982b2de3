using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A line of linkbeat_interfaces.</summary>
public sealed record LinkBeat
{
    /// <summary>The interface.</summary>
    public string Interface { get; init; } = "";

    /// <summary>MII, ETHTOOL or IOCTL; null to find out.</summary>
    public string? Method { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
