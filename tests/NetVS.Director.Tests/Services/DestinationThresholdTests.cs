using NetVS.Director.Services;
using NetVS.Rules;

namespace NetVS.Director.Tests.Services;

/// <summary>Reference §2.5 and the threshold vectors of §19.</summary>
public sealed class DestinationThresholdTests
{
    [Theory]
    [InlineData(10u, 0u, 8)]
    [InlineData(4u, 0u, 3)]
    [InlineData(1u, 0u, 1)]
    [InlineData(3u, 0u, 3)]
    [InlineData(10u, 4u, 4)]
    [InlineData(10u, 10u, 10)]
    public void ReachingUpper_SetsAndFallingBelowLower_Clears(uint upper, uint lower, int effectiveLower)
    {
        Destination destination = Make(upper, lower);
        for (int total = 1; total <= upper; total++)
        {
            destination.IsOverloaded.ShouldBeFalse($"before connection {total}");
            destination.Bind(isTemplate: false);
        }

        destination.IsOverloaded.ShouldBeTrue();
        for (int total = (int)upper - 1; total >= effectiveLower; total--)
        {
            destination.Unbind(isTemplate: false, wasActive: false);
            destination.IsOverloaded.ShouldBeTrue($"at {total}");
        }

        destination.Unbind(isTemplate: false, wasActive: false);
        destination.IsOverloaded.ShouldBeFalse();
    }

    [Fact]
    public void RisingAgainBetweenTheLimits_DoesNotSetTheMark()
    {
        Destination destination = Make(10, 4);
        Bind(destination, 10);
        Unbind(destination, 7);
        destination.IsOverloaded.ShouldBeFalse();
        Bind(destination, 6);
        destination.IsOverloaded.ShouldBeFalse();
        Bind(destination, 1);
        destination.IsOverloaded.ShouldBeTrue();
    }

    [Fact]
    public void InactiveConnections_CountAndTemplatesDoNot()
    {
        Destination destination = Make(2, 0);
        destination.Bind(isTemplate: true);
        destination.Bind(isTemplate: true);
        destination.IsOverloaded.ShouldBeFalse();
        destination.PersistentConnections.ShouldBe(2);
        destination.TotalConnections.ShouldBe(0);
        Bind(destination, 2);
        destination.ActiveConnections.ShouldBe(0);
        destination.IsOverloaded.ShouldBeTrue();
    }

    [Theory]
    [InlineData(5u, 0u, true)] // 5 connections, upper 5: at the limit
    [InlineData(6u, 0u, false)] // lower is 5: between the limits, the mark stays as it was
    [InlineData(4u, 0u, true)]
    [InlineData(20u, 0u, false)]
    public void EditedThreshold_WithoutTheMark_SetOnlyAtTheUpperLimit(uint upper, uint lower, bool isOverloaded)
    {
        Destination destination = Make(0, 0);
        Bind(destination, 5);
        Edit(destination, upper, lower);
        destination.IsOverloaded.ShouldBe(isOverloaded);
    }

    [Theory]
    [InlineData(6u, 0u, true)] // between the limits (6 and 5)
    [InlineData(6u, 6u, false)] // below the lower one
    [InlineData(0u, 0u, false)] // switched off
    [InlineData(5u, 1u, true)]
    public void EditedThreshold_WithTheMark_ClearedOnlyBelowTheLowerLimit(uint upper, uint lower, bool isOverloaded)
    {
        Destination destination = Make(5, 0);
        Bind(destination, 5);
        destination.IsOverloaded.ShouldBeTrue();
        Edit(destination, upper, lower);
        destination.IsOverloaded.ShouldBe(isOverloaded);
    }

    [Fact]
    public void ActiveConnections_ComeAndGoWithoutTheTotal()
    {
        Destination destination = Make(0, 0);
        Bind(destination, 3);
        destination.BecomeActive();
        destination.BecomeActive();
        destination.BecomeInactive();
        (destination.ActiveConnections, destination.TotalConnections).ShouldBe((1, 3));
        destination.Unbind(isTemplate: false, wasActive: true);
        (destination.ActiveConnections, destination.TotalConnections).ShouldBe((0, 2));
        destination.IsReferenced.ShouldBeTrue();
        Unbind(destination, 2);
        destination.IsReferenced.ShouldBeFalse();
    }

    [Fact]
    public async Task ManyWorkersAtOnce_CountsAndMarkEndRight()
    {
        Destination destination = Make(50, 20);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int round = 0; round < 2000; round++)
            {
                Bind(destination, 20);
                Unbind(destination, 20);
            }
        }, TestContext.Current.CancellationToken)));
        destination.TotalConnections.ShouldBe(0);
        destination.IsOverloaded.ShouldBeFalse();
    }

    private static Destination Make(uint upper, uint lower)
    {
        var service = new VirtualServiceState(0, EngineUnderTest.Service(), null);
        return new Destination(1, service, EngineUnderTest.Real() with { UpperThreshold = upper, LowerThreshold = lower });
    }

    private static void Edit(Destination destination, uint upper, uint lower) =>
        destination.Apply(destination.Rule with { UpperThreshold = upper, LowerThreshold = lower }, null, isNew: false);

    private static void Bind(Destination destination, int times)
    {
        for (int i = 0; i < times; i++) destination.Bind(isTemplate: false);
    }

    private static void Unbind(Destination destination, int times)
    {
        for (int i = 0; i < times; i++) destination.Unbind(isTemplate: false, wasActive: false);
    }
}
