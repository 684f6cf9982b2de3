using NetVS.Packets;

namespace NetVS.Vrrp.Options;

/// <summary>A peer that gets adverts by unicast.</summary>
/// <param name="Address">Its address.</param>
/// <param name="MinTtl">The least time to live, or hop limit, of its adverts.</param>
/// <param name="MaxTtl">The greatest.</param>
public readonly record struct PeerOptions(IpAddress Address, byte MinTtl = 0, byte MaxTtl = 255);
