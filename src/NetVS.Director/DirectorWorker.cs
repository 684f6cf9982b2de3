using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Fragments;
using NetVS.Director.Icmp;
using NetVS.Director.Network;
using NetVS.Director.Offload;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director;

/// <summary>One partition of the director: its connections, its timers, its counters.</summary>
/// <remarks>Thread: everything here belongs to the one thread that drives this worker, unless a member says otherwise.</remarks>
public sealed partial class DirectorWorker : IDisposable
{
    private readonly Forwarder<Ipv4Family, Ipv4Address> _v4;
    private readonly Forwarder<Ipv6Family, Ipv6Address> _v6;
    private readonly long[] _events = new long[ForwardingEvents.Count];
    private readonly NetworkState _network;
    private long _ingressKey = -1;
    private int _ingressVersion;
    private bool _isIngressKnown;
    private MacAddress _ingressMac;
    private PieceBuffers? _pieces;
    private ushort _identification;
    private int _markedHop;
    private MonotonicTime _markedAt;
    private MonotonicTime _lastTime;

    /// <summary>Builds the worker's own part: its tables, empty.</summary>
    internal DirectorWorker(DirectorEngine engine, int index)
    {
        Engine = engine;
        Index = index;
        _network = engine.Network;
        Destinations = engine.Destinations;
        PathMtus = engine.PathMtus;
        Counters = engine.Counters[index];
        _identification = (ushort)engine.Random.NextBelow(65536);
        int workers = engine.Options.Workers;
        DirectorOffload? offload = engine.Offload;
        if (offload is not null && index < offload.Rings.Count) _reports = offload.Rings[index];
        SettleTimeouts(Timeouts.Version);
        _v4 = new Forwarder<Ipv4Family, Ipv4Address>(this, ShareOf(engine.Options.MaxConnectionsV4, workers), engine.Options.HashKey, engine.TemplatesV4, engine.ExpectationsV4, offload?.LinesV4);
        _v6 = new Forwarder<Ipv6Family, Ipv6Address>(this, ShareOf(engine.Options.MaxConnectionsV6, workers), engine.Options.HashKey, engine.TemplatesV6, engine.ExpectationsV6, offload?.LinesV6);
    }

    /// <summary>Position in <see cref="DirectorEngine.Workers"/>.</summary>
    public int Index { get; }

    /// <summary>How many packets that would begin a connection, of either family, pass before drop_packet drops one.</summary>
    internal int BeginningsUntilDrop { get; set; }

    /// <summary>Takes the further frames of packets that became several. Set once, before the first packet.</summary>
    public IFrameSink? Sink { get; set; }

    /// <summary>Connections in this partition now. Thread: any.</summary>
    public int ConnectionCount => _v4.Connections.Count + _v6.Connections.Count;

    /// <summary>
    /// The index of the worker that owns the packet's connection: this one's or another's. With several workers a packet must be
    /// handed to its owner before <see cref="Process"/>; with one worker the answer is always 0.
    /// </summary>
    public int FindOwner(in Packet packet)
    {
        if (WorkerCount == 1) return Index;
        if (packet.Mark == 0 && TryFindAnnouncedOwner(packet.Frame, out int owner)) return owner;
        if (!PacketShape.TryParse(packet.Frame, out PacketShape shape)) return Index;
        return shape.Family == IpFamily.V4
            ? _v4.FindOwner(in packet, in shape, _lastTime)
            : _v6.FindOwner(in packet, in shape, _lastTime);
    }

    /// <summary>The director it belongs to.</summary>
    internal DirectorEngine Engine { get; }

    /// <summary>How many workers there are.</summary>
    internal int WorkerCount => Engine.Options.Workers;

    /// <summary>Random numbers, shared by all workers.</summary>
    internal IRandomSource Random => Engine.Random;

    /// <summary>The settings; each is read when it is needed.</summary>
    internal DirectorSettings Settings => Engine.Settings;

    /// <summary>How long connections are kept.</summary>
    internal ProtocolTimeouts Timeouts => Engine.ProtocolTimeouts;

    /// <summary>All destinations by index.</summary>
    internal DestinationTable Destinations { get; }

    /// <summary>The usage of FULLNAT's local addresses.</summary>
    internal LocalAddressTable LocalAddresses => Engine.LocalAddresses;

