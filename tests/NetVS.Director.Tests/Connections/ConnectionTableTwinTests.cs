using NetVS.Director.Connections;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Connections;

/// <summary>The table against its slow twin, a dictionary, under seeded random sequences of everything it can do.</summary>
public sealed class ConnectionTableTwinTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomSequence_Ipv4_SameAsDictionary(int seed)
    {
        using var run = new TwinRun<Ipv4Address>(Seeds.Resolve(seed), n => new Ipv4Address(0xC6336400 + n));
        run.Run(20_000);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void RandomSequence_Ipv6_SameAsDictionary(int seed)
    {
        using var run = new TwinRun<Ipv6Address>(Seeds.Resolve(seed), n => new Ipv6Address(0x20010DB8_00000000, n));
        run.Run(20_000);
    }

    private static class Seeds
    {
        /// <summary>The seed of this run: NETVS_TEST_SEED if it is set.</summary>
        public static int Resolve(int seed) =>
            int.TryParse(Environment.GetEnvironmentVariable("NETVS_TEST_SEED"), out int given) ? given : seed;
    }

    private sealed class Twin<TAddress>(int handle, ConnectionTarget<TAddress> target)
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        public int Handle { get; } = handle;

        public ConnectionTarget<TAddress> Target { get; } = target;

        public uint Timeout { get; set; } = ConnectionTable<TAddress>.InitialTimeout;

        public MonotonicTime Deadline { get; set; }
    }

    private struct Collector<TAddress>() : IExpiryHandler<TAddress>
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        public uint ReadBack(int handle, ref Connection<TAddress> connection, MonotonicTime now) => uint.MaxValue;

        public List<int> Expired { get; } = [];

        public readonly uint Expire(int handle, ref Connection<TAddress> connection, MonotonicTime now)
        {
            Expired.Add(handle);
            return 0;
        }
    }

    private sealed class TwinRun<TAddress>(int seed, Func<uint, TAddress> address) : IDisposable
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        private const int Capacity = 300;
        private readonly Random _random = new(seed);
        private readonly ConnectionTable<TAddress> _table = new(Capacity, new UInt128(1, (ulong)seed));
        private readonly Dictionary<ConnectionKey<TAddress>, Twin<TAddress>> _twin = [];
        private MonotonicTime _now = MonotonicTime.FromSeconds(1000);

        public void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                // Long phases of growing and of shrinking, so that the table is full and empty again and again.
                bool isGrowing = step / 2000 % 2 == 0;
                int what = _random.Next(100);
                if (what < (isGrowing ? 50 : 10)) Create();
                else if (what < (isGrowing ? 52 : 40)) RemoveOne();
                else if (what < 60) Touch();
                else if (what < 85) SetTimeout();
                else if (what < 90) Lookups();
                else Advance(isGrowing ? 200 : 20_000);
                _table.Count.ShouldBe(_twin.Count, $"seed {seed}, step {step}");
            }

            foreach (ConnectionKey<TAddress> key in _twin.Keys) Check(key);
            _table.RefusedFull.ShouldBeGreaterThan(0, $"seed {seed}: the sequence never filled the table");
        }

        public void Dispose() => _table.Dispose();

        private ConnectionKey<TAddress> RandomKey() => new(
            _random.Next(2) == 0 ? IpProtocol.Tcp : IpProtocol.Udp, address((uint)_random.Next(20)), (ushort)_random.Next(1, 9),
            address(200 + (uint)_random.Next(3)), (ushort)_random.Next(80, 82));

        private void Create()
        {
            ConnectionKey<TAddress> key = RandomKey();
            if (_twin.ContainsKey(key)) return;
            var method = (ForwardingMethod[])[ForwardingMethod.Nat, ForwardingMethod.DirectRouting, ForwardingMethod.FullNat];
            var target = new ConnectionTarget<TAddress>(
                method[_random.Next(3)], address(100 + (uint)_random.Next(4)), 8080, _random.Next(10));
            if (target.Method == ForwardingMethod.FullNat)
            {
                target = target with { Local = address(240), LocalPort = (ushort)_random.Next(1024, 1324) };
                int found = _table.FindFullNatReply(key.Protocol, target.Local, target.LocalPort, target.Real, target.RealPort);
                bool isTaken = _twin.Any(t => t.Key.Protocol == key.Protocol && t.Value.Target.Local.Equals(target.Local) &&
                    t.Value.Target.LocalPort == target.LocalPort && t.Value.Target.Real.Equals(target.Real));
                (found != 0).ShouldBe(isTaken, $"seed {seed}");
                if (isTaken) return;
            }

            bool isCreated = _table.TryCreate(in key, in target, _now, out int handle);
            isCreated.ShouldBe(_twin.Count < Capacity);
            if (!isCreated)
            {
                handle.ShouldBe(0);
                return;
            }

            _twin.Add(key, new Twin<TAddress>(handle, target) { Deadline = _now.Add(TimeSpan.FromSeconds(3)) });
        }

        private void RemoveOne()
        {
            if (_twin.Count == 0) return;
            ConnectionKey<TAddress> key = _twin.Keys.ElementAt(_random.Next(_twin.Count));
            _table.Remove(_twin[key].Handle);
            _twin.Remove(key);
            _table.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort).ShouldBe(0);
        }

        private void Touch()
        {
            if (_twin.Count == 0) return;
            Twin<TAddress> twin = _twin.Values.ElementAt(_random.Next(_twin.Count));
            _table.Touch(twin.Handle, _now);
            twin.Deadline = _now.Add(TimeSpan.FromSeconds(twin.Timeout));
        }

        private void SetTimeout()
        {
            if (_twin.Count == 0) return;
            Twin<TAddress> twin = _twin.Values.ElementAt(_random.Next(_twin.Count));
            twin.Timeout = (uint)(_random.Next(4) switch { 0 => 10, 1 => 60, 2 => 900, _ => 5000 });
            _table.SetTimeout(twin.Handle, twin.Timeout, _now);
            twin.Deadline = _now.Add(TimeSpan.FromSeconds(twin.Timeout));
        }

        private void Lookups()
        {
            ConnectionKey<TAddress> key = RandomKey();
            int found = _table.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort);
            found.ShouldBe(_twin.TryGetValue(key, out Twin<TAddress>? twin) ? twin.Handle : 0, $"seed {seed}");
            if (_twin.Count > 0) Check(_twin.Keys.ElementAt(_random.Next(_twin.Count)));
        }

        private void Check(ConnectionKey<TAddress> key)
        {
            Twin<TAddress> twin = _twin[key];
            _table.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort).ShouldBe(twin.Handle);
            ConnectionTarget<TAddress> target = twin.Target;
            _table[twin.Handle].Timeout.ShouldBe(twin.Timeout);
            switch (target.Method)
            {
                case ForwardingMethod.FullNat:
                    _table.FindFullNatReply(key.Protocol, target.Local, target.LocalPort, target.Real, target.RealPort)
                        .ShouldBe(twin.Handle);
                    break;
                case ForwardingMethod.Nat:
                    int nat = _table.FindOutbound(key.Protocol, key.Client, key.ClientPort, target.Real, target.RealPort);
                    ConnectionTarget<TAddress> reply = _twin.Values.Single(t => t.Handle == nat).Target;
                    (reply.Real, reply.RealPort, reply.Method).ShouldBe((target.Real, target.RealPort, target.Method));
                    break;
                default:
                    _table.FindOutbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort).ShouldBe(twin.Handle);
                    break;
            }
        }

        /// <summary>Time moves by anything from nothing to an hour; whoever is due must go, and nobody else.</summary>
        private void Advance(int milliseconds)
        {
            _now = _now.Add(TimeSpan.FromMilliseconds(_random.Next(100) == 0 ? _random.Next(3_600_000) : _random.Next(milliseconds)));
            var handler = new Collector<TAddress>();
            MonotonicTime wake;
            do wake = _table.Advance(_now, _random.Next(1, 50), ref handler);
            while (wake == _now);
            (wake > _now).ShouldBeTrue();

            foreach (int handle in handler.Expired)
            {
                ConnectionKey<TAddress> key = _twin.Single(t => t.Value.Handle == handle).Key;
                (_twin[key].Deadline <= _now).ShouldBeTrue($"seed {seed}: expired before its deadline");
                _twin.Remove(key);
            }

            TimeSpan tick = TimeSpan.FromSeconds(1.0 / 8);
            foreach (Twin<TAddress> twin in _twin.Values)
                (twin.Deadline.Add(tick) > _now).ShouldBeTrue($"seed {seed}: kept a tick and more after its deadline");
        }
    }
}
