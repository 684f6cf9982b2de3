using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>An address with all that rtnetlink can say of it (rtnetlink(7), struct ifaddrmsg).</summary>
public sealed record AddressRequest
{
    /// <summary>The interface.</summary>
    public required int InterfaceIndex { get; init; }

    /// <summary>The address.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>Bits of its network's prefix.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The other end of a point-to-point link, or none.</summary>
    public IpAddress Peer { get; init; }

    /// <summary>IPv4: the broadcast address, or none.</summary>
    public IpAddress Broadcast { get; init; }

    /// <summary>IPv4: the scope, RT_SCOPE_*.</summary>
    public byte Scope { get; init; }

    /// <summary>IPv4: the label, or null.</summary>
    public string? Label { get; init; }

    /// <summary>IFA_F_*.</summary>
    public uint Flags { get; init; }

    /// <summary>The preferred lifetime in seconds; null for ever.</summary>
    public uint? PreferredLifetime { get; init; }
}
