using NetVS.Lab.Checks;
using NetVS.Lab.Journeys;

namespace NetVS.Tests.Lab;

/// <summary>What counts as a failover on the wire, and what is told of many.</summary>
public sealed class FailoverTimesTests
{
    [Fact]
    public void Failover_IsFromTheLastAdvertOfOneToTheFirstOfTheOther()
    {
        // Twice; between them the other's last advert crosses the first one's return.
        (double Time, bool IsFirst)[] adverts =
        [
            (1.0, true), (1.1, true), (1.5, false), (1.6, false), (1.65, true), (1.7, false), (1.75, true), (1.85, true), (2.15, false), (2.25, false), (2.3, true),
        ];
        FailoverTimes.Find(adverts).Select(t => Math.Round(t, 3)).ShouldBe([0.4, 0.3]);
        FailoverTimes.Find([]).ShouldBeEmpty();
    }

    [Fact]
    public void Times_AreToldInOrder()
    {
        var lines = new StringWriter();
        var checks = new CheckList(lines);
        FailoverTimes.Tell(checks, [0.35, 0.40, 0.36, 0.37], 4, 0.1, 0.061);
        lines.ToString().ShouldContain("least 0.3500 s, median 0.3650 s, longest 0.4000 s");
        lines.ToString().ShouldContain("3 x advert_int + skew is 0.3610 s; later than that by more than a hundredth of a second: 1 of 4");
    }
}
