using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Measurement;

/// <summary>What the whole director costs per packet, in memory: one worker, eight real servers, clients in random order.</summary>
/// <remarks>
/// Each packet is copied out of a pool of frames into a buffer, as a link without zero copy would, and is processed there; the copy alone
/// is measured too. Batches are as long as a link's.
/// </remarks>
public sealed partial class EngineMeasurement : IDisposable
{
    private const int RealServers = 8;
    private const int BatchLength = 64;
    private const int BufferLength = Packet.Headroom + 128 + Packet.Headroom;
    private const int LocalPorts = 65535 - 5000 + 1;
    private const byte Syn = 0x02, Ack = 0x10;

    private const string NetworkText = """
        link set dev front address 02:00:00:00:00:f0
        link set dev back address 02:00:00:00:00:b0
        addr add 198.51.100.1/24 dev front
        addr add 192.0.2.1/32 dev lo
        addr add 10.1.0.1/16 dev back
        addr add 10.1.0.2/16 dev back
        route add default via 198.51.100.254 dev front
        neigh replace 198.51.100.254 lladdr 02:00:00:00:00:fe dev front
        """;

    private static readonly MacAddress s_front = new(0x0200_0000_00F0), s_back = new(0x0200_0000_00B0);
    private static readonly IpAddress s_local = Ipv4Address.Of(10, 1, 0, 2);
    private static readonly IpEndpoint s_virtual = new(Ipv4Address.Of(192, 0, 2, 1), 80);

    private readonly Meter _meter;
    private readonly int _count;
    private readonly DirectorEngine _engine;
    private readonly DirectorWorker _worker;
    private readonly byte[] _buffers = GC.AllocateUninitializedArray<byte>(BatchLength * BufferLength, pinned: true);
    private readonly int _packets;
    private readonly int _frontIndex;
    private readonly int _backIndex;
    private readonly FramePool _requests;
    private readonly FramePool _replies;
    private readonly FramePool _openings;
    private readonly int _churned;
    private readonly int[] _order;
    private readonly MeasuredFlows? _flows;
    private MonotonicTime _now = MonotonicTime.FromSeconds(1000);

    /// <summary>Builds a director with connections in it.</summary>
    /// <param name="nanoseconds">A clock in nanoseconds.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="method">How they are forwarded: NAT, or FULLNAT with one local address.</param>
    public EngineMeasurement(Func<long> nanoseconds, int connections, ForwardingMethod method = ForwardingMethod.Nat)
        : this(nanoseconds, connections, method, isOffloaded: false)
    {
    }

    private EngineMeasurement(Func<long> nanoseconds, int connections, ForwardingMethod method, bool isOffloaded)
    {
        _churned = method == ForwardingMethod.FullNat ? Meter.PieceLength : 4 * Meter.PieceLength;
        _openings = new FramePool(_churned);
        _meter = new Meter(nanoseconds);
        _count = connections;
        int[] order = _order = RandomOrder.Of(connections);
        _packets = order.Length;
        _flows = isOffloaded ? new MeasuredFlows(connections + _churned, _packets) : null;
        var network = new NetworkState();
        var batch = IpBatch.Parse(NetworkText);
        for (int i = 0; i < RealServers; i++) batch.Execute($"neigh replace {RealOf(i)} lladdr 02:00:00:00:01:{i:x2} dev back");
        batch.Publish(network);
        (_frontIndex, _backIndex) = (batch.FindInterface("front"), batch.FindInterface("back"));
        _engine = new DirectorEngine(
            new DirectorOptions
            {
                Random = new CountingRandom(), HashKey = new UInt128(0x243F6A8885A308D3, 0x13198A2E03707344),
                MaxConnectionsV4 = connections + _churned, MaxConnectionsV6 = 1, Flows = _flows?.Memory,
            },
            network);
        _worker = (DirectorWorker)_engine.Workers[0];
        AddRules(method);

        _requests = new FramePool(_packets);
        _replies = new FramePool(_packets);
        Establish(order);
        for (int i = 0; i < _churned; i++) _openings.Write(i, s_front, ClientOf(connections + i), s_virtual, Syn);
    }

