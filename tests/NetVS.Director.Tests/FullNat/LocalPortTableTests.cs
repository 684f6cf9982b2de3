using NetVS.Director.FullNat;
using NetVS.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.FullNat;

public sealed class LocalPortTableTests
{
    private static readonly Ipv4Address s_local = Ipv4Address.Of(10, 0, 0, 1);
    private static readonly Ipv4Address s_real = Ipv4Address.Of(10, 0, 1, 1);
    private static readonly MonotonicTime s_now = MonotonicTime.FromSeconds(1000);

    private static LocalPortTable<Ipv4Address> Table(int minimum = 5000, int maximum = 65535)
    {
        var table = new LocalPortTable<Ipv4Address>(0, 1, new SeededRandom(1));
        table.SetRange(minimum, maximum);
        return table;
    }

    [Fact]
    public void OneLocalAddress_ServesItsWholeRangeTowardsEveryRealServer()
    {
        LocalPortTable<Ipv4Address> table = Table();
        for (ushort real = 1; real <= 3; real++)
        {
            for (int i = 0; i < 60536; i++) table.TryTake(IpProtocol.Tcp, s_local, s_real, real, s_now, out _).ShouldBeTrue();
            table.TryTake(IpProtocol.Tcp, s_local, s_real, real, s_now, out _).ShouldBeFalse();
        }

        table.PoolCount.ShouldBe(3);
    }

    [Fact]
    public void TcpAndUdp_HavePortsOfTheirOwn()
    {
        LocalPortTable<Ipv4Address> table = Table(7, 7);

        table.TryTake(IpProtocol.Tcp, s_local, s_real, 1, s_now, out _).ShouldBeTrue();
        table.TryTake(IpProtocol.Udp, s_local, s_real, 1, s_now, out _).ShouldBeTrue();
        table.TryTake(IpProtocol.Tcp, s_local, s_real, 1, s_now, out _).ShouldBeFalse();
    }

    [Fact]
    public void IdlePools_AreGivenUpAfterTwoMinutes_UsedOnesNot()
    {
        LocalPortTable<Ipv4Address> table = Table();
        table.TryTake(IpProtocol.Tcp, s_local, s_real, 1, s_now, out ushort port);
        table.TryTake(IpProtocol.Tcp, s_local, s_real, 2, s_now, out _);
        table.Release(IpProtocol.Tcp, s_local, s_real, 1, port, s_now);

        table.GiveUpIdle(s_now + TimeSpan.FromSeconds(119.9));
        table.PoolCount.ShouldBe(2);
        table.GiveUpIdle(s_now + TimeSpan.FromSeconds(120));
        table.PoolCount.ShouldBe(1);
    }
}
