using NetVS.Keepalived.Language;
using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>A peer that adverts are sent to one by one.</summary>
/// <param name="Address">Its address.</param>
/// <param name="MinTtl">The least time to live of its adverts; null for any.</param>
/// <param name="MaxTtl">The greatest; null for any.</param>
/// <param name="Position">Where it stands.</param>
public sealed record UnicastPeer(IpAddress Address, int? MinTtl, int? MaxTtl, SourcePosition Position);