    /// <summary>Measures everything at each size.</summary>
    public static IEnumerable<Measurement> Run(Func<long> nanoseconds, IEnumerable<int> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        foreach (int size in sizes)
        {
            double copy = new Meter(nanoseconds).MeasureCopy(size);
            using var run = new EngineMeasurement(nanoseconds, size);
            int pieces = run._packets / Meter.PieceLength;
            yield return run.Take("engine: copying a frame into a buffer (part of all below)", copy, pieces, p => run.Copy(p));
            yield return run.Take("engine: established NAT request", copy, pieces, p => run.ProcessPiece(p, run._requests, run._frontIndex, false));
            yield return run.Take("engine: the same, expected ahead", copy, pieces, p => run.ProcessPiece(p, run._requests, run._frontIndex, true));
            yield return run.Take("engine: established NAT reply, expected ahead", copy, pieces, p => run.ProcessPiece(p, run._replies, run._backIndex, true));
            yield return run.Take("engine: new NAT connection, expected ahead", copy, run._churned / Meter.PieceLength, run.Open, run.ExpireHalfOpen);
        }
    }

    /// <summary>Measures FULLNAT with one local address and more and more of its ports taken towards every real server.</summary>
    public static IEnumerable<Measurement> RunFullNat(Func<long> nanoseconds)
    {
        foreach (int percent in (int[])[0, 50, 90, 99])
        {
            int size = Math.Max(1, RealServers * LocalPorts / 100 * percent);
            double copy = new Meter(nanoseconds).MeasureCopy(size);
            using var run = new EngineMeasurement(nanoseconds, size, ForwardingMethod.FullNat);
            int pieces = run._packets / Meter.PieceLength;
            yield return run.Take($"engine: established FULLNAT request, {percent} % of ports", copy, pieces, p => run.ProcessPiece(p, run._requests, run._frontIndex, true));
            yield return run.Take($"engine: established FULLNAT reply, {percent} % of ports", copy, pieces, p => run.ProcessPiece(p, run._replies, run._backIndex, true));
            yield return run.Take($"engine: new FULLNAT connection, {percent} % of ports", copy, run._churned / Meter.PieceLength, run.Open, run.ExpireHalfOpen);
        }
    }

