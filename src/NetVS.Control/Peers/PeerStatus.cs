namespace NetVS.Control.Peers;

/// <summary>One peer channel as <c>netvs status</c> shows it.</summary>
/// <param name="IsHeard">Whether the peer tells this director; else this director tells it.</param>
/// <param name="Peer">Its address and port.</param>
/// <param name="State">How far it is.</param>
/// <param name="Transferred">Records of the present or last full transfer.</param>
/// <param name="Expected">About how many it has.</param>
/// <param name="Changes">Records that followed since the last full transfer.</param>
/// <param name="Transfers">Full transfers completed.</param>
/// <param name="LastTransfer">When the last one was complete; null before the first.</param>
/// <param name="LastTransferTook">How long it took.</param>
/// <param name="LastError">Why the channel was not there or broke last; empty if it never did.</param>
public sealed record PeerStatus(
    bool IsHeard, string Peer, PeerState State, long Transferred, long Expected, long Changes, int Transfers, DateTimeOffset? LastTransfer,
    TimeSpan LastTransferTook, string LastError);
