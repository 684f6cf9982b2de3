// Reference §14.5.

using NetVS.Director;
using NetVS.Sync;

namespace NetVS.Control.Synchronisation;

/// <summary>One thread's work of a backup: reads messages and hands their records to the workers they belong to.</summary>
/// <remarks>When workers do not come to what waits for them, this thread waits, and the socket's buffer bounds the rest. Thread: one at a time.</remarks>
internal sealed class BackupReceiver
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly DirectorEngine _engine;
    private readonly ISyncDelivery _delivery;
    private readonly byte _syncId;
    private readonly WorkerBatches<SyncRecord> _batches;

    /// <summary>A receiver of messages of this sync id; 0 takes all.</summary>
    public BackupReceiver(DirectorEngine engine, ISyncDelivery delivery, byte syncId)
    {
        _engine = engine;
        _delivery = delivery;
        _syncId = syncId;
        _batches = new WorkerBatches<SyncRecord>(engine.Workers.Count, delivery, static (worker, records, now) => worker.TakeSynced(records, now));
    }

    /// <summary>Takes a datagram in.</summary>
    public void Take(ReadOnlySpan<byte> datagram)
    {
        SyncTally tally = _engine.Sync.Tally;
        tally.Count(SyncCount.MessagesReceived);
        tally.Add(SyncCount.OctetsReceived, datagram.Length);
        if (!SyncMessageReader.TryOpen(datagram, _syncId, tally, out SyncMessageReader reader)) return;
        while (reader.TryRead(out SyncRecord record, out SyncExtras extras))
        {
            tally.Count(SyncCount.RecordsReceived);
            if (!_engine.Sync.Admits(in record, in extras)) continue;
            if (record.IsTemplate) _engine.Sync.TakeTemplate(in record, _delivery.Now);
            else if (_batches.Add(_engine.Sync.OwnerOf(in record), record with { Inbound = extras.Inbound, Outbound = extras.Outbound })) Deliver();
        }

        Deliver();
    }

    private void Deliver()
    {
        int lost = _batches.Deliver(s_patience);
        if (lost > 0) _engine.Sync.Tally.Add(SyncCount.RecordsLost, lost);
    }
}