    /// <summary>Processes the established requests over and over, for a profiler to watch.</summary>
    public void Repeat(int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            for (int p = 0; p < _packets / Meter.PieceLength; p++) ProcessPiece(p, _requests, _frontIndex, isExpected: true);
        }
    }

    /// <summary>Returns the tables' memory.</summary>
    public void Dispose() => _worker.Dispose();

    private static Ipv4Address RealOf(int i) => Ipv4Address.Of(10, 1, 0, (byte)(10 + i));

    private static IpEndpoint ClientOf(int i) =>
        new(new Ipv4Address(0x0B00_0000 + (uint)(i / 4)), (ushort)(1024 + (unchecked((uint)i * 40503) & 0x7FFC) + (i & 3)));

    private void AddRules(ForwardingMethod method)
    {
        // So long that the established connections outlive the minutes of the half-open ones.
        Require(_engine.SetTimeouts(new DirectorTimeouts(Tcp: ProtocolTimeouts.Maximum, 0, 0)));
        var key = ServiceKey.Of(IpProtocol.Tcp, s_virtual.Address, s_virtual.Port);
        Require(_engine.AddService(new VirtualServiceRule { Key = key, Scheduler = "rr", NetmaskPrefix = 32 }));
        for (int i = 0; i < RealServers; i++)
        {
            Require(_engine.AddDestination(
                key, new DestinationRule { Real = new IpEndpoint(RealOf(i), 8080), Method = method }));
        }

        if (method == ForwardingMethod.FullNat) Require(_engine.AddLocalAddress(key, s_local));
    }

    private static void Require(RuleResult result)
    {
        if (result != RuleResult.Ok) throw new InvalidOperationException($"a rule of the measurement was refused: {result}");
    }

    /// <summary>Opens every connection, sees where it went, and writes the frames that will come of it.</summary>
    private void Establish(int[] order)
    {
        var reals = new IpEndpoint[_count];
        var clients = new IpEndpoint[_count];
        var one = new FramePool(1);
        for (int i = 0; i < _count; i++)
        {
            one.Write(0, s_front, ClientOf(i), s_virtual, Syn);
            Packet packet = Receive(one[0], 0, _frontIndex);
            Verdict verdict = _worker.Process(ref packet, _now);
            if (verdict != Verdict.Transmit) throw new InvalidOperationException($"a connection was not made: {verdict} {packet.Reason}");
            reals[i] = EndOf(packet.Frame, 30, 36);
            clients[i] = EndOf(packet.Frame, 26, 34);
        }

        for (int i = 0; i < _packets; i++)
        {
            int client = order[i];
            _requests.Write(i, s_front, ClientOf(client), s_virtual, Ack);
            _replies.Write(i, s_back, reals[client], clients[client], Ack);
        }
    }

    private static IpEndpoint EndOf(ReadOnlySpan<byte> frame, int address, int port) =>
        new(Ipv4Address.Read(frame[address..]), BinaryPrimitives.ReadUInt16BigEndian(frame[port..]));

    private Measurement Take(string name, double copy, int pieces, Action<int> piece, Action? between = null)
    {
        (double nanoseconds, long allocated) = _meter.Measure(pieces, piece, between);
        return new Measurement(name, _count, nanoseconds, nanoseconds / copy, allocated);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Copy(int piece)
    {
        for (int i = 0; i < Meter.PieceLength; i++) Receive(_requests[(piece * Meter.PieceLength) + i], i % BatchLength, _frontIndex);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ProcessPiece(int piece, FramePool frames, int receiveInterface, bool isExpected)
    {
        int first = piece * Meter.PieceLength;
        for (int i = 0; i < Meter.PieceLength; i += BatchLength) ProcessBatch(frames, first + i, receiveInterface, isExpected);
    }

    private void ProcessBatch(FramePool frames, int start, int receiveInterface, bool isExpected)
    {
        for (int i = 0; i < BatchLength; i++) frames[start + i].CopyTo(_buffers.AsSpan((i * BufferLength) + Packet.Headroom));
        if (isExpected)
        {
            for (int i = 0; i < DirectorWorker.ExpectAhead; i++) _worker.Expect(FrameOf(i));
        }

        for (int i = 0; i < BatchLength; i++)
        {
            if (isExpected) _worker.Expect(i + DirectorWorker.ExpectAhead < BatchLength ? FrameOf(i + DirectorWorker.ExpectAhead) : default);
            var packet = new Packet
            {
                Buffer = _buffers.AsSpan(i * BufferLength, BufferLength),
                Offset = Packet.Headroom,
                Length = FramePool.FrameLength,
                ReceiveInterface = receiveInterface,
            };
            if (_worker.Process(ref packet, _now) != Verdict.Transmit)
                throw new InvalidOperationException($"a packet was not forwarded: {packet.Reason}");
        }
    }

    private ReadOnlySpan<byte> FrameOf(int i) => _buffers.AsSpan((i * BufferLength) + Packet.Headroom, FramePool.FrameLength);

    private Packet Receive(ReadOnlySpan<byte> frame, int slot, int receiveInterface)
    {
        Span<byte> buffer = _buffers.AsSpan(slot * BufferLength, BufferLength);
        frame.CopyTo(buffer[Packet.Headroom..]);
        return new Packet
        {
            Buffer = buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = receiveInterface,
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Open(int piece) => ProcessPiece(piece, _openings, _frontIndex, isExpected: true);

    /// <summary>Lets a minute pass, in which the other connections are heard of.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExpireHalfOpen()
    {
        if (_worker.ConnectionCount != _count + _churned) throw new InvalidOperationException("every SYN opens a connection");
        _now = _now.Add(TimeSpan.FromSeconds(61));
        while (_worker.AdvanceTimers(_now) == _now) { }
        if (_worker.ConnectionCount != _count) throw new InvalidOperationException("the half-open connections expire, and no other");
    }

    private sealed class CountingRandom : IRandomSource
    {
        private uint _state = 1;

        public uint NextBelow(uint bound)
        {
            _state = unchecked((_state * 1664525) + 1013904223);
            return (uint)(((ulong)_state * bound) >> 32);
        }
    }
}
