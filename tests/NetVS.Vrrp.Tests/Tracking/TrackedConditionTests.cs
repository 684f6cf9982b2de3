using NetVS.Vrrp.Tracking;

namespace NetVS.Vrrp.Tests.Tracking;

public sealed class TrackedConditionTests
{
    // weight, reversed, good -> fault, contribution
    [Theory]
    [InlineData(0, false, true, false, 0)]
    [InlineData(0, false, false, true, 0)]
    [InlineData(0, true, true, true, 0)]
    [InlineData(0, true, false, false, 0)]
    [InlineData(20, false, true, false, 20)]
    [InlineData(20, false, false, false, 0)]
    [InlineData(-20, false, true, false, 0)]
    [InlineData(-20, false, false, false, -20)]
    [InlineData(20, true, true, false, -20)]
    [InlineData(-20, true, false, false, 20)]
    public void GoodOrBad_ByItsWeight_CountsOrFails(int weight, bool isReversed, bool isGood, bool isFault, int contribution)
    {
        var condition = new TrackedCondition("x", weight, isReversed);
        condition.Contribution.ShouldBe(0, "nothing before the first result");
        condition.Set(isGood);
        condition.IsFault.ShouldBe(isFault);
        condition.Contribution.ShouldBe(contribution);
    }

    [Theory]
    [InlineData(0, false, 0, false, 0)]
    [InlineData(0, false, 7, true, 0)]
    [InlineData(0, true, 0, true, 0)]
    [InlineData(0, true, 7, false, 0)]
    [InlineData(1, false, -5, false, -5)]
    [InlineData(2, false, 200, false, 253)]
    [InlineData(2, true, 20, false, -40)]
    [InlineData(2, false, -127, true, -253)]
    [InlineData(2, false, int.MinValue, true, -253)]
    public void Number_ByItsWeight_CountsOrFails(int weight, bool isReversed, int number, bool isFault, int contribution)
    {
        var condition = new TrackedCondition("x", weight, isReversed, isNumber: true);
        condition.Set(number);
        condition.IsFault.ShouldBe(isFault);
        condition.Contribution.ShouldBe(contribution);
    }
}
