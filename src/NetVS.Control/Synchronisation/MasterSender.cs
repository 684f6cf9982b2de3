// Reference §14.4, "Buffering".

using NetVS.Director;
using NetVS.Packets;
using NetVS.Sync;

namespace NetVS.Control.Synchronisation;

/// <summary>One thread's work of a master: takes records, fills messages, sends them.</summary>
/// <remarks>
/// A message goes when the next record does not fit, or its first one is 100 ms old; IPVS waits up to two seconds, which a backup that takes over
/// would miss. Thread: one at a time.
/// </remarks>
internal sealed class MasterSender
{
    private const int RecordsPerTurn = 8192, RecordsAtTheEnd = 65536;
    private static readonly TimeSpan s_age = TimeSpan.FromMilliseconds(100);

    private readonly DirectorEngine _engine;
    private readonly int _thread;
    private readonly byte _syncId;
    private readonly SyncMessageWriter _writer;
    private readonly SyncOutbox _outbox;
    private MonotonicTime _since;

    /// <summary>A sender of messages of at most so many octets.</summary>
    public MasterSender(DirectorEngine engine, int thread, byte syncId, int maxOctets, ISyncSender sender)
    {
        _engine = engine;
        _thread = thread;
        _syncId = syncId;
        _writer = new SyncMessageWriter(maxOctets);
        _outbox = new SyncOutbox(sender, engine.Sync.Tally);
        _writer.Begin(engine.Settings.SyncVersion);
    }

    /// <summary>Does what is due.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    public bool Turn(MonotonicTime now)
    {
        _outbox.Flush();
        if (_writer.Version != _engine.Settings.SyncVersion) Dispatch();
        int taken = 0;
        while (taken < RecordsPerTurn && _engine.Sync.TryTake(_thread, now, out SyncRecord record))
        {
            taken++;
            Append(in record, now);
        }

        if (_writer.Records > 0 && now - _since >= s_age) Dispatch();
        return taken == RecordsPerTurn;
    }

    /// <summary>Sends what there is; not what comes meanwhile.</summary>
    public void Finish(MonotonicTime now)
    {
        for (int i = 0; i < RecordsAtTheEnd && _engine.Sync.TryTake(_thread, now, out SyncRecord record); i++) Append(in record, now);
        Dispatch();
    }

    private void Append(in SyncRecord record, MonotonicTime now)
    {
        var extras = new SyncExtras { HasSequence = (record.Flags & SyncFlags.Sequence) != 0, Inbound = record.Inbound, Outbound = record.Outbound };
        if (!_writer.TryAppend(in record, in extras))
        {
            Dispatch();
            if (!_writer.TryAppend(in record, in extras))
            {
                _engine.Sync.Tally.Count(SyncCount.NotDescribable);
                return;
            }
        }

        if (_writer.Records == 1) _since = now;
    }

    private void Dispatch()
    {
        if (_writer.Records > 0) _outbox.Send(_writer.Finish(_syncId), _writer.Records, _engine.Settings.SyncQlenMax);
        _writer.Begin(_engine.Settings.SyncVersion);
    }
}