    /// <summary>The key of FULLNAT's initial sequence numbers: the table's, turned, so that neither tells of the other.</summary>
    internal UInt128 SequenceKey => UInt128.RotateRight(Engine.Options.HashKey, 37) ^ UInt128.MaxValue;

    /// <summary>What this worker counts for destinations and drops.</summary>
    internal WorkerCounters Counters { get; }

    /// <summary>Links, addresses, routes.</summary>
    internal NetworkState Network => _network;

    /// <summary>Next hops by id.</summary>
    internal NextHopTable NextHops => _network.NextHops;

    /// <summary>The rules in force. Who reads them goes on with what was read: a packet meets one state of them.</summary>
    internal ServiceTable Table => Engine.Table;

    /// <summary>Path MTUs learned about tunnels, shared by all workers.</summary>
    internal PathMtuTable PathMtus { get; }

    /// <summary>The ports of datagrams in fragments, shared by all workers.</summary>
    internal FragmentTable Fragments => Engine.Fragments;

    /// <summary>Bounds the ICMP messages of this worker.</summary>
    internal IcmpRateLimiter IcmpLimiter { get; } = new();

    /// <summary>Room for packets that become several.</summary>
    internal PieceBuffers Pieces => _pieces ??= new PieceBuffers();

    /// <summary>IPv4's packet path and connections.</summary>
    internal Forwarder<Ipv4Family, Ipv4Address> V4 => _v4;

    /// <summary>IPv6's packet path and connections.</summary>
    internal Forwarder<Ipv6Family, Ipv6Address> V6 => _v6;

    /// <summary>Changes whenever a route, a path MTU or a tunnel may have changed: what connections cache is then looked up afresh.</summary>
    internal int RouteVersion => unchecked(_network.Version + PathMtus.Version + Engine.TunnelVersion);

    /// <summary>Decides about one packet and rewrites it in place. Allocates nothing, throws nothing.</summary>
    /// <param name="packet">The frame; on Transmit it is what must be sent.</param>
    /// <param name="now">The time, read once per batch.</param>
    /// <remarks>
    /// The stages of the established path (this, the forwarder's TryProcessPlain and its short way, ForwardInbound and ForwardOutbound, the table's
    /// searches) are out of line on purpose: merged into one caller they exceed what the compiler is willing to inline, and then the smallest
    /// accessors are calls, which cost an established packet 30 ns.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Verdict Process(ref Packet packet, MonotonicTime now)
    {
        packet.Reason = DropReason.None;
        _lastTime = now;
        if (packet.Mark == 0 && packet.ReceiveInterface != Packet.FromStack)
        {
            ushort etherType = EtherTypeOf(packet.Frame);
            if (etherType == EtherType.Ipv4)
            {
                if (IsAddressedToUs(in packet, 0) && _v4.TryProcessPlain(ref packet, now, out Verdict verdict)) return verdict;
            }
            else if (etherType == EtherType.Ipv6)
            {
                if (IsAddressedToUs(in packet, 0) && _v6.TryProcessPlain(ref packet, now, out Verdict verdict)) return verdict;
            }
        }

        return ProcessAny(ref packet, now);
    }

    /// <summary>Decides about what is not plain, or has a mark, or comes from the stack.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Verdict ProcessAny(ref Packet packet, MonotonicTime now)
    {
        if (!PacketShape.TryParse(packet.Frame, out PacketShape shape)) return RefuseShape(ref packet, shape.Error);
        if (!IsAddressedToUs(in packet, in shape)) return Verdict.ToStack;
        return shape.Family == IpFamily.V4
            ? _v4.Process(ref packet, in shape, now)
            : _v6.Process(ref packet, in shape, now);
    }

    /// <summary>Fills in what a held packet still lacks: the next hop's MAC, and its source where the interface changed.</summary>
    /// <param name="packet">A packet that got the verdict AwaitNeighbour.</param>
    /// <param name="hop">The reading of its <see cref="Packet.NextHop"/> that says Reachable.</param>
    public static void CompleteNeighbour(ref Packet packet, in NextHop hop)
    {
        ref EthernetHeader header = ref WireView.At<EthernetHeader>(packet.Frame, 0);
        header.Destination.Host = hop.Destination;
        header.Source.Host = hop.Source;
        packet.TransmitInterface = hop.TransmitInterface;
    }

