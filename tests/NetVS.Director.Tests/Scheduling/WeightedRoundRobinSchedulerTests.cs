using NetVS.Director.Services;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Scheduling;

public sealed class WeightedRoundRobinSchedulerTests
{
    // Levels per round (top, top - step, … 1), and who reaches them, head first:
    [Theory]
    [InlineData("C:3 B:2 A:1", "C C B C B A C C B C B A")] // 3: C; 2: C B; 1: C B A
    [InlineData("C:1 B:2 A:4", "A A B A C B A A A B A C B A")] // 4: A; 3: A; 2: B A; 1: C B A
    [InlineData("C:2 B:4 A:6", "A B A C B A A B A C B A")] // step 2, top 5: 5: A; 3: B A; 1: C B A
    [InlineData("C:100 B:50 A:50", "C C B A C C B A")] // step 50, top 51: 51: C; 1: C B A
    [InlineData("C:0 B:0 A:5", "A A A A")] // step 5, top 1
    [InlineData("B:3 A:3", "B A B A")]
    [InlineData("A:65535 B:1", "A A A A")]
    public void Weights_TurnsPerRound(string headFirst, string picks) =>
        new ServiceUnderTest("wrr", headFirst).Pick(picks.Split(' ').Length).ShouldBe(picks);

    [Fact]
    public void ServersAddedOneByOne_TheFirstRoundBeginsAtTheFirstOnesLevel()
    {
        // A:1 alone makes level 1; B:2 and C:3 raise the top and leave the level: a pass at 1, then 3: C; 2: C B; 1: C B A.
        var service = new ServiceUnderTest("wrr");
        service.Add('A', 1);
        service.Add('B', 2);
        service.Add('C', 3);
        service.Pick(9).ShouldBe("C B A C C B C B A");
    }

    [Fact]
    public void AddedMidRound_LevelStaysAndTheRoundBeginsAtTheHead()
    {
        // Picks C C B C: level 1, on C. D:4 at the head: top 4, level stays 1: a pass over all, then 4: D; 3: D C; 2: D C B; 1: D C B A.
        var service = new ServiceUnderTest("wrr", "C:3 B:2 A:1");
        service.Pick(4).ShouldBe("C C B C");
        service.Add('D', 4);
        service.Pick(14).ShouldBe("D C B A D D C D C B D C B A");
    }

    [Fact]
    public void WeightRaisedMidRound_LevelIsKept()
    {
        // B B: level 1, top 3, step 2. B becomes 6: step 2, top 5, level (1 / 2) * 2 + 1 = 1: B A; then 5: B; 3: B; 1: B A.
        var service = new ServiceUnderTest("wrr", "B:4 A:2");
        service.Pick(2).ShouldBe("B B");
        service.Weigh('B', 6);
        service.Pick(6).ShouldBe("B A B B B A");
    }

    [Fact]
    public void DeletedMidRound_LevelComesDownToTheNewTop()
    {
        // 3: C, on C at level 3. Without C: top 2 below the level, so the level is 2: B; 1: B A.
        var service = new ServiceUnderTest("wrr", "C:3 B:2 A:1");
        service.Pick(1).ShouldBe("C");
        service.Delete('C');
        service.Pick(6).ShouldBe("B B A B B A");
    }

    [Fact]
    public void StepGrows_LevelIsBroughtOntoTheNewGrid()
    {
        // C:3 B:2 A:1 at level 3 on C. C:9 B:6 A:3: step 1 after C, still 1 after B, 3 after A: top 7, level 3 -> 3, 3, (3/3)*3+1 = 4.
        // 4: C B; 1: C B A; 7: C; 4: C B; …
        var service = new ServiceUnderTest("wrr", "C:3 B:2 A:1");
        service.Pick(1).ShouldBe("C");
        service.Weigh('C', 9);
        service.Weigh('B', 6);
        service.Weigh('A', 3);
        service.Pick(8).ShouldBe("C B C B A C C B");
    }

