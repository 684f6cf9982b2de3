using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Director.Tests.Network;

public sealed class NextHopTableTests
{
    private static readonly MacAddress s_mac = new(0x0200_0000_00AA);

    private static NetworkState StateWithInterfaces()
    {
        var state = new NetworkState();
        state.Publish(new NetworkSnapshotBuilder()
            .Add(new NetworkInterface(2, "f0", new MacAddress(0x0200_0000_0002), 1500, true))
            .Add(new NetworkInterface(3, "f1", new MacAddress(0x0200_0000_0003), 1500, true)));
        return state;
    }

    private static IpAddress Address(uint number) => new Ipv4Address(0x0A00_0000 + number);

    [Fact]
    public void GetOrAdd_SameNextHop_SameId()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        int first = table.GetOrAdd(2, Address(1));

        table.GetOrAdd(2, Address(1)).ShouldBe(first);
        table.GetOrAdd(3, Address(1)).ShouldNotBe(first);
        table.GetOrAdd(2, IpAddress.Parse("::10.0.0.1")).ShouldNotBe(first, "the family is part of the address");
        table.Describe(first).ShouldBe((2, Address(1)));
        first.ShouldNotBe(NextHopTable.None);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(17)]
    [InlineData(NextHopTable.Capacity)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Read_IdNeverGiven_Failed(int id)
    {
        NextHopTable table = StateWithInterfaces().NextHops;

        table.Read(id).State.ShouldBe(NextHopState.Failed);
        table.MarkUsed(id, MonotonicTime.FromSeconds(1));
        table.RequestResolution(id);
        var requests = new List<int>();
        table.DrainRequests(requests);
        requests.ShouldBeEmpty();
    }

    [Fact]
    public void SetNeighbour_BeforeTheNextHopIsAdded_IsKnownAtOnce()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        table.SetNeighbour(2, Address(5), NextHopState.Reachable, s_mac);

        NextHop hop = table.Read(table.GetOrAdd(2, Address(5)));

        hop.State.ShouldBe(NextHopState.Reachable);
        hop.Destination.ShouldBe(s_mac);
        hop.TransmitInterface.ShouldBe(2);
    }

    [Fact]
    public void SetNeighbour_EachChange_ChangesVersionOnce()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        int id = table.GetOrAdd(2, Address(5));
        long version = table.Version;

        table.SetNeighbour(2, Address(5), NextHopState.Reachable, s_mac);
        table.Version.ShouldBe(version + 1);
        table.SetNeighbour(2, Address(5), NextHopState.Reachable, s_mac);
        table.Version.ShouldBe(version + 1);
        table.SetNeighbour(2, Address(5), NextHopState.Failed);
        table.Version.ShouldBe(version + 2);
        table.Read(id).State.ShouldBe(NextHopState.Failed);
        table.SetNeighbour(2, Address(6), NextHopState.Reachable, s_mac);
        table.Version.ShouldBe(version + 2, "not a next hop");
    }

    [Fact]
    public void ReplaceNeighbours_OneMissing_BecomesUnresolved()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        int kept = table.GetOrAdd(2, Address(1));
        int gone = table.GetOrAdd(2, Address(2));
        table.SetNeighbour(2, Address(1), NextHopState.Reachable, s_mac);
        table.SetNeighbour(2, Address(2), NextHopState.Reachable, s_mac);

        table.ReplaceNeighbours(new Dictionary<(int, IpAddress), (NextHopState, MacAddress)> { [(2, Address(1))] = (NextHopState.Reachable, s_mac) });

        table.Read(kept).State.ShouldBe(NextHopState.Reachable);
        table.Read(gone).State.ShouldBe(NextHopState.Unresolved);
    }

    [Fact]
    public void RequestResolution_Repeated_IsDrainedOnce()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        int wakes = 0;
        table.OnRequest = () => wakes++;
        int[] ids = [.. Enumerable.Range(1, 5).Select(i => table.GetOrAdd(2, Address((uint)i)))];
        foreach (int id in ids.Concat(ids)) table.RequestResolution(id);
        var requests = new List<int>();

        table.DrainRequests(requests);

        requests.Order().ShouldBe(ids);
        wakes.ShouldBe(1);
        requests.Clear();
        table.DrainRequests(requests);
        requests.ShouldBeEmpty();
        table.RequestResolution(ids[0]);
        table.DrainRequests(requests);
        requests.ShouldBe([ids[0]]);
        wakes.ShouldBe(2);
    }

    [Fact]
    public void CopyUsed_OnlyMarkedOnesSince()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        int early = table.GetOrAdd(2, Address(1));
        int late = table.GetOrAdd(2, Address(2));
        table.GetOrAdd(2, Address(3));
        table.MarkUsed(early, MonotonicTime.Zero);
        table.MarkUsed(late, MonotonicTime.FromSeconds(5));
        var used = new List<(int Id, MonotonicTime LastUsed)>();

        table.CopyUsed(MonotonicTime.Zero, used);
        used.Select(u => u.Id).ShouldBe([early, late]);
        used.Clear();
        table.CopyUsed(MonotonicTime.FromSeconds(2), used);
        used.Select(u => u.Id).ShouldBe([late]);
    }

    [Fact]
    public void HotPath_Allocates_Nothing()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        for (uint i = 0; i < 1000; i++) table.GetOrAdd(2, Address(i));
        var requests = new List<int>(2000);
        table.RequestResolution(1);
        table.DrainRequests(requests);

        // The runtime itself may allocate when it compiles a method anew; what a packet allocates shows in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (uint i = 0; i < 20_000; i++)
            {
                int id = table.GetOrAdd(2, Address(i % 1000));
                table.MarkUsed(id, new MonotonicTime(i * 1000L));
                table.RequestResolution(id);
                if (table.Read(id).State != NextHopState.Unresolved) throw new InvalidOperationException();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
    }

    [Fact]
    public void GetOrAdd_TableFull_AnswersNone_AndRetiringMakesRoom()
    {
        NetworkState state = StateWithInterfaces();
        NextHopTable table = state.NextHops;
        for (uint i = 1; i < NextHopTable.Capacity; i++) table.GetOrAdd(2, Address(i)).ShouldNotBe(NextHopTable.None);
        table.Count.ShouldBe(NextHopTable.Capacity - 1);
        table.GetOrAdd(2, Address(0)).ShouldBe(NextHopTable.None);
        table.Read(NextHopTable.None).State.ShouldBe(NextHopState.Failed);

        int busy = table.GetOrAdd(2, Address(77));
        int idle = table.GetOrAdd(2, Address(78));
        var now = MonotonicTime.FromSeconds(1000);
        table.MarkUsed(busy, now);
        int version = state.Version;
        state.Tick(now);

        state.Version.ShouldNotBe(version, "cached ids must be looked up again");
        table.Count.ShouldBe(1);
        table.GetOrAdd(2, Address(77)).ShouldBe(busy);
        table.Describe(idle).ShouldBe((2, Address(78)), "a retired id still reads as it did, for who holds it");
        table.GetOrAdd(3, Address(0)).ShouldBe(NextHopTable.None, "retired ids are not given away at once");

        state.Tick(now + TimeSpan.FromSeconds(61));
        int reused = table.GetOrAdd(3, Address(0));
        reused.ShouldNotBe(NextHopTable.None);
        table.Describe(reused).ShouldBe((3, Address(0)));
        table.GetOrAdd(2, Address(77)).ShouldBe(busy);
    }

    [Fact]
    public void Tick_TableFull_KeepsGateways()
    {
        IpBatch batch = IpBatch.Parse("link set dev f0 up\naddr add 192.0.2.1/24 dev f0\nroute add default via 192.0.2.9");
        var state = new NetworkState();
        batch.Publish(state);
        state.TryFindRoute(Address(1), 0, out RouteLookup before).ShouldBeTrue();
        for (uint i = 1; i < NextHopTable.Capacity; i++) state.NextHops.GetOrAdd(7, Address(i));

        state.Tick(MonotonicTime.FromSeconds(1000));

        state.NextHops.GetOrAdd(before.Interface, IpAddress.Parse("192.0.2.9")).ShouldBe(before.NextHop);
        state.NextHops.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Read_WhileControlWrites_SeesOnlyWholeValues()
    {
        NextHopTable table = StateWithInterfaces().NextHops;
        int[] ids = [.. Enumerable.Range(1, 64).Select(i => table.GetOrAdd(2, Address((uint)i)))];
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            long reads = 0;
            while (!stop.IsCancellationRequested || reads < 10_000)
            {
                NextHop hop = table.Read(ids[random.Next(ids.Length)]);
                ulong mac = hop.Destination.Value;

                // The writer stores MACs of one octet repeated, and only with Reachable.
                if (hop.State == NextHopState.Reachable) mac.ShouldBe(0x0101_0101_0101UL * (mac & 0xFF));
                else mac.ShouldBe(0UL);
                table.GetOrAdd(2, Address((uint)random.Next(1, 3000))).ShouldBeGreaterThan(0);
                table.RequestResolution(ids[random.Next(ids.Length)]);
                reads++;
            }
        }))];

        var writer = new Random(5);
        var requests = new List<int>();
        for (int i = 0; i < 200_000; i++)
        {
            IpAddress address = Address((uint)writer.Next(1, 65));
            if (i % 3 == 0) table.SetNeighbour(2, address, NextHopState.Failed);
            else table.SetNeighbour(2, address, NextHopState.Reachable, new MacAddress(0x0101_0101_0101UL * (ulong)writer.Next(256)));
            requests.Clear();
            table.DrainRequests(requests);
            requests.Count.ShouldBe(requests.Distinct().Count());
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        for (uint i = 1; i < 3000; i++) table.Describe(table.GetOrAdd(2, Address(i))).ShouldBe((2, Address(i)));
    }
}
