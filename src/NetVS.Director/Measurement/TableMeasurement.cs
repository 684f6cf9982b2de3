using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Measurement;

/// <summary>What the connection table alone costs: finding, touching and moving a connection; making one and letting it expire.</summary>
public sealed class TableMeasurement : IDisposable
{
    /// <summary>Packets looked ahead when memory is asked for before it is needed; a link's batch is at least as long.</summary>
    private const int Ahead = 16;

    private const int Churned = Meter.PieceLength;
    private const byte Syn = 0x02, Ack = 0x10;

    private static readonly Ipv4Address s_virtual = Ipv4Address.Of(10, 0, 0, 1);
    private static readonly Ipv4Address s_real = Ipv4Address.Of(192, 168, 1, 10);

    private readonly Meter _meter;
    private readonly int _count;
    private readonly int[] _order;
    private readonly ConnectionTable<Ipv4Address> _table;
    private readonly ProtocolTimeouts _timeouts = new();
    private MonotonicTime _now = MonotonicTime.FromSeconds(1000);

    /// <summary>Builds a table with connections in it.</summary>
    /// <param name="nanoseconds">A clock in nanoseconds.</param>
    /// <param name="connections">How many connections.</param>
    public TableMeasurement(Func<long> nanoseconds, int connections)
    {
        _meter = new Meter(nanoseconds);
        _count = connections;
        _order = RandomOrder.Of(connections);
        _table = new ConnectionTable<Ipv4Address>(connections + Churned, new UInt128(0x243F6A8885A308D3, 0x13198A2E03707344));
        // So long that the established connections outlive every round of the short-lived ones.
        _timeouts.TrySet(new DirectorTimeouts(Tcp: ProtocolTimeouts.Maximum, 0, 0));
        for (int i = 0; i < connections; i++) Create(i, Ack);
    }

    /// <summary>Measures everything at each size.</summary>
    public static IEnumerable<Measurement> Run(Func<long> nanoseconds, IEnumerable<int> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        foreach (int size in sizes)
        {
            double copy = new Meter(nanoseconds).MeasureCopy(size);
            yield return new Measurement("copy of a 64-octet packet (baseline)", size, copy, 1, 0);
            using var run = new TableMeasurement(nanoseconds, size);
            int pieces = run._order.Length / Meter.PieceLength;
            yield return run.Take("table: established packet (find, state, touch)", pieces, copy, run.Established);
            yield return run.Take("table: the same, memory asked for ahead", pieces, copy, run.EstablishedAhead);
            yield return run.Take("table: new connection (miss, create, expire)", 8, copy, run.CreateAndExpire);
            yield return run.Take("dictionary: established packet (slow twin)", pieces, copy, run.DictionaryTwin());
        }
    }

    /// <summary>Returns the table's memory.</summary>
    public void Dispose() => _table.Dispose();

    private static Ipv4Address ClientOf(int i) => new(unchecked((uint)i * 2654435761));

    private static ushort PortOf(int i) => (ushort)(1024 + (i & 0x7FFF));

    private Measurement Take(string name, int pieces, double copy, Action<int> piece)
    {
        (double nanoseconds, long allocated) = _meter.Measure(pieces, piece);
        return new Measurement(name, _count, nanoseconds, nanoseconds / copy, allocated);
    }

    private ReadOnlySpan<int> OrderOf(int piece) => _order.AsSpan(piece * Meter.PieceLength, Meter.PieceLength);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Established(int piece)
    {
        foreach (int i in OrderOf(piece))
            Move(_table.FindInbound(IpProtocol.Tcp, ClientOf(i), PortOf(i), s_virtual, 80), Ack);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EstablishedAhead(int piece)
    {
        ReadOnlySpan<int> order = OrderOf(piece);
        Span<ulong> hashes = stackalloc ulong[2 * Ahead];
        for (int start = 0; start < order.Length; start += 2 * Ahead)
        {
            ReadOnlySpan<int> batch = order.Slice(start, 2 * Ahead);
            for (int k = 0; k < batch.Length; k++)
            {
                hashes[k] = _table.HashOf(IpProtocol.Tcp, ClientOf(batch[k]), PortOf(batch[k]));
                _table.PrefetchIndex(hashes[k]);
            }

            for (int k = 0; k < batch.Length; k++) _table.PrefetchConnection(hashes[k]);
            for (int k = 0; k < batch.Length; k++)
            {
                Move(
                    _table.FindInbound(hashes[k], IpProtocol.Tcp, ClientOf(batch[k]), PortOf(batch[k]), s_virtual, 80), Ack);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CreateAndExpire(int piece)
    {
        for (int i = _count; i < _count + Churned; i++)
        {
            if (_table.FindInbound(IpProtocol.Tcp, ClientOf(i), PortOf(i), s_virtual, 80) == 0) Create(i, 0x04);
        }

        // The others are looked at meanwhile as well: that is part of what a connection costs.
        _now = _now.Add(TimeSpan.FromSeconds(11));
        var handler = default(LetGo);
        while (_table.Advance(_now, 64, ref handler) == _now) { }
        if (_table.Count != _count) throw new InvalidOperationException("all the short-lived connections expire, and no other");
    }

    private Action<int> DictionaryTwin()
    {
        var twin = new Dictionary<ConnectionKey<Ipv4Address>, TwinConnection>(_count);
        for (int i = 0; i < _count; i++) twin[KeyOf(i)] = new TwinConnection();
        return piece =>
        {
            foreach (int i in OrderOf(piece))
            {
                if (twin.TryGetValue(KeyOf(i), out TwinConnection? connection)) connection.LastSeen = _now;
            }
        };
    }

    private static ConnectionKey<Ipv4Address> KeyOf(int i) => new(IpProtocol.Tcp, ClientOf(i), PortOf(i), s_virtual, 80);

    private void Create(int i, byte flags)
    {
        var target = new ConnectionTarget<Ipv4Address>(ForwardingMethod.Nat, s_real, 80, 0);
        if (!_table.TryCreate(KeyOf(i), in target, _now, out int handle))
            throw new InvalidOperationException("the table was reserved large enough");
        Move(handle, flags);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Move(int handle, byte flags)
    {
        ref Connection<Ipv4Address> connection = ref _table[handle];
        TcpStateMachine.Step(ref connection, isReply: false, flags, secure: false);
        _table.SetTimeout(handle, _timeouts.OfTcp((TcpState)connection.State), _now);
    }

    private sealed class TwinConnection
    {
        public MonotonicTime LastSeen { get; set; }
    }

    private struct LetGo : IExpiryHandler<Ipv4Address>
    {
        public uint ReadBack(int handle, ref Connection<Ipv4Address> connection, MonotonicTime now) => uint.MaxValue;

        public readonly uint Expire(int handle, ref Connection<Ipv4Address> connection, MonotonicTime now) => 0;
    }
}
