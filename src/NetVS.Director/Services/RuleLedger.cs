using NetVS.Packets;

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

    /// <summary>The workers' snapshot as it would be published now.</summary>
    public ServiceTable Table { get; private set; } = ServiceTable.Empty;

    /// <summary>The links' snapshot as it would be published now.</summary>
    public DivertSets Divert { get; private set; } = DivertSets.Empty;

    /// <summary>Enters a service that is in force from now on.</summary>
    public void Add(VirtualServiceState service)
    {
        Table = Table.With(service);
        if (DestinationTrace.VirtualOf(service.Key, service.HasAnyPort) is { } endpoint) AddVirtual(endpoint);
    }

    /// <summary>Takes out a service that is in force no more. What its destinations leave, they leave.</summary>
    public void Remove(VirtualServiceState service)
    {
        Table = Table.Without(service);
        if (DestinationTrace.VirtualOf(service.Key, service.HasAnyPort) is { } endpoint) RemoveVirtual(endpoint);
    }

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
        if (trace.Reply is { } reply)
        {
            if (_reals.Add(reply))
            {
                Table = Table with { Reals = Table.Reals.With(KeyOf(reply), default) };
                Divert = Divert with { Reals = Divert.Reals.Add(reply) };
            }

            if (_realAddresses.Add(reply.Address)) Table = Table with { RealAddresses = Table.RealAddresses.With(EndpointKey.Of(reply.Address), default) };
        }

        if (trace.IsNat && _nats.Add(NatOf(in trace))) Table = Table with { NatDestinations = Table.NatDestinations.With(KeyOf(NatOf(in trace)), default) };
        if (trace.TunnelEnd is { } end && _tunnels.Add(end))
        {
            Table = Table with { TunnelReals = Table.TunnelReals.With(KeyOf(end), default) };
            Divert = Divert with { TunnelReals = Divert.TunnelReals.Add(end) };
        }
    }

    private void Remove(in DestinationTrace trace)
    {
        if (trace.Virtual is { } endpoint) RemoveVirtual(endpoint);
        if (trace.Reply is { } reply)
        {
            if (_reals.Remove(reply))
            {
                Table = Table with { Reals = Table.Reals.Without(KeyOf(reply)) };
                Divert = Divert with { Reals = Divert.Reals.Remove(reply) };
            }

            if (_realAddresses.Remove(reply.Address)) Table = Table with { RealAddresses = Table.RealAddresses.Without(EndpointKey.Of(reply.Address)) };
        }

        if (trace.IsNat && _nats.Remove(NatOf(in trace))) Table = Table with { NatDestinations = Table.NatDestinations.Without(KeyOf(NatOf(in trace))) };
        if (trace.TunnelEnd is { } end && _tunnels.Remove(end))
        {
            Table = Table with { TunnelReals = Table.TunnelReals.Without(KeyOf(end)) };
            Divert = Divert with { TunnelReals = Divert.TunnelReals.Remove(end) };
        }
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

    private static DivertEndpoint NatOf(in DestinationTrace trace) => new(trace.Service.Protocol, trace.Real.Address, trace.Real.Port);

    private static EndpointKey KeyOf(DivertEndpoint endpoint) => EndpointKey.Of(endpoint.Protocol, endpoint.Address, endpoint.Port);
}
