using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Control.Peers;

/// <summary>What a peer tells: hands each record to where it belongs, in the peer's order.</summary>
/// <remarks>No more is read while workers do not come to what waits for them: so TCP holds the peer back. Thread: one at a time.</remarks>
internal sealed class PeerReceiver(DirectorEngine engine, ISyncDelivery delivery, PeerProgress progress)
{
    private readonly WorkerBatches<PeerRecord> _batches = new(engine.Workers.Count, delivery, static (worker, records, now) => worker.TakeTold(records, now));

    /// <summary>Whether a full transfer has become complete; see <see cref="DeliverAsync"/>.</summary>
    private bool _hasEnded;

    /// <summary>Takes all whole frames off the front of what has come.</summary>
    /// <returns>How many octets are left.</returns>
    public int Take(ReadOnlySpan<byte> octets)
    {
        SyncTally tally = engine.Sync.Tally;
        long heard = 0;
        while (!_hasEnded && PeerFrameReader.TryTakeFrame(ref octets, out PeerFrameKind kind, out ReadOnlySpan<byte> body))
        {
            switch (kind)
            {
                case PeerFrameKind.Record:
                    heard++;
                    if (PeerFrameReader.TryReadRecord(body, tally, out PeerRecord record, out SyncExtras extras) && engine.Sync.Admits(in record, in extras)) Take(in record, in extras);
                    break;
                case PeerFrameKind.Begin when PeerFrameReader.TryReadCount(body, out ulong count):
                    Note(ref heard);
                    progress.Begin((long)Math.Min(count, long.MaxValue));
                    break;
                case PeerFrameKind.End when PeerFrameReader.TryReadCount(body, out _):
                    _hasEnded = progress.Status.State == PeerState.Transferring;
                    break;
                case PeerFrameKind.Begin or PeerFrameKind.End:
                    tally.Count(SyncCount.PeerFramesMalformed);
                    break;
                case PeerFrameKind.Hello or PeerFrameKind.Request or PeerFrameKind.Alive:
                    break;
                default:
                    tally.Count(SyncCount.PeerFramesSkipped);
                    break;
            }
        }

        Note(ref heard);
        return octets.Length;
    }

    /// <summary>Waits until the workers have, or will at once have, what was taken; at the end of a full transfer until they have it.</summary>
    /// <returns>Whether there may be more to take that has come already.</returns>
    public async Task<bool> DeliverAsync(CancellationToken cancellation)
    {
        int lost = await _batches.DeliverAsync(cancellation);
        if (lost > 0) engine.Sync.Tally.Add(SyncCount.RecordsLost, lost);
        if (!_hasEnded) return false;
        await _batches.SettleAsync(cancellation);
        _hasEnded = false;
        progress.End();
        return true;
    }

    private void Take(in PeerRecord record, in SyncExtras extras)
    {
        if (record.Entry.IsTemplate) engine.Sync.TakeTemplate(in record, in extras, delivery.Now);
        else _batches.Add(engine.Sync.OwnerOf(in record), in record);
    }

    private void Note(ref long heard)
    {
        if (heard == 0) return;
        engine.Sync.Tally.Add(SyncCount.HeardFromPeers, heard);
        progress.Note(heard);
        heard = 0;
    }
}
