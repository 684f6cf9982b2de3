using System.Collections.Immutable;
using NetVS.Director.Marks;
using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary><see cref="DivertRules"/> in the making: immutable sets that share what did not change.</summary>
internal sealed record DivertSets(
    ImmutableHashSet<DivertEndpoint> Virtuals,
    ImmutableHashSet<DivertEndpoint> Reals,
    ImmutableHashSet<DivertEndpoint> TunnelReals,
    ImmutableHashSet<IpAddress> LocalAddresses)
{
    /// <summary>What is diverted for mark services.</summary>
    public MarkMap Marked { get; init; } = MarkMap.Empty;

    /// <summary>Nothing.</summary>
    public static DivertSets Empty { get; } = new([], [], [], []);

    /// <summary>Members in all sets; what is marked is not counted.</summary>
    public int Count => Virtuals.Count + Reals.Count + TunnelReals.Count + LocalAddresses.Count;

    /// <summary>These and one service's endpoint.</summary>
    public DivertSets WithVirtual(DivertEndpoint? endpoint) => endpoint is { } e ? this with { Virtuals = Virtuals.Add(e) } : this;

    /// <summary>These and what a destination will leave.</summary>
    public DivertSets With(in DestinationTrace trace)
    {
        DivertSets sets = WithVirtual(trace.Virtual);
        if (trace.Reply is { } reply) sets = sets with { Reals = sets.Reals.Union(trace.Protocols.Select(p => reply with { Protocol = p })) };
        if (trace.TunnelEnd is { } end) sets = sets with { TunnelReals = sets.TunnelReals.Add(end) };
        return sets;
    }

    /// <summary>Sets to which much is added at once.</summary>
    internal sealed class Draft(DivertSets sets)
    {
        private readonly ImmutableHashSet<DivertEndpoint>.Builder _virtuals = sets.Virtuals.ToBuilder();
        private readonly ImmutableHashSet<DivertEndpoint>.Builder _reals = sets.Reals.ToBuilder();
        private readonly ImmutableHashSet<DivertEndpoint>.Builder _tunnelReals = sets.TunnelReals.ToBuilder();
        private readonly ImmutableHashSet<IpAddress>.Builder _localAddresses = sets.LocalAddresses.ToBuilder();

        /// <summary>Adds a service's endpoint.</summary>
        public void AddVirtual(DivertEndpoint? endpoint)
        {
            if (endpoint is { } e) _virtuals.Add(e);
        }

        /// <summary>Adds what a destination will leave.</summary>
        public void Add(in DestinationTrace trace)
        {
            AddVirtual(trace.Virtual);
            if (trace.Reply is { } reply)
                foreach (IpProtocol protocol in trace.Protocols) _reals.Add(reply with { Protocol = protocol });
            if (trace.TunnelEnd is { } end) _tunnelReals.Add(end);
        }

        /// <summary>Adds a local address.</summary>
        public void AddLocalAddress(IpAddress address) => _localAddresses.Add(address);

        /// <summary>All of it.</summary>
        public DivertSets ToSets() => sets with
        {
            Virtuals = _virtuals.ToImmutable(), Reals = _reals.ToImmutable(), TunnelReals = _tunnelReals.ToImmutable(), LocalAddresses = _localAddresses.ToImmutable(),
        };
    }

    /// <summary>As the links take them.</summary>
    public DivertRules ToRules() => new(Virtuals, Reals, TunnelReals, LocalAddresses) { Marked = Marked.Networks };
}
