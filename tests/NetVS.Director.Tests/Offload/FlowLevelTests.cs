using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Flows;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Offload;

/// <summary>Few flows lie close together in a large table; many have all of it; none is lost when that changes.</summary>
public sealed class FlowLevelTests
{
    private const int Buckets = 1 << 14; // two levels: 1,024 and 16,384 buckets

    [Fact]
    public void FewFlows_LieInTheSmallestLevel()
    {
        using var memory = new FlowTestMemory(Buckets);
        FlowTable<Ipv4Address> table = FlowTableTests.TableV4(memory);
        memory.Memory.Config[0].PlaceMaskV4.ShouldBe(1023u);
        for (int i = 0; i < 1000; i++) Install(table, i).ShouldBeLessThan(1024 * FlowAbi.Ways);
        memory.Memory.Config[0].PlaceMaskV4.ShouldBe(1023u);
    }

    [Fact]
    public void Level_ThatIsHalfFull_IsLeft_AndTakenAgainWhenAnEighthIsLeft()
    {
        using var memory = new FlowTestMemory(Buckets);
        FlowTable<Ipv4Address> table = FlowTableTests.TableV4(memory);
        var lines = new Dictionary<int, int>();
        for (int i = 0; i < 10_000; i++)
        {
            Add(table, lines, i);
            memory.Memory.Config[0].PlaceMaskV4.ShouldBe(table.Count <= 2048 ? 1023u : 16383u);
        }

        lines.Count.ShouldBeGreaterThan(9990, "almost none finds all its buckets full");
        lines.Values.Count(l => l >= 1024 * FlowAbi.Ways).ShouldBeGreaterThan(7000, "those that came later have the whole table");
        ShouldBeFound(memory, lines);
        table.TryClaim(FlowTableTests.FlowV4(5), 0, 0, out _).ShouldBe(FlowClaim.Exists, "it is in the smaller level");

        foreach (int i in lines.Keys.Where(i => i % 20 != 0).ToArray())
        {
            table.Remove(lines[i]);
            lines.Remove(i);
        }

        table.Count.ShouldBe(lines.Count);
        memory.Memory.Config[0].PlaceMaskV4.ShouldBe(1023u);
        ShouldBeFound(memory, lines);
        table.TryClaim(FlowTableTests.FlowV4(9980), 0, 0, out _).ShouldBe(FlowClaim.Exists, "it is in the larger level");
        foreach (int line in lines.Values) table.Remove(line);
        OverflowsOf(memory).ShouldBe(0);
    }

    [Fact]
    public void TakeOver_ChoosesTheLevelAnew_AndCountsTheSameOverflows()
    {
        using var memory = new FlowTestMemory(Buckets);
        FlowTable<Ipv4Address> table = FlowTableTests.TableV4(memory);
        var lines = new Dictionary<int, int>();
        for (int i = 0; i < 40_000; i++) Add(table, lines, i);

        int overflows = OverflowsOf(memory);
        overflows.ShouldBeGreaterThan(0);
        FlowTable<Ipv4Address> next = FlowTableTests.TableV4(memory);
        next.TakeOver();
        next.Count.ShouldBe(lines.Count);
        memory.Memory.Config[0].PlaceMaskV4.ShouldBe(16383u);
        OverflowsOf(memory).ShouldBe(overflows);
        ShouldBeFound(memory, lines);
        foreach (int line in lines.Values) next.Remove(line);
        OverflowsOf(memory).ShouldBe(0);
    }

    // Counts that go up and down over the borders between levels.
    [Fact]
    public void AnySequence_OverAllLevels_IsADictionary() => Seeds.Run(3, (random, seed) =>
    {
        using var memory = new FlowTestMemory(Buckets, key: seed);
        FlowTable<Ipv4Address> table = FlowTableTests.TableV4(memory);
        var lines = new Dictionary<int, int>();
        for (int round = 0; round < 6; round++)
        {
            for (int wanted = random.Next(6000); lines.Count > wanted;)
            {
                (int number, int line) = lines.First();
                table.Remove(line);
                lines.Remove(number);
            }

            for (int i = 0, more = random.Next(6000); i < more; i++)
            {
                int number = random.Next(60_000);
                if (!lines.ContainsKey(number)) Add(table, lines, number);
                else table.TryClaim(FlowTableTests.FlowV4(number), 0, 0, out _).ShouldBe(FlowClaim.Exists);
            }

            table.Count.ShouldBe(lines.Count);
            ShouldBeFound(memory, lines);
        }

        foreach (int line in lines.Values) table.Remove(line);
        OverflowsOf(memory).ShouldBe(0);
    });

    private static void Add(FlowTable<Ipv4Address> table, Dictionary<int, int> lines, int number)
    {
        Flow<Ipv4Address> flow = FlowTableTests.FlowV4(number);
        if (table.TryClaim(in flow, 0, 0, out int line) != FlowClaim.Taken) return;
        table.Publish(line);
        lines.Add(number, line);
    }

    private static int Install(FlowTable<Ipv4Address> table, int number)
    {
        Flow<Ipv4Address> flow = FlowTableTests.FlowV4(number);
        table.TryClaim(in flow, 0, 0, out int line).ShouldBe(FlowClaim.Taken);
        table.Publish(line);
        return line;
    }

    private static void ShouldBeFound(FlowTestMemory memory, Dictionary<int, int> lines)
    {
        foreach ((int number, int line) in lines) FlowTableTests.Find(memory, FlowTableTests.FlowV4(number)).ShouldBe(line);
    }

    private static int OverflowsOf(FlowTestMemory memory)
    {
        int sum = 0;
        for (int line = 0; line < memory.Memory.LinesV4.Length; line += FlowAbi.Ways) sum += memory.Memory.LinesV4[line].State.Overflow;
        return sum;
    }
}
