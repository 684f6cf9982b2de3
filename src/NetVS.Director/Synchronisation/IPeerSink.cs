using NetVS.Sync.Peers;

namespace NetVS.Director.Synchronisation;

/// <summary>Takes what peers are to be told.</summary>
public interface IPeerSink
{
    /// <summary>Takes a record. It must be quick: packets, or connections of persistent services, wait.</summary>
    /// <param name="record">The record.</param>
    /// <param name="engineName">The name of its persistence engine; empty for none. Good during the call.</param>
    /// <param name="engineData">Its key; empty for none. Good during the call.</param>
    void Tell(in PeerRecord record, ReadOnlySpan<byte> engineName, ReadOnlySpan<byte> engineData);
}
