using NetVS.Rules;

namespace NetVS.Keepalived.Model;

/// <summary>How a server is reached.</summary>
public sealed record Forwarding
{
    /// <summary>The method.</summary>
    public ForwardingMethod Method { get; init; }

    /// <summary>The encapsulation, for TUN.</summary>
    public TunnelType TunnelType { get; init; }

    /// <summary>The port of GUE, host order.</summary>
    public ushort TunnelPort { get; init; }

    /// <summary>The checksum of GUE and GRE.</summary>
    public TunnelChecksum TunnelChecksum { get; init; }
}
