using NetVS.Packets;

namespace NetVS.Director.Forwarding;

/// <summary>What an IP header of the director's own says.</summary>
internal readonly struct IpHeaderFields<TAddress>
    where TAddress : unmanaged
{
    /// <summary>The source address.</summary>
    public TAddress Source { get; init; }

    /// <summary>The destination address.</summary>
    public TAddress Destination { get; init; }

    /// <summary>What follows the header.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>Octets that follow the header.</summary>
    public int PayloadLength { get; init; }

    /// <summary>TOS or traffic class.</summary>
    public byte Tos { get; init; }

    /// <summary>TTL or hop limit.</summary>
    public byte Ttl { get; init; }

    /// <summary>IPv4's identification.</summary>
    public ushort Identification { get; init; }

    /// <summary>IPv4's DF.</summary>
    public bool DontFragment { get; init; }
}
