using NetVS.Director.Fragments;
using NetVS.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Fragments;

public sealed class FragmentTableTests
{
    private static readonly MonotonicTime s_now = MonotonicTime.FromSeconds(1000);

    private static FragmentKey Key(uint id) => new(IpAddress.Parse("10.0.0.1"), IpAddress.Parse("10.0.0.2"), id, IpProtocol.Udp);

    private static FragmentOutcome First(FragmentTable table, uint id, int length, ushort port = 1) =>
        table.AcceptFirst(Key(id), length, port, 2, s_now);

    private static FragmentOutcome Later(FragmentTable table, uint id, int offset, int length, bool more) =>
        table.AcceptLater(Key(id), offset, length, more, s_now, out _, out _);

    [Fact]
    public void Later_GetsThePortsOfTheFirst()
    {
        var table = new FragmentTable(64, 1);
        First(table, 5, 800, 77);

        table.AcceptLater(Key(5), 800, 8, false, s_now, out ushort source, out ushort destination).ShouldBe(FragmentOutcome.Accepted);
        (source, destination).ShouldBe(((ushort)77, (ushort)2));
        table.TryFindPorts(Key(5), s_now, out _, out _).ShouldBeFalse("the datagram is complete");
    }

    [Theory]
    [InlineData(0, 8, true, "Duplicate")]
    [InlineData(80, 16, true, "Duplicate")]
    [InlineData(792, 16, true, "Overlap")]
    [InlineData(800, 8, true, "Accepted")]
    [InlineData(65528, 7, false, "Accepted")]
    public void Later_AgainstAFirstOf800Octets(int offset, int length, bool more, string expected)
    {
        var table = new FragmentTable(64, 1);
        First(table, 5, 800);

        Later(table, 5, offset, length, more).ToString().ShouldBe(expected);
    }

    [Fact]
    public void DataBehindTheStatedEnd_IsAnOverlap()
    {
        var table = new FragmentTable(64, 1);
        First(table, 5, 800);
        Later(table, 5, 1600, 80, false).ShouldBe(FragmentOutcome.Accepted);

        Later(table, 5, 1680, 80, true).ShouldBe(FragmentOutcome.Overlap);
        Later(table, 5, 800, 800, true).ShouldBe(FragmentOutcome.Overlap);
    }

    [Fact]
    public void OtherPortsUnderTheSameIdentification_BeginAnotherDatagram()
    {
        var table = new FragmentTable(64, 1);
        First(table, 5, 800, 1);
        First(table, 5, 800, 3).ShouldBe(FragmentOutcome.Accepted);

        table.TryFindPorts(Key(5), s_now, out ushort source, out _).ShouldBeTrue();
        source.ShouldBe((ushort)3);
    }

    [Fact]
    public void NotePorts_PassesNothing()
    {
        var table = new FragmentTable(64, 1);
        table.NotePorts(Key(5), 1, 2, s_now);

        First(table, 5, 800).ShouldBe(FragmentOutcome.Accepted);
        table.NotePorts(Key(5), 1, 2, s_now);
        First(table, 5, 800).ShouldBe(FragmentOutcome.Duplicate);
    }

    [Fact]
    public void FullSet_TheOldestGivesWay()
    {
        var table = new FragmentTable(4, 1);
        for (uint id = 0; id < 5; id++)
            table.AcceptFirst(Key(id), 800, 1, 2, s_now + TimeSpan.FromSeconds(id)).ShouldBe(FragmentOutcome.Accepted);

        table.TryFindPorts(Key(0), s_now + TimeSpan.FromSeconds(5), out _, out _).ShouldBeFalse();
        for (uint id = 1; id < 5; id++) table.TryFindPorts(Key(id), s_now + TimeSpan.FromSeconds(5), out _, out _).ShouldBeTrue();
    }

    /// <summary>The slow twin: the octets that passed, one by one.</summary>
    [Fact]
    public void RandomFragments_AgreeWithASetOfOctets() => Seeds.Run(200, (random, _) =>
    {
        var table = new FragmentTable(64, 1);
        var passed = new HashSet<int>(Enumerable.Range(0, 64));
        First(table, 9, 64);
        int end = 0;
        for (int i = 0; i < 40; i++)
        {
            int offset = random.Next(1, 100) * 8;
            int length = random.Next(1, 12) * 8;
            bool more = random.Next(12) != 0;
            int[] octets = [.. Enumerable.Range(offset, length)];
            int repeated = octets.Count(passed.Contains);
            FragmentOutcome expected = repeated == length ? FragmentOutcome.Duplicate
                : repeated > 0 || (end != 0 && (!more || offset + length > end)) ? FragmentOutcome.Overlap
                : FragmentOutcome.Accepted;

            Later(table, 9, offset, length, more).ShouldBe(expected);
            if (expected == FragmentOutcome.Overlap) return;
            if (expected != FragmentOutcome.Accepted) continue;
            passed.UnionWith(octets);
            if (!more) end = offset + length;
            if (end != 0 && passed.Count == end) return;
        }
    });
}
