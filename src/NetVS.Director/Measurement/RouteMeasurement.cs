using System.Runtime.CompilerServices;
using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Director.Measurement;

/// <summary>What it costs to look up a route and its next hop, in memory: once per new connection and after each change of the network.</summary>
public sealed class RouteMeasurement
{
    private const int Pieces = 16;
    private const int Lookups = Pieces * Meter.PieceLength;
    private readonly NetworkState _state = new();
    private readonly uint[] _destinations = new uint[Lookups];
    private readonly bool _isV6;
    private readonly int _routes;

    private RouteMeasurement(int routes, bool isV6)
    {
        _isV6 = isV6;
        _routes = routes;
        var builder = new NetworkSnapshotBuilder().Add(new NetworkInterface(2, "f0", new MacAddress(0x0200_0000_0002), 1500, true));
        var random = new Mixer();
        builder.Add(new NetworkRoute(IpAddress.AnyOf(isV6 ? IpFamily.V6 : IpFamily.V4), 0, [HopOf(0)]));
        for (int i = 1; i < routes; i++)
        {
            // Prefixes of 16 to 24 bits, as a table of the Internet has most of.
            int length = 16 + (int)(random.Next() % 9);
            uint start = random.Next() & (uint)(0xFFFF_FFFFUL >> (32 - length) << (32 - length));
            builder.Add(new NetworkRoute(AddressOf(start), isV6 ? length + 8 : length, [HopOf(i % 16)]) { Metric = (uint)i });
        }

        _state.Publish(builder);
        for (int i = 0; i < Lookups; i++) _destinations[i] = random.Next() & 0x7FFF_FFFF;
    }

    /// <summary>Measures one route, ten and ten thousand, for both families.</summary>
    /// <param name="nanoseconds">A clock in nanoseconds.</param>
    public static IEnumerable<Measurement> Run(Func<long> nanoseconds)
    {
        var meter = new Meter(nanoseconds);
        double copy = meter.MeasureCopy(Lookups);
        foreach (bool isV6 in (bool[])[false, true])
        {
            foreach (int routes in (int[])[1, 10, 10_000])
            {
                var run = new RouteMeasurement(routes, isV6);
                (double time, long allocated) = meter.Measure(Pieces, run.LookUpPiece);
                yield return new Measurement($"routes: IPv{(isV6 ? 6 : 4)} lookup, {routes} routes", 0, time, time / copy, allocated);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LookUpPiece(int piece)
    {
        int found = 0;
        foreach (uint destination in _destinations.AsSpan(piece * Meter.PieceLength, Meter.PieceLength))
            if (_state.TryFindRoute(AddressOf(destination), destination, out RouteLookup route) && route.NextHop != NextHopTable.None) found++;
        if (found < Meter.PieceLength) throw new InvalidOperationException($"{_routes} routes, one of them default: every lookup finds one");
    }

    private IpAddress AddressOf(uint number) => _isV6
        ? new Ipv6Address(0x2000_0000_0000_0000 | ((ulong)number << 24), number)
        : new Ipv4Address(number);

    private RouteHop HopOf(int i) => new(2, _isV6 ? new Ipv6Address(0xFE80_0000_0000_0000, (ulong)i + 1) : new Ipv4Address(0x0A00_0001 + (uint)i));

    private sealed class Mixer
    {
        private uint _state = 1;

        public uint Next()
        {
            _state = unchecked((_state * 1664525) + 1013904223);
            return _state ^ (_state >> 15);
        }
    }
}
