using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Tests.Services;

public sealed class DestinationTableTests
{
    [Fact]
    public void Indices_AreDenseFromOneAndFreedOnesComeBackFirst()
    {
        var service = new VirtualServiceState(0, EngineUnderTest.Service(), null);
        DestinationTable table = new();
        List<Destination> destinations = [];
        for (int i = 1; i <= 2500; i++)
        {
            TryReserve(table, i, out int index).ShouldBeTrue();
            index.ShouldBe(i);
            destinations.Add(new Destination(index, service, EngineUnderTest.Real()));
            table.Set(destinations[^1]);
        }

        destinations.ShouldAllBe(d => ReferenceEquals(table[d.Index], d));
        table.Release(destinations[1023]);
        TryReserve(table, 1, out int again).ShouldBeTrue();
        again.ShouldBe(1024);
        TryReserve(table, 2, out int next).ShouldBeTrue();
        next.ShouldBe(2501);
    }

    [Fact]
    public void FullTable_ReservesNothing()
    {
        DestinationTable table = new();
        for (int i = 1; i < DestinationTable.Capacity; i++) TryReserve(table, i, out _).ShouldBeTrue();
        TryReserve(table, 1, out _).ShouldBeFalse();
    }

    [Fact]
    public void PreferredIndices_AreKeptForTheirDestinations_AndGivenToNobodyElse()
    {
        DestinationTable table = new();
        table.Prefer([new DestinationSlot(3, EngineUnderTest.Service().Key, RealOf(30)), new DestinationSlot(1, EngineUnderTest.Service().Key, RealOf(10))]);
        TryReserve(table, 99, out int other).ShouldBeTrue();
        other.ShouldBe(2);
        TryReserve(table, 98, out int further).ShouldBeTrue();
        further.ShouldBe(4);
        TryReserve(table, 30, out int third).ShouldBeTrue();
        third.ShouldBe(3);
        TryReserve(table, 10, out int first).ShouldBeTrue();
        first.ShouldBe(1);
        TryReserve(table, 30, out int again).ShouldBeTrue("a wish is kept once");
        again.ShouldBe(5);
    }

    private static bool TryReserve(DestinationTable table, int number, out int index) =>
        table.TryReserve(EngineUnderTest.Service().Key, RealOf(number), out index);

    private static IpEndpoint RealOf(int number) => new(new Ipv4Address((uint)number), 80);
}
