using NetVS.Failover.Trackers;

namespace NetVS.Failover.Tests.Trackers;

public sealed class TrackerTests
{
    // Results of runs (1 good) and what follows from each: U up, D down, - nothing.
    [Theory]
    [InlineData(3, 2, false, "1", "U")]
    [InlineData(3, 2, false, "0", "D")]
    [InlineData(3, 2, false, "0111", "D--U")]
    [InlineData(3, 2, false, "100", "U-D")]
    [InlineData(3, 2, false, "1010", "U---")]
    [InlineData(2, 1, true, "11", "-U")]
    [InlineData(1, 1, false, "1010", "UDUD")]
    public void RiseAndFall_CountRunsInARow(int rise, int fall, bool failsAtStart, string runs, string expected)
    {
        var counter = new RiseFall(rise, fall, failsAtStart);
        string.Concat(runs.Select(r => counter.Note(r == '1') switch { true => 'U', false => 'D', null => '-' })).ShouldBe(expected);
    }

    [Theory]
    [InlineData("5\n", 5)]
    [InlineData(" -12 ", -12)]
    [InlineData("0x1f", 31)]
    [InlineData("017", 15)]
    [InlineData("", 0)]
    [InlineData("nonsense", 0)]
    [InlineData("99999999999999999999", 77)]
    [InlineData("2147483648", 77)]
    public void File_HoldsANumberInCNotation(string text, int expected) => FileTracker.Parse(text, 77).ShouldBe(expected);
}
