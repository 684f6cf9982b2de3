using NetVS.Control.Peers;

namespace NetVS.Control.Status;

/// <summary>The peer channel at a glance.</summary>
/// <param name="Listening">Where peers may dial; null if nobody is told.</param>
/// <param name="LastRefusal">Who was refused last, and why; empty if nobody was.</param>
/// <param name="Channels">All channels, those that are heard first.</param>
public sealed record PeersStatus(string? Listening, string LastRefusal, IReadOnlyList<PeerStatus> Channels);
