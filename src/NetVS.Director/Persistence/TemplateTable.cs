// Reference §7 (persistence), §5.4 (what controls others is kept another minute), §2.6 (the sweep).

using System.Text;
using NetVS.Director.Connections;
using NetVS.Director.Defence;
using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Director.Timing;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Persistence;

/// <summary>The persistence templates of one family: which real server a client keeps.</summary>
/// <remarks>
/// <para>The connections of one client belong to several workers, its template to all of them: so templates are not in the workers' tables but here,
/// behind a lock that connections of persistent services take when they begin, are established and end, and besides them only ticks, sweeps and listings.
/// While it is held, the lock of the service may be taken, never the other way round.</para>
/// <para>A template lives in a table like the workers'. One thing differs: its client has no port, and the table bounds how many entries share a
/// client's end, so the virtual end's hash stands in the port's place.</para>
/// Threads: any.
/// </remarks>
internal sealed partial class TemplateTable<TFamily, TAddress> : IDisposable
    where TFamily : struct, IAddressFamily<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>A template's state once a connection of it was established (reference §6.3, templates).</summary>
    private const byte Assured = 1;

    // Reference §7.2: a key no packet has.
    private const ushort ImpossiblePort = 0xFFFF;
    private const uint StillNeededTimeout = 60;
    private const int TimerBudget = 4096, SweepBudget = 4096;

    private readonly Lock _lock = new();
    private readonly Thinning _thinning = new();
    private readonly ConnectionTable<TAddress> _templates;
    private readonly DestinationTable _destinations;
    private readonly EngineKeys _keys;

    /// <summary>An empty table.</summary>
    /// <param name="capacity">The most templates.</param>
    /// <param name="hashKey">The key of the hash.</param>
    /// <param name="destinations">All destinations.</param>
    public TemplateTable(int capacity, UInt128 hashKey, DestinationTable destinations)
    {
        _templates = new ConnectionTable<TAddress>(capacity, hashKey);
        _destinations = destinations;
        _keys = new EngineKeys(capacity);
    }

    /// <summary>Returns the memory. Nobody may use it any more.</summary>
    public void Dispose()
    {
        _templates.Dispose();
        _keys.Dispose();
    }

    /// <summary>Templates now.</summary>
    public int Count => _templates.Count;

    /// <summary>The real server for a new connection: the template's, else one that is scheduled and gets a template.</summary>
    /// <param name="service">The service.</param>
    /// <param name="key">The template's key.</param>
    /// <param name="engineKey">What the persistence engine found; empty without one.</param>
    /// <param name="request">For the scheduler, with the client's whole address.</param>
    /// <param name="expiresQuiescent">Whether weight 0 ends a template (<c>expire_quiescent_template</c>).</param>
    /// <param name="now">The time.</param>
    /// <param name="template">The template's handle; the connection that is made now controls it until <see cref="Release"/>. 0 if there is none.</param>
    /// <param name="refusal">Why there is none though the scheduler would have had one.</param>
    /// <returns>Null when nothing could be scheduled.</returns>
    public Destination? Choose(
        VirtualServiceState service, in TemplateKey<TAddress> key, ReadOnlySpan<byte> engineKey, in SchedulingRequest request, bool expiresQuiescent, MonotonicTime now,
        out int template, out DropReason refusal)
    {
        refusal = DropReason.None;
        lock (_lock)
        {
            template = Find(in key, engineKey);
            Destination? destination = template == 0 ? null : DestinationOf(service, template);
            if (destination is not null && !(destination.IsAvailable && !((expiresQuiescent || destination.ReleasesPersistence) && destination.Weight == 0)))
            {
                LetDie(template);
                destination = null;
            }

            if (destination is null)
            {
                template = 0;
                destination = service.Schedule(in request);
                if (destination is null) return null;
                if (!TryMake(service, in key, engineKey, destination, now, out template))
                {
                    refusal = DropReason.TableFull;
                    return null;
                }
            }

            Use(template, now);
            return destination;
        }
    }

    /// <summary>Puts a connection that another director left under the template it would have, which is made if there is none.</summary>
    /// <returns>The template's handle; 0 if the client has another real server by now.</returns>
    public int Adopt(VirtualServiceState service, in TemplateKey<TAddress> key, Destination destination, MonotonicTime now)
    {
        lock (_lock)
        {
            int template = Find(in key, []);
            if (template == 0 && !TryMake(service, in key, [], destination, now, out template)) return 0;
            if (_templates[template].DestinationIndex != destination.Index) return 0;
            Use(template, now);
            return template;
        }
    }

    /// <summary>
    /// The template for a connection that a real server began: one that leads to another real server dies, and another one takes its place.
    /// </summary>
    /// <returns>False when there is no room.</returns>
    public bool TryBindTo(
        VirtualServiceState service, in TemplateKey<TAddress> key, ReadOnlySpan<byte> engineKey, Destination destination, MonotonicTime now, out int template)
    {
        lock (_lock)
        {
            template = Find(in key, engineKey);
            if (template != 0 && _templates[template].DestinationIndex != destination.Index)
            {
                LetDie(template);
                template = 0;
            }

            if (template == 0 && !TryMake(service, in key, engineKey, destination, now, out template)) return false;
            Use(template, now);
            return true;
        }
    }

    /// <summary>A connection of the template has been established.</summary>
    public void Assure(int template)
    {
        lock (_lock)
        {
            _templates[template].State = Assured;
            NoteChange(template);
        }
    }

    /// <summary>A connection of the template has ended.</summary>
    /// <param name="template">The template.</param>
    /// <param name="isForced">Whether it was ended before its time: then the template goes too, if it is no longer needed and was never assured, or its
    /// real server is gone.</param>
    public void Release(int template, bool isForced)
    {
        lock (_lock)
        {
            ref Connection<TAddress> entry = ref _templates[template];
            entry.ControlledCount--;
            bool mayGo = isForced && entry.ControlledCount == 0;
            if (mayGo && (entry.State != Assured || !_destinations[entry.DestinationIndex].IsAvailable)) Remove(template);
        }
    }

    /// <summary>Lets expire what is due, a bounded part of it.</summary>
    public void Advance(MonotonicTime now)
    {
        if (_templates.Count == 0) return;
        lock (_lock)
        {
            var handler = new ExpiryHandler(this);
            _templates.Advance(now, TimerBudget, ref handler);
        }
    }

    /// <summary>Ends the templates that no connection needs of destinations that release them, or were deleted.</summary>
    /// <param name="endsDeleted">Whether those of deleted destinations go too (<c>expire_nodest_conn</c>).</param>
    public void EndUnwanted(bool endsDeleted)
    {
        // In pieces, so that connections need not wait for all of it. A template that is made meanwhile has a server.
        for (int first = 1; first <= _templates.HighestHandle; first += SweepBudget)
        {
            lock (_lock)
            {
                for (int handle = first; handle < first + SweepBudget && handle <= _templates.HighestHandle; handle++)
                {
                    if (!_templates.IsLive(handle)) continue;
                    ref Connection<TAddress> entry = ref _templates[handle];
                    if (entry.ControlledCount != 0 || entry.DestinationIndex == DestinationTable.Unbound) continue;
                    Destination destination = _destinations[entry.DestinationIndex];
                    if (destination.ReleasesPersistence || (endsDeleted && !destination.IsAvailable)) Remove(handle);
                }
            }
        }
    }

    /// <summary>Looks at a part of the templates, chosen at random, and ends those that drop_entry may (reference §4.5).</summary>
    public void ThinOut(IRandomSource random, MonotonicTime now)
    {
        lock (_lock)
        {
            // As many as a sweep looks at in one piece, so that connections need not wait long.
            int looks = Math.Min(Thinning.LooksAt(_templates.HighestHandle), SweepBudget);
            for (; looks > 0; looks--)
            {
                int handle = 1 + (int)random.NextBelow((uint)_templates.HighestHandle);
                if (_templates.IsLive(handle) && IsExpendable(in _templates[handle], now)) Remove(handle);
            }
        }
    }

    /// <summary>Appends views of templates behind a handle.</summary>
    /// <inheritdoc cref="Forwarder{TFamily, TAddress}.CopyConnections" path="/param"/>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int Copy(int handle, ref int limit, MonotonicTime now, List<ConnectionView> into)
    {
        lock (_lock)
        {
            while (_templates.TryNext(ref handle, ref limit)) into.Add(ViewOf(handle, now));
            return handle;
        }
    }

    // FULLNAT's local end belongs to connections; the template's method is only listed.
    private static ForwardingMethod ListedMethod(Destination destination) =>
        destination.Method == ForwardingMethod.FullNat ? ForwardingMethod.Nat : destination.Method;

    private static ConnectionKey<TAddress> EntryOf(in TemplateKey<TAddress> key, ReadOnlySpan<byte> engineKey)
    {
        ushort port = ConnectionKey<TAddress>.PortFor(key.Virtual, key.VirtualPort);
        if (!engineKey.IsEmpty)
        {
            var hash = default(HashCode);
            hash.Add(port);
            hash.AddBytes(engineKey);
            port = unchecked((ushort)hash.ToHashCode());
        }

        return new ConnectionKey<TAddress>(key.Protocol, key.Client, port, key.Virtual, key.VirtualPort);
    }

    private int Find(in TemplateKey<TAddress> key, ReadOnlySpan<byte> engineKey)
    {
        ConnectionKey<TAddress> entry = EntryOf(in key, engineKey);
        var matcher = new EngineKeyMatcher(_keys, engineKey);
        return _templates.FindInbound(in entry, in matcher);
    }

    private bool TryMake(
        VirtualServiceState service, in TemplateKey<TAddress> key, ReadOnlySpan<byte> engineKey, Destination destination, MonotonicTime now,
        out int template)
    {
        ConnectionKey<TAddress> entry = EntryOf(in key, engineKey);
        ushort realPort = key.VirtualPort == 0 ? (ushort)0 : destination.Port;

        var target = new ConnectionTarget<TAddress>(
            ListedMethod(destination), destination.Address.Family == TFamily.Family ? TFamily.FromIpAddress(destination.Address) : default, realPort,
            destination.Index);
        if (!_templates.TryCreate(in entry, in target, now, out template, mayShareKey: true)) return false;
        _templates[template].Flags |= ConnectionFlags.Template;

        // An edit may have taken the engine away since the key was read.
        if (!engineKey.IsEmpty && service.Engine is { } engine) _templates[template].HelperSlot = _keys.Add(engine, engineKey);
        _templates.SetTimeout(template, service.Rule.PersistenceTimeout, now);
        destination.Bind(isTemplate: true);
        return true;
    }

    // Only a new connection restarts the timer, with whatever timeout is left of it (reference §7.3).
    private void Use(int template, MonotonicTime now)
    {
        ref Connection<TAddress> entry = ref _templates[template];
        entry.ControlledCount++;
        entry.Flags &= ~ConnectionFlags.Learned;
        _templates.SetTimeout(template, entry.Timeout, now);
        NoteChange(template);
    }

    // It goes to a place where nobody looks for it, and where it does not count among its client's entries.
    private void LetDie(int template)
    {
        ref Connection<TAddress> entry = ref _templates[template];
        entry.VirtualPort = entry.RealPort = ImpossiblePort;
        ushort elsewhere = unchecked((ushort)template);
        if (elsewhere == ConnectionKey<TAddress>.PortFor(entry.Virtual, ImpossiblePort)) elsewhere ^= 1;
        _templates.Rekey(template, elsewhere);
    }

    private bool IsExpendable(in Connection<TAddress> entry, MonotonicTime now)
    {
        if (entry.ControlledCount > 0) return false;
        if ((_destinations[entry.DestinationIndex].Service.Rule.Flags & ServiceFlags.OnePacket) == 0) return entry.State != Assured;
        return TimerTick.Difference(TimerTick.AtOrBefore(now), entry.LastSeen) >= Thinning.LeastIdleTicks && _thinning.IsNext(entry.InPackets);
    }

    private void Remove(int template)
    {
        Unbind(ref _templates[template]);
        _templates.Remove(template);
    }

    private void Unbind(ref Connection<TAddress> entry)
    {
        if (entry.HelperSlot != 0) _keys.Remove(entry.HelperSlot);
        _destinations[entry.DestinationIndex].Unbind(isTemplate: true, wasActive: false);
    }

    private ConnectionView ViewOf(int handle, MonotonicTime now)
    {
        ref Connection<TAddress> entry = ref _templates[handle];
        return new ConnectionView(
            entry.Protocol, new IpEndpoint(TFamily.ToIpAddress(entry.Client), 0), new IpEndpoint(TFamily.ToIpAddress(entry.Virtual), entry.VirtualPort), default,
            new IpEndpoint(_destinations[entry.DestinationIndex].Address, entry.RealPort), entry.Method, entry.State == Assured ? "ASSURED" : "NONE",
            _templates.TimeLeft(handle, now), IsActive: false, entry.HelperSlot == 0 ? null : _keys.NameOf(entry.HelperSlot),
            entry.HelperSlot == 0 ? null : Encoding.ASCII.GetString(_keys.Get(entry.HelperSlot)));
    }

    private readonly ref struct EngineKeyMatcher(EngineKeys keys, ReadOnlySpan<byte> key) : IEntryMatcher<TAddress>
    {
        private readonly ReadOnlySpan<byte> _key = key;

        public bool Matches(in Connection<TAddress> connection) =>
            connection.HelperSlot == 0 ? _key.IsEmpty : keys.Get(connection.HelperSlot).SequenceEqual(_key);
    }

    private readonly struct ExpiryHandler(TemplateTable<TFamily, TAddress> table) : IExpiryHandler<TAddress>
    {
        public uint Expire(int handle, ref Connection<TAddress> connection, MonotonicTime now)
        {
            if (connection.ControlledCount > 0)
            {
                table.NoteChange(handle);
                return StillNeededTimeout;
            }

            table.Unbind(ref connection);
            return 0;
        }

        public uint ReadBack(int handle, ref Connection<TAddress> connection, MonotonicTime now) => uint.MaxValue;
    }
}