    [Fact]
    public void Overloaded_IsSkippedAtEveryLevel()
    {
        var service = new ServiceUnderTest("wrr", "C:3 B:2 A:1");
        service.Overload('C');
        service.Pick(4).ShouldBe("B B A B");
    }

    [Fact]
    public void NobodyLeft_FailsFromTheMiddleAndRecovers()
    {
        var service = new ServiceUnderTest("wrr", "C:3 B:2 A:1");
        service.Pick(2).ShouldBe("C C");
        foreach (char name in "ABC") service.Overload(name);
        service.Pick(3).ShouldBe("- - -");
        service.Relieve('A');
        service.Pick(2).ShouldBe("A A");
    }

    [Fact]
    public void NoServersOrOnlyZeroes_Fails()
    {
        new ServiceUnderTest("wrr").Pick().ShouldBe("-");
        new ServiceUnderTest("wrr", "B:0 A:0").Pick().ShouldBe("-");
    }

    [Fact]
    public void RandomEditsAndLoads_SameAsTheWalkWithoutShortcuts() => Seeds.Run(300, (random, _) =>
    {
        var service = new ServiceUnderTest("wrr");
        var twin = new PlainWeightedRoundRobin();
        string names = "";
        for (int step = 0; step < 120; step++)
        {
            char name = names.Length > 0 ? names[random.Next(names.Length)] : 'A';
            switch (random.Next(12))
            {
                case 0 when names.Length < 6:
                    name = "ABCDEF".First(n => !names.Contains(n));
                    names = name + names;
                    service.Add(name, random.Next(4) == 0 ? 0 : random.Next(40));
                    twin.OnChanged(service.Service);
                    break;
                case 1 when names.Length > 0:
                    names = names.Replace($"{name}", "");
                    service.Delete(name);
                    twin.OnChanged(service.Service);
                    break;
                case 2 when names.Length > 0:
                    service.Weigh(name, random.Next(3) == 0 ? 0 : random.Next(12) * random.Next(12));
                    twin.OnChanged(service.Service);
                    break;
                case 3 when names.Length > 0:
                    if (service[name].IsOverloaded) service.Relieve(name);
                    else service.Overload(name);
                    twin.OnChanged(service.Service);
                    break;
                default:
                    service.Pick()[0].ShouldBe(ServiceUnderTest.Name(twin.Schedule(service.Service)), $"step {step}");
                    break;
            }
        }
    });

    /// <summary>The slow twin: every level of every pass is walked, one server at a time, with the end conditions as reference §3.2 states them.</summary>
    private sealed class PlainWeightedRoundRobin
    {
        private int _current = -1, _level, _step = 1, _top;

        public void OnChanged(VirtualServiceState service)
        {
            _current = -1;
            int[] weights = [.. service.Destinations.Select(d => d.Weight).Where(w => w > 0)];
            _step = weights.Length == 0 ? 1 : Enumerable.Range(1, weights.Max()).Last(d => weights.All(w => w % d == 0));
            _top = (weights.Length == 0 ? 0 : weights.Max()) - (_step - 1);
            if (_level > _top || _level == 0) _level = _top;
            else if (_step > 1) _level = (_level / _step * _step) + 1;
        }

        public Destination? Schedule(VirtualServiceState service)
        {
            if (_top == 0) return null;
            int count = service.Destinations.Length, start = _current, at = start;
            bool isWholeLowestPass = false, stopsAtStart = false, hasWrapped = false;
            while (true)
            {
                for (at++; at < count; at++)
                {
                    Destination candidate = service.Destinations[at];
                    if (!candidate.IsOverloaded && candidate.Weight >= _level)
                    {
                        _current = at;
                        return candidate;
                    }

                    if (stopsAtStart && at == start) return null;
                }

                at = -1;
                _level -= _step;
                bool wraps = _level <= 0;
                if (wraps)
                {
                    _level = _top;
                    if (isWholeLowestPass || start < 0) return null;
                }

                hasWrapped |= wraps;
                isWholeLowestPass = _level <= _step;
                stopsAtStart = isWholeLowestPass && hasWrapped;
            }
        }
    }
}
