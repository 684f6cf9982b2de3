using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Connections;

/// <summary>No packet allocates: not the established one, not the first, not the timers.</summary>
public sealed class ConnectionAllocationTests
{
    private const int Connections = 1000;

    [Fact]
    public void LifeOfAThousandConnections_Ipv4_AllocatesNothing() => Measure(n => new Ipv4Address(n));

    [Fact]
    public void LifeOfAThousandConnections_Ipv6_AllocatesNothing() => Measure(n => new Ipv6Address(0x20010DB8_00000000, n));

    private static void Measure<TAddress>(Func<uint, TAddress> address)
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        using var table = new ConnectionTable<TAddress>(Connections, 9);
        var timeouts = new ProtocolTimeouts();
        MonotonicTime now = MonotonicTime.FromSeconds(50);
        Live(table, timeouts, address, ref now);

        // The runtime itself may allocate when it compiles a method anew; what a packet allocates shows in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Live(table, timeouts, address, ref now);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
    }

    /// <summary>Each connection is made, refused once for lack of room, found both ways, established, closed, expired.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Live<TAddress>(
        ConnectionTable<TAddress> table, ProtocolTimeouts timeouts, Func<uint, TAddress> address, ref MonotonicTime now)
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        TAddress virtualAddress = address(1), real = address(2), local = address(3);
        for (uint i = 0; i < Connections + 10; i++)
        {
            bool isFullNat = i % 2 == 0;
            var key = new ConnectionKey<TAddress>(IpProtocol.Tcp, address(100 + i), 40000, virtualAddress, 80);
            var target = new ConnectionTarget<TAddress>(
                isFullNat ? ForwardingMethod.FullNat : ForwardingMethod.Nat, real, 80, 0, local, (ushort)(2000 + i));
            if (!table.TryCreate(in key, in target, now, out int handle)) continue;
            Step(table, timeouts, handle, 0x02, now);
        }

        for (uint i = 0; i < Connections; i++)
        {
            int handle = table.FindInbound(IpProtocol.Tcp, address(100 + i), 40000, virtualAddress, 80);
            Step(table, timeouts, handle, 0x10, now);
            int reply = i % 2 == 0
                ? table.FindFullNatReply(IpProtocol.Tcp, local, (ushort)(2000 + i), real, 80)
                : table.FindOutbound(IpProtocol.Tcp, address(100 + i), 40000, real, 80);
            if (reply != handle) throw new InvalidOperationException("the reply belongs to the same connection");
            Step(table, timeouts, handle, 0x11, now);
        }

        var handler = default(LetGo<TAddress>);
        now = now.Add(TimeSpan.FromSeconds(1000));
        while (table.Advance(now, 100, ref handler) == now) { }
        if (table.Count != 0) throw new InvalidOperationException("every connection has expired");
    }

    private static void Step<TAddress>(
        ConnectionTable<TAddress> table, ProtocolTimeouts timeouts, int handle, byte flags, MonotonicTime now)
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        ref Connection<TAddress> connection = ref table[handle];
        TcpStateMachine.Step(ref connection, isReply: false, flags, secure: false);
        table.SetTimeout(handle, timeouts.OfTcp((TcpState)connection.State), now);
    }

    private struct LetGo<TAddress> : IExpiryHandler<TAddress>
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        public uint ReadBack(int handle, ref Connection<TAddress> connection, MonotonicTime now) => uint.MaxValue;

        public readonly uint Expire(int handle, ref Connection<TAddress> connection, MonotonicTime now) => 0;
    }
}
