using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>An address of an interface of the director.</summary>
/// <param name="Interface">The interface's index.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">The length of its network's prefix, in bits.</param>
public readonly record struct NetworkAddress(int Interface, IpAddress Address, int PrefixLength)
{
    /// <summary>Whether another address of the same network came first (IPv4); never chosen as a source by itself.</summary>
    public bool IsSecondary { get; init; }

    /// <summary>Whether it may not be chosen as a source: tentative, deprecated, or a duplicate (RFC 4862).</summary>
    public bool IsUnfitAsSource { get; init; }
}
