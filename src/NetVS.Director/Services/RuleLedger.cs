using NetVS.Director.Marks;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>Keeps both snapshots, the workers' and the links', in step with single changes.</summary>
/// <remarks>
/// Several services may share an address, several destinations a real server, and what is deleted may linger: so everything is
/// counted, and a snapshot changes when the first comes or the last goes. Thread: control, under the engine's lock.
/// </remarks>
internal sealed class RuleLedger
{
    private readonly CountedSet<DivertEndpoint> _virtuals = new();
    private readonly CountedSet<DivertEndpoint> _reals = new();
    private readonly CountedSet<DivertEndpoint> _nats = new();
    private readonly CountedSet<IpAddress> _virtualAddresses = new();
    private readonly CountedSet<IpAddress> _realAddresses = new();
    private readonly CountedSet<DivertEndpoint> _tunnels = new();
    private readonly CountedSet<(IpFamily Family, uint Mark)> _wantedMarks = new();

    /// <summary>The workers' snapshot as it would be published now.</summary>
    public ServiceTable Table { get; private set; } = ServiceTable.Empty;

    /// <summary>The links' snapshot as it would be published now.</summary>
    public DivertSets Divert { get; private set; } = DivertSets.Empty;

    /// <summary>From now on until <see cref="EndBatch"/> the workers' snapshot is in the making, and must not be published.</summary>
    public void BeginBatch() => Table = Table.Draft();

    /// <summary>Makes the workers' snapshot one that can be published.</summary>
    public void EndBatch() => Table = Table.Final();

    /// <summary>Enters a service that is in force from now on.</summary>
    public void Add(VirtualServiceState service)
    {
        Table = Table.With(service);
        if (service.Key.IsMark) AddMark(service.Key);
        if (DestinationTrace.VirtualOf(service.Key, service.HasAnyPort) is { } endpoint) AddVirtual(endpoint);
    }

    /// <summary>Takes out a service that is in force no more. What its destinations leave, they leave.</summary>
    public void Remove(VirtualServiceState service)
    {
        Table = Table.Without(service);
        if (service.Key.IsMark) RemoveMark(service.Key);
        if (DestinationTrace.VirtualOf(service.Key, service.HasAnyPort) is { } endpoint) RemoveVirtual(endpoint);
    }

    /// <summary>A service's persistence engine may be another one.</summary>
    /// <returns>Whether that makes a difference.</returns>
    public bool NoteEngine(VirtualServiceState service)
    {
        ServiceTable former = Table;
        Table = Table.WithEngineOf(service);
        return !ReferenceEquals(former, Table);
    }

    /// <summary>The mark rules in force.</summary>
    public IReadOnlyList<MarkRule> Marks { get; private set; } = [];

    /// <summary>Mark rules no longer in force, whose packets are still recognised.</summary>
    public IReadOnlyList<MarkRule> FormerMarks { get; private set; } = [];

    /// <summary>Puts other mark rules in force.</summary>
    public void SetMarks(IReadOnlyList<MarkRule> rules, IReadOnlyList<MarkRule> former)
    {
        if (rules != Marks) Table = Table with { Marks = MarkMap.Of(rules) };
        Marks = rules;
        FormerMarks = former;
        RecogniseMarks();
    }

    /// <summary>What would be diverted for marks if these rules were in force and this service were there too.</summary>
    public MarkMap RecognisedWith(IReadOnlyList<MarkRule> rules, IReadOnlyList<MarkRule> former, ServiceKey? service = null) => MarkMap.Recognised(
        rules, former, (family, mark) => _wantedMarks.Contains((family, mark)) || (service is { } key && key.Family == family && key.Mark == mark));

    /// <summary>Enters what a destination leaves now, in place of what it left before.</summary>
    /// <returns>Whether that makes a difference for the destination.</returns>
    public bool Enter(Destination destination, in DestinationTrace trace)
    {
        DestinationTrace former = destination.Trace;
        if (former == trace) return false;
        destination.Trace = trace;
        Add(in trace);
        Remove(in former);
        return true;
    }

    /// <summary>Enters a local address.</summary>
    public void AddLocalAddress(IpAddress address)
    {
        Table = Table with { LocalAddresses = Table.LocalAddresses.With(EndpointKey.Of(address), default) };
        Divert = Divert with { LocalAddresses = Divert.LocalAddresses.Add(address) };
    }

    /// <summary>Takes out a local address.</summary>
    public void RemoveLocalAddress(IpAddress address)
    {
        Table = Table with { LocalAddresses = Table.LocalAddresses.Without(EndpointKey.Of(address)) };
        Divert = Divert with { LocalAddresses = Divert.LocalAddresses.Remove(address) };
    }

