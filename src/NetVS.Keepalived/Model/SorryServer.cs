using NetVS.Keepalived.Language;
using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>The server that answers when no real server does.</summary>
public sealed record SorryServer
{
    /// <summary>Its address and port; port 0 if none was given.</summary>
    public IpEndpoint Endpoint { get; init; }

    /// <summary>It stays with weight 0 when it is not needed.</summary>
    public bool IsInhibited { get; init; }

    /// <summary>How it is reached; null as the others.</summary>
    public Forwarding? Forwarding { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
