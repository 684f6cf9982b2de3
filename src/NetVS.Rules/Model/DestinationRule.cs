using NetVS.Packets;

namespace NetVS.Rules;

/// <summary>A destination (a real server in one service) as it was asked for; compared by value.</summary>
public sealed record DestinationRule
{
    /// <summary>RIP and real port; port 0 means "the port the packet came to".</summary>
    public required IpEndpoint Real { get; init; }

    /// <summary>The forwarding method; ipvsadm's default is DR.</summary>
    public ForwardingMethod Method { get; init; } = ForwardingMethod.DirectRouting;

    /// <summary>The weight; 0 quiesces the destination.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Connections at which the destination counts as overloaded; 0 is off.</summary>
    public uint UpperThreshold { get; init; }

    /// <summary>Connections below which an overload ends; 0 means three quarters of the upper one.</summary>
    public uint LowerThreshold { get; init; }

    /// <summary>The encapsulation, for TUN.</summary>
    public TunnelType TunnelType { get; init; }

    /// <summary>The UDP port of a GUE tunnel, host order.</summary>
    public ushort TunnelPort { get; init; }

    /// <summary>The checksum mode of a GUE or GRE tunnel.</summary>
    public TunnelChecksum TunnelChecksum { get; init; }
}
