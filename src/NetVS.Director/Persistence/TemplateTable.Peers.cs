// docs/sync.md, "Who knows best".

using System.Text;
using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Director.Persistence;

/// <content>Templates that peers are told of, with what persistence engines found, and those that peers tell of.</content>
internal sealed partial class TemplateTable<TFamily, TAddress>
{
    // Octets of the longest name of an engine.
    private const int LongestName = 16;

    private readonly Queue<int> _changes = new();
    private long _lostChanges;
    private bool _isTelling;

    /// <summary>Whether changes are kept for peers.</summary>
    public bool IsTelling
    {
        set
        {
            lock (_lock)
            {
                _isTelling = value;
                _changes.Clear();
                if (value) _changes.EnsureCapacity(MostAnnounced);
            }
        }
    }

    /// <summary>Changes for which there was no room.</summary>
    public long LostChanges => Volatile.Read(ref _lostChanges);

    /// <summary>Hands over templates that have changed, the oldest change first.</summary>
    public void TakeChanges(ref int limit, MonotonicTime now, SyncTally tally, IPeerSink sink)
    {
        lock (_lock)
        {
            for (; limit > 0 && _changes.TryDequeue(out int template); limit--) Tell(template, now, tally, sink);
        }
    }

    /// <summary>Hands over templates behind a handle.</summary>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int CopyTold(int handle, ref int limit, MonotonicTime now, SyncTally tally, IPeerSink sink)
    {
        lock (_lock)
        {
            while (handle < _templates.HighestHandle)
            {
                if (limit-- <= 0) return handle;
                Tell(++handle, now, tally, sink);
            }

            return -1;
        }
    }

    /// <summary>Takes a peer's record of a template in.</summary>
    /// <returns>What came of it.</returns>
    public SyncCount TakeTold(ServiceTable table, in PeerRecord told, IPersistenceEngine? engine, ReadOnlySpan<byte> engineKey, MonotonicTime now, SyncTally tally)
    {
        SyncRecord record = told.Entry;
        var key = new TemplateKey<TAddress>(record.Protocol, TFamily.FromIpAddress(record.Client), TFamily.FromIpAddress(record.Virtual), record.VirtualPort);
        Destination? known = SyncMapping.FindDestination(table, in record);
        MonotonicTime passed = PeerMapping.PassedAt(in told, now);
        lock (_lock)
        {
            int template = Find(in key, engineKey);
            if (template != 0 && PeerMapping.FindObjection(in _templates[template], in told, passed) is { } objection) return objection;
            bool isNew = template == 0;
            if (!isNew && !GoesTo(in _templates[template], in record))
            {
                LetDie(template);
                tally.Count(SyncCount.Replaced);
                isNew = true;
            }

            if (isNew && !TryMakeSynced(in key, engine, engineKey, in record, known, now, tally, out template)) return SyncCount.TableFull;
            Settle(ref _templates[template], in record, known, tally);
            _templates.Recall(template, Math.Min(record.Timeout, ProtocolTimeouts.Maximum), passed);
            return isNew ? SyncCount.TemplatesMade : SyncCount.TemplatesUpdated;
        }
    }

    // Inside the lock.
    private void NoteForPeers(int template)
    {
        if (!_isTelling) return;
        if (_changes.Count < MostAnnounced) _changes.Enqueue(template);
        else _lostChanges++;
    }

    // Inside the lock. It may be gone, and another one in its place: which is told then, to no harm.
    private void Tell(int template, MonotonicTime now, SyncTally tally, IPeerSink sink)
    {
        if (!_templates.IsLive(template)) return;
        ref Connection<TAddress> entry = ref _templates[template];
        if (entry.RealPort == ImpossiblePort && entry.VirtualPort == ImpossiblePort) return;
        if (entry.DestinationIndex != DestinationTable.Unbound && _destinations[entry.DestinationIndex].Address.Family != TFamily.Family)
        {
            tally.Count(SyncCount.NotDescribable);
            return;
        }

        PeerRecord record = PeerMapping.RecordOf<TFamily, TAddress>(in entry, 0, now);
        if (entry.HelperSlot == 0)
        {
            sink.Tell(in record, [], []);
            return;
        }

        Span<byte> name = stackalloc byte[LongestName];
        int length = Encoding.ASCII.GetBytes(_keys.NameOf(entry.HelperSlot), name);
        sink.Tell(in record, name[..length], _keys.Get(entry.HelperSlot));
    }
}
