// Reference §14.

using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Helpers;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync;

namespace NetVS.Director.Synchronisation;

/// <summary>The director's side of synchronisation: what a master sends, and where what a backup receives belongs.</summary>
/// <remarks>No thread and no socket: the daemons are control's. Threads: any, where a member does not say otherwise.</remarks>
public sealed partial class DirectorSync
{
    private readonly DirectorEngine _engine;
    private readonly ConnectionHash _hash;
    private SyncOutlet? _outlet;
    private volatile bool _isBackup;

    internal DirectorSync(DirectorEngine engine)
    {
        _engine = engine;
        _hash = new ConnectionHash(engine.Options.HashKey);
    }

    /// <summary>The counters.</summary>
    public SyncTally Tally { get; } = new();

    /// <summary>Whether a backup runs; <c>backup_only</c> asks.</summary>
    public bool IsBackup
    {
        get => _isBackup;
        set => _isBackup = value;
    }

    /// <summary>Whether requests are left to the director's own stack.</summary>
    internal bool IsStandingBy => _isBackup && _engine.Settings.BackupOnly;

    /// <summary>Where workers hand records to; null while no master runs. Partner: <see cref="StartMaster"/>, <see cref="StopMaster"/>.</summary>
    internal SyncOutlet? Outlet => Volatile.Read(ref _outlet);

    /// <summary>From now on connections are announced.</summary>
    /// <param name="threads">How many threads take records: a power of two.</param>
    public void StartMaster(int threads)
    {
        Volatile.Write(ref _outlet, new SyncOutlet(_engine.Options.Workers, threads, Tally));
        _engine.TemplatesV4.IsAnnouncing = _engine.TemplatesV6.IsAnnouncing = true;
        NoteTelling();
    }

    /// <summary>Connections are announced no more.</summary>
    public void StopMaster()
    {
        Volatile.Write(ref _outlet, null);
        _engine.TemplatesV4.IsAnnouncing = _engine.TemplatesV6.IsAnnouncing = false;
        NoteTelling();
    }

    /// <summary>Takes the next record to send.</summary>
    /// <param name="thread">The master's thread, 0 and up; each takes its own, and the first one the templates too.</param>
    /// <param name="now">The time.</param>
    /// <param name="record">The record.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTake(int thread, MonotonicTime now, out SyncRecord record)
    {
        if (Outlet is { } outlet && outlet.TryTake(thread, out SyncItem item))
        {
            record = item.Record;

            // The template goes when its connection does: it must live there as long.
            if (item.Controller != 0 && record.Client.Family == IpFamily.V4) _engine.TemplatesV4.Announce(item.Controller);
            else if (item.Controller != 0) _engine.TemplatesV6.Announce(item.Controller);
            return true;
        }

        record = default;
        if (thread != 0) return false;
        var terms = SyncTerms.Of(_engine.Settings);
        return _engine.TemplatesV4.TryTakeAnnounced(in terms, now, Tally, out record) || _engine.TemplatesV6.TryTakeAnnounced(in terms, now, Tally, out record);
    }

    /// <summary>Judges a record that came, before it goes to where it belongs.</summary>
    /// <returns>False, and counted, when nothing here can follow from it.</returns>
    public bool Admits(in SyncRecord record, in SyncExtras extras)
    {
        SyncCount? fault = FindFault(in record, in extras);
        if (fault is { } reason) Tally.Count(reason);
        return fault is null;
    }

    /// <summary>The worker that a connection's record belongs to.</summary>
    public int OwnerOf(in SyncRecord record)
    {
        ulong hash = record.Client.Family == IpFamily.V4
            ? _hash.OfClientEnd(record.Protocol, record.Client.V4, record.ClientPort)
            : _hash.OfClientEnd(record.Protocol, record.Client.V6, record.ClientPort);
        return ConnectionHash.OwnerOf(hash, _engine.Options.Workers);
    }

    /// <summary>Takes the record of a template in. It must have been admitted.</summary>
    public void TakeTemplate(in SyncRecord record, MonotonicTime now)
    {
        SyncCount outcome = record.Client.Family == IpFamily.V4
            ? _engine.TemplatesV4.TakeSynced(_engine.Table, in record, now, Tally)
            : _engine.TemplatesV6.TakeSynced(_engine.Table, in record, now, Tally);
        Tally.Count(outcome);
    }

    private SyncCount? FindFault(in SyncRecord record, in SyncExtras extras)
    {
        if (!extras.EngineName.IsEmpty || !extras.EngineData.IsEmpty) return SyncCount.EngineUnknown;
        return FindFault(record with { Inbound = extras.Inbound, Outbound = extras.Outbound }, extras.HasSequence);
    }

    private SyncCount? FindFault(in SyncRecord record, bool hasSequence)
    {
        if (!SyncMapping.TryGetMethod(record.Flags, out _)) return SyncCount.MethodUnknown;
        bool isAdjusted = hasSequence && !(record.Inbound.IsNothing && record.Outbound.IsNothing);
        if (isAdjusted && (record.IsTemplate || HelperTable.Find(_engine.Settings, record.Protocol, record.VirtualPort) == 0)) return SyncCount.SequenceRefused;
        if (record.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp)) return SyncCount.ProtocolUnknown;
        if (FindFaultOfEnds(in record) is { } fault) return fault;
        int states = record.Protocol == IpProtocol.Tcp ? TcpStateMachine.StateCount : 1;
        return record.IsTemplate || record.State < states ? null : SyncCount.StateUnknown;
    }

    private static SyncCount? FindFaultOfEnds(in SyncRecord record)
    {
        if (!SyncMapping.TryGetMethod(record.Flags, out _)) return SyncCount.MethodUnknown;
        if (!HasPossibleAddresses(in record)) return SyncCount.AddressImpossible;
        bool isPortless = (record.Flags & SyncFlags.NoClientPort) != 0 || record.ClientPort == 0;
        return isPortless && !record.IsTemplate ? SyncCount.ClientPortUnknown : null;
    }

    private static bool HasPossibleAddresses(in SyncRecord record)
    {
        bool isClient = record.Client.Family == IpFamily.V4 ? Ipv4Family.IsPossibleSource(record.Client.V4) : Ipv6Family.IsPossibleSource(record.Client.V6);
        bool isMark = record.IsTemplate && record.Protocol == IpProtocol.HopByHop;
        return (isClient || record.IsTemplate) && (isMark || IsHost(record.Virtual)) && (IsHost(record.Real) || IsPast(in record));
    }

    // What goes past the real servers names none.
    private static bool IsPast(in SyncRecord record) =>
        !record.IsTemplate && (record.Flags & SyncFlags.Method) == (uint)ForwardingMethod.Bypass && record.Real.IsAny && record.RealPort == 0;

    private static bool IsHost(IpAddress address) => !address.IsAny && !address.IsMulticast;
}