    /// <summary>How often something worth counting happened that dropped no packet. Thread: any.</summary>
    public long CountEvents(ForwardingEvent counted) => Volatile.Read(ref _events[(int)counted]);

    /// <summary>Returns the connection tables' memory. The worker must not be driven any more.</summary>
    public void Dispose()
    {
        _v4.Dispose();
        _v6.Dispose();
    }

    /// <summary>Drops a packet and counts why.</summary>
    internal Verdict Drop(ref Packet packet, DropReason reason)
    {
        packet.Reason = reason;
        Counters.CountDrop(reason);
        return Verdict.Drop;
    }

    /// <summary>Counts an event.</summary>
    internal void Count(ForwardingEvent counted)
    {
        unchecked { _events[(int)counted]++; }
    }

    /// <summary>Tells the next-hop table that a hop is in use, at most once per batch as long as the hop does not change.</summary>
    internal void MarkUsed(int hop, MonotonicTime now)
    {
        if (hop == _markedHop && now == _markedAt) return;
        _markedHop = hop;
        _markedAt = now;
        NextHops.MarkUsed(hop, now);
    }

    /// <summary>The next hop's MAC is not known: ask for it and have the packet held.</summary>
    internal Verdict AwaitNeighbour(int hop, NextHopState state, ref Packet packet)
    {
        if (state == NextHopState.Failed) return Drop(ref packet, DropReason.NextHopUnreachable);
        NextHops.RequestResolution(hop);
        return Verdict.AwaitNeighbour;
    }

    /// <summary>Takes the right to send an ICMP message, or counts that it is withheld.</summary>
    internal bool TryTakeIcmp(MonotonicTime now)
    {
        if (IcmpLimiter.TryTake(now, Settings.IcmpRateLimit)) return true;
        Count(ForwardingEvent.IcmpRateLimited);
        return false;
    }

    /// <summary>An identification for an IPv4 packet of the director's own: the worker's counter, begun at random.</summary>
    internal ushort NextIdentification() => unchecked(_identification++);

    private static int ShareOf(int connections, int workers) => Math.Max(1, (connections + workers - 1) / workers);

    /// <summary>
    /// Whether the frame was sent to the interface it came in by (reference §4.2, step 2). Frames to groups, to other hosts and on
    /// unknown VLANs are the stack's to judge.
    /// </summary>
    private bool IsAddressedToUs(in Packet packet, in PacketShape shape)
    {
        if (packet.ReceiveInterface == Packet.FromStack) return true;
        return shape.VlanTags <= 1 && IsAddressedToUs(in packet, shape.VlanId);
    }

    private bool IsAddressedToUs(in Packet packet, ushort vlanId)
    {
        long key = ((long)packet.ReceiveInterface << 12) | vlanId;
        int version = _network.Version;
        if (key != _ingressKey || version != _ingressVersion) FindIngress(key, version, packet.ReceiveInterface, vlanId);
        return _isIngressKnown && WireView.ReadAt<EthernetHeader>(packet.Frame, 0).Destination.Host == _ingressMac;
    }

    private void FindIngress(long key, int version, int receiveInterface, ushort vlanId)
    {
        NetworkInterface? found = _network.FindInterface(receiveInterface, vlanId);
        _ingressKey = key;
        _ingressVersion = version;
        _isIngressKnown = found is not null;
        _ingressMac = found?.Mac ?? default;
    }

    private Verdict RefuseShape(ref Packet packet, PacketShapeError error) => error switch
    {
        PacketShapeError.NotIp or PacketShapeError.TooManyVlanTags => Verdict.ToStack,
        PacketShapeError.TruncatedEthernet or PacketShapeError.TruncatedVlanTag => Drop(ref packet, DropReason.TruncatedEthernet),
        PacketShapeError.TruncatedIpv4Header or PacketShapeError.BadIpv4Header => Drop(ref packet, DropReason.BadIpv4Header),
        PacketShapeError.LyingIpv4Length or PacketShapeError.LyingIpv6Length => Drop(ref packet, DropReason.LyingLength),
        PacketShapeError.OversizeFragment => Drop(ref packet, DropReason.FragmentOversize),
        _ => Drop(ref packet, DropReason.BadIpv6Header),
    };
}
