// Reference §14.4 (controllers), §14.5.

using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync;

namespace NetVS.Director.Persistence;

/// <content>Templates that are told to other directors, and those that others tell of.</content>
/// <remarks>
/// IPVS considers a template after every packet of its connections. Here it is considered where something of it changes (a connection begins, one is
/// established, it is kept longer) and whenever one of its connections is announced: what a backup must know is the same.
/// </remarks>
internal sealed partial class TemplateTable<TFamily, TAddress>
{
    // Handles that wait for the master's thread, each once or a few times; behind these, a template is announced with its next connection.
    private const int MostAnnounced = 8192;

    // Where a message does not say (version 0).
    private const uint UnsaidTimeout = 180;

    private readonly Queue<int> _announced = new();
    private volatile bool _isAnnouncing;

    /// <summary>Whether a master takes templates.</summary>
    public bool IsAnnouncing
    {
        get => _isAnnouncing;
        set
        {
            lock (_lock)
            {
                _isAnnouncing = value;
                _announced.Clear();
                if (value) _announced.EnsureCapacity(MostAnnounced);
            }
        }
    }

    /// <summary>A connection of the template is announced: the template with it.</summary>
    public void Announce(int template)
    {
        lock (_lock) NoteChange(template);
    }

    /// <summary>Takes the next template to announce.</summary>
    public bool TryTakeAnnounced(in SyncTerms terms, MonotonicTime now, SyncTally tally, out SyncRecord record)
    {
        lock (_lock)
        {
            while (_announced.TryDequeue(out int template))
            {
                // It may be gone, and another one in its place: which is announced then, to no harm.
                if (!_templates.IsLive(template)) continue;
                ref Connection<TAddress> entry = ref _templates[template];
                if (entry.RealPort == ImpossiblePort && entry.VirtualPort == ImpossiblePort) continue;

                // Records do not carry a persistence engine's key: without it they would say something else.
                if (entry.HelperSlot != 0)
                {
                    tally.Count(SyncCount.NotDescribable);
                    continue;
                }

                uint before = entry.InPackets;
                unchecked { entry.InPackets++; }
                if (!SyncPolicy.IsDue(ref entry, before, in terms, now)) continue;
                record = SyncMapping.RecordOf<TFamily, TAddress>(in entry, 0);
                return true;
            }
        }

        record = default;
        return false;
    }

    /// <summary>Takes a template's record in.</summary>
    /// <returns>What came of it.</returns>
    public SyncCount TakeSynced(ServiceTable table, in SyncRecord record, MonotonicTime now, SyncTally tally)
    {
        var key = new TemplateKey<TAddress>(
            record.Protocol, TFamily.FromIpAddress(record.Client), TFamily.FromIpAddress(record.Virtual), record.VirtualPort);
        Destination? known = SyncMapping.FindDestination(table, in record);
        lock (_lock)
        {
            int template = Find(in key, []);
            bool isNew = template == 0;
            if (!isNew && !GoesTo(in _templates[template], in record))
            {
                // The sender has chosen anew: who follows it must not come back with the former choice.
                LetDie(template);
                tally.Count(SyncCount.Replaced);
                isNew = true;
            }

            if (isNew && !TryMakeSynced(in key, null, [], in record, known, now, tally, out template)) return SyncCount.TableFull;
            ref Connection<TAddress> entry = ref _templates[template];
            Settle(ref entry, in record, known, tally);
            uint timeout = record.Timeout == 0 ? UnsaidTimeout : Math.Min(record.Timeout, ProtocolTimeouts.Maximum);
            _templates.SetTimeout(template, timeout, now);
            return isNew ? SyncCount.TemplatesMade : SyncCount.TemplatesUpdated;
        }
    }

    private void Settle(ref Connection<TAddress> entry, in SyncRecord record, Destination? known, SyncTally tally)
    {
        if (known is not null) Bind(ref entry, known, tally);
        entry.State = record.State == Assured ? Assured : (byte)0;
        entry.InPackets = 0;
        entry.SyncMark = SyncPolicy.Received(entry.State);
        entry.Flags |= ConnectionFlags.Learned;
    }

    private static bool GoesTo(in Connection<TAddress> entry, in SyncRecord record) =>
        entry.RealPort == record.RealPort && entry.Real.Equals(TFamily.FromIpAddress(record.Real));

    // Inside the lock.
    private void NoteChange(int template)
    {
        NoteForPeers(template);
        if (_isAnnouncing && _announced.Count < MostAnnounced) _announced.Enqueue(template);
    }

    private bool TryMakeSynced(
        in TemplateKey<TAddress> key, IPersistenceEngine? engine, ReadOnlySpan<byte> engineKey, in SyncRecord record, Destination? known, MonotonicTime now,
        SyncTally tally, out int template)
    {
        ConnectionKey<TAddress> entry = EntryOf(in key, engineKey);
        Destination destination = known ?? _destinations[DestinationTable.Unbound];
        SyncMapping.TryGetMethod(record.Flags, out ForwardingMethod method);
        if (known is not null) method = ListedMethod(known);
        var target = new ConnectionTarget<TAddress>(method, TFamily.FromIpAddress(record.Real), record.RealPort, destination.Index);
        if (!_templates.TryCreate(in entry, in target, now, out template, mayShareKey: true)) return false;
        _templates[template].Flags |= ConnectionFlags.Template | ConnectionFlags.Synced;
        if (engine is not null) _templates[template].HelperSlot = _keys.Add(engine, engineKey);
        _templates[template].Mark = record.Mark;
        destination.Bind(isTemplate: true);
        if (known is null) tally.Count(SyncCount.MadeUnbound);
        return true;
    }

    private void Bind(ref Connection<TAddress> entry, Destination destination, SyncTally? tally)
    {
        if (entry.DestinationIndex != DestinationTable.Unbound) return;
        _destinations[DestinationTable.Unbound].Unbind(isTemplate: true, wasActive: false);
        entry.DestinationIndex = destination.Index;
        entry.Method = ListedMethod(destination);
        destination.Bind(isTemplate: true);
        tally?.Count(SyncCount.BoundLater);
    }

    /// <summary>The template's real server; one that was made from a message may find it only now.</summary>
    private Destination DestinationOf(VirtualServiceState service, int template)
    {
        ref Connection<TAddress> entry = ref _templates[template];
        if (entry.DestinationIndex == DestinationTable.Unbound)
        {
            Destination? known = SyncMapping.FindDestination(service, TFamily.ToIpAddress(entry.Real), entry.RealPort, entry.Mark, (uint)entry.Method);
            if (known is not null) Bind(ref entry, known, null);
        }

        return _destinations[entry.DestinationIndex];
    }
}
