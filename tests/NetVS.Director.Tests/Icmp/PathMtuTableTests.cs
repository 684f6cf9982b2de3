using NetVS.Director.Icmp;
using NetVS.Packets;

namespace NetVS.Director.Tests.Icmp;

public sealed class PathMtuTableTests
{
    private static readonly IpAddress s_real = IpAddress.Parse("10.0.0.1");
    private static readonly MonotonicTime s_now = MonotonicTime.FromSeconds(1000);

    [Fact]
    public void Learn_SmallerOnly_AndChangesTheVersion()
    {
        var table = new PathMtuTable();

        table.Learn(s_real, 1500, 1500, s_now).ShouldBeFalse();
        table.Version.ShouldBe(0);
        table.Learn(s_real, 1400, 1500, s_now).ShouldBeTrue();
        table.Learn(s_real, 1400, 1500, s_now).ShouldBeFalse();
        table.Learn(s_real, 1300, 1500, s_now).ShouldBeTrue();
        table.Learn(s_real, 1350, 1500, s_now).ShouldBeFalse();
        table.Version.ShouldBe(2);
        table.Limit(s_real, 1500).ShouldBe(1300);
        table.Limit(s_real, 1200).ShouldBe(1200);
        table.Limit(IpAddress.Parse("10.0.0.2"), 1500).ShouldBe(1500);
    }

    [Theory]
    [InlineData("10.0.0.1", 100, PathMtuTable.MinimumV4)]
    [InlineData("2001:db8::1", 100, PathMtuTable.MinimumV6)]
    public void Learn_ForgedTiny_StopsAtTheFamilysMinimum(string address, int stated, int expected)
    {
        var table = new PathMtuTable();

        table.Learn(IpAddress.Parse(address), stated, 1500, s_now);
        table.Limit(IpAddress.Parse(address), 1500).ShouldBe(expected);
    }

    [Fact]
    public void Expire_AtTenMinutes()
    {
        var table = new PathMtuTable();
        table.Learn(s_real, 1400, 1500, s_now);

        table.Expire(s_now + TimeSpan.FromSeconds(599.9));
        table.Limit(s_real, 1500).ShouldBe(1400);
        table.Expire(s_now + TimeSpan.FromSeconds(600));
        table.Limit(s_real, 1500).ShouldBe(1500);
        table.Version.ShouldBe(2);
    }

    [Fact]
    public void Full_TheOldestGivesWay()
    {
        var table = new PathMtuTable();
        for (uint i = 0; i <= PathMtuTable.Capacity; i++)
            table.Learn(new Ipv4Address(i + 1), 1400, 1500, s_now + TimeSpan.FromSeconds(i)).ShouldBeTrue();

        table.Limit(new Ipv4Address(1), 1500).ShouldBe(1500);
        table.Limit(new Ipv4Address(2), 1500).ShouldBe(1400);
        table.Limit(new Ipv4Address(PathMtuTable.Capacity + 1), 1500).ShouldBe(1400);
        table.Expire(s_now + TimeSpan.FromHours(1));
        table.Limit(new Ipv4Address(2), 1500).ShouldBe(1500);
    }
}
