// Reference §14.5.

using NetVS.Director;
using NetVS.Packets;
using NetVS.Sync;

namespace NetVS.Control.Synchronisation;

/// <summary>One thread's work of a backup: reads messages and hands their records to the workers they belong to.</summary>
/// <remarks>
/// A worker gets at most <see cref="BatchSize"/> records at once, and no more than <see cref="MostUnderWay"/> such batches wait for it: then this
/// thread waits, and the socket's buffer bounds the rest. Thread: one at a time.
/// </remarks>
#pragma warning disable CA1001 // Batches under way give their room back whenever their worker comes to it: the semaphores are left to them, and have no handle.
internal sealed class BackupReceiver
#pragma warning restore CA1001
{
    private const int BatchSize = 64;
    private const int MostUnderWay = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly DirectorEngine _engine;
    private readonly ISyncDelivery _delivery;
    private readonly byte _syncId;
    private readonly List<SyncRecord>[] _batches;
    private readonly SemaphoreSlim[] _room;

    /// <summary>A receiver of messages of this sync id; 0 takes all.</summary>
    public BackupReceiver(DirectorEngine engine, ISyncDelivery delivery, byte syncId)
    {
        _engine = engine;
        _delivery = delivery;
        _syncId = syncId;
        _batches = [.. engine.Workers.Select(_ => new List<SyncRecord>(BatchSize))];
        _room = [.. engine.Workers.Select(_ => new SemaphoreSlim(MostUnderWay))];
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
            if (record.IsTemplate)
            {
                _engine.Sync.TakeTemplate(in record, _delivery.Now);
                continue;
            }

            int owner = _engine.Sync.OwnerOf(in record);
            _batches[owner].Add(record with { Inbound = extras.Inbound, Outbound = extras.Outbound });
            if (_batches[owner].Count == BatchSize) Deliver(owner);
        }

        for (int worker = 0; worker < _batches.Length; worker++)
            if (_batches[worker].Count > 0) Deliver(worker);
    }

    private void Deliver(int worker)
    {
        SyncRecord[] records = [.. _batches[worker]];
        _batches[worker].Clear();
        SemaphoreSlim room = _room[worker];
        bool isPosted = room.Wait(s_patience) && _delivery.TryPost(worker, (owner, now) =>
        {
            owner.TakeSynced(records, now);
            room.Release();
        });
        if (!isPosted) _engine.Sync.Tally.Add(SyncCount.RecordsLost, records.Length);
    }
}