    private void Add(in DestinationTrace trace)
    {
        if (trace.Virtual is { } endpoint) AddVirtual(endpoint);
        if (trace.Methods != 0 && trace.Service.IsMark) AddMark(trace.Service);
        if (trace.Reply is { } reply)
        {
            foreach (IpProtocol protocol in trace.Protocols)
            {
                DivertEndpoint from = reply with { Protocol = protocol };
                if (!_reals.Add(from)) continue;
                Table = Table with { Reals = Table.Reals.With(KeyOf(from), default) };
                Divert = Divert with { Reals = Divert.Reals.Add(from) };
            }

            if (_realAddresses.Add(reply.Address)) Table = Table with { RealAddresses = Table.RealAddresses.With(EndpointKey.Of(reply.Address), default) };
        }

        foreach (IpProtocol protocol in trace.IsNat ? trace.Protocols : [])
        {
            DivertEndpoint nat = NatOf(in trace, protocol);
            if (_nats.Add(nat)) Table = Table with { NatDestinations = Table.NatDestinations.With(KeyOf(nat), default) };
        }

        if (trace.TunnelEnd is { } end && _tunnels.Add(end))
        {
            Table = Table with { TunnelReals = Table.TunnelReals.With(KeyOf(end), default) };
            Divert = Divert with { TunnelReals = Divert.TunnelReals.Add(end) };
        }
    }

    private void Remove(in DestinationTrace trace)
    {
        if (trace.Virtual is { } endpoint) RemoveVirtual(endpoint);
        if (trace.Methods != 0 && trace.Service.IsMark) RemoveMark(trace.Service);
        if (trace.Reply is { } reply)
        {
            foreach (IpProtocol protocol in trace.Protocols)
            {
                DivertEndpoint from = reply with { Protocol = protocol };
                if (!_reals.Remove(from)) continue;
                Table = Table with { Reals = Table.Reals.Without(KeyOf(from)) };
                Divert = Divert with { Reals = Divert.Reals.Remove(from) };
            }

            if (_realAddresses.Remove(reply.Address)) Table = Table with { RealAddresses = Table.RealAddresses.Without(EndpointKey.Of(reply.Address)) };
        }

        foreach (IpProtocol protocol in trace.IsNat ? trace.Protocols : [])
        {
            DivertEndpoint nat = NatOf(in trace, protocol);
            if (_nats.Remove(nat)) Table = Table with { NatDestinations = Table.NatDestinations.Without(KeyOf(nat)) };
        }

        if (trace.TunnelEnd is { } end && _tunnels.Remove(end))
        {
            Table = Table with { TunnelReals = Table.TunnelReals.Without(KeyOf(end)) };
            Divert = Divert with { TunnelReals = Divert.TunnelReals.Remove(end) };
        }
    }

    private void AddMark(ServiceKey key)
    {
        if (_wantedMarks.Add((key.Family, key.Mark))) RecogniseMarks();
    }

    private void RemoveMark(ServiceKey key)
    {
        if (_wantedMarks.Remove((key.Family, key.Mark))) RecogniseMarks();
    }

    private void RecogniseMarks()
    {
        if (Marks.Count == 0 && FormerMarks.Count == 0 && Divert.Marked.IsEmpty) return;
        MarkMap recognised = RecognisedWith(Marks, FormerMarks);
        Divert = Divert with { Marked = recognised };
        Table = Table with { MarkedDestinations = recognised };
    }

    private void AddVirtual(DivertEndpoint endpoint)
    {
        if (_virtuals.Add(endpoint)) Divert = Divert with { Virtuals = Divert.Virtuals.Add(endpoint) };
        if (_virtualAddresses.Add(endpoint.Address))
            Table = Table with { VirtualAddresses = Table.VirtualAddresses.With(EndpointKey.Of(endpoint.Address), default) };
    }

    private void RemoveVirtual(DivertEndpoint endpoint)
    {
        if (_virtuals.Remove(endpoint)) Divert = Divert with { Virtuals = Divert.Virtuals.Remove(endpoint) };
        if (_virtualAddresses.Remove(endpoint.Address))
            Table = Table with { VirtualAddresses = Table.VirtualAddresses.Without(EndpointKey.Of(endpoint.Address)) };
    }

    private static DivertEndpoint NatOf(in DestinationTrace trace, IpProtocol protocol) => new(protocol, trace.Real.Address, trace.Real.Port);

    private static EndpointKey KeyOf(DivertEndpoint endpoint) => EndpointKey.Of(endpoint.Protocol, endpoint.Address, endpoint.Port);
}
