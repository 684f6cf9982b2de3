using NetVS.Director.Services;

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
            table.TryReserve(out int index).ShouldBeTrue();
            index.ShouldBe(i);
            destinations.Add(new Destination(index, service, EngineUnderTest.Real()));
            table.Set(destinations[^1]);
        }

        destinations.ShouldAllBe(d => ReferenceEquals(table[d.Index], d));
        table.Release(destinations[1023]);
        table.TryReserve(out int again).ShouldBeTrue();
        again.ShouldBe(1024);
        table.TryReserve(out int next).ShouldBeTrue();
        next.ShouldBe(2501);
    }

    [Fact]
    public void FullTable_ReservesNothing()
    {
        DestinationTable table = new();
        for (int i = 1; i < DestinationTable.Capacity; i++) table.TryReserve(out _).ShouldBeTrue();
        table.TryReserve(out _).ShouldBeFalse();
    }
}
