using NetVS.Director.FullNat;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.FullNat;

public sealed class LocalPortPoolTests
{
    [Fact]
    public void TryTake_GivesEveryPortOfTheRangeOnce_BeginningAtTheCursor()
    {
        var range = new LocalPortRange(1000, 1199, 0, 1);
        var pool = new LocalPortPool(range, 1150);

        for (int i = 0; i < 200; i++)
        {
            pool.TryTake(range, out ushort port).ShouldBeTrue();
            port.ShouldBe((ushort)(1000 + ((150 + i) % 200)));
        }

        pool.TryTake(range, out _).ShouldBeFalse();
        pool.InUse.ShouldBe(200);
    }

    [Fact]
    public void TryTake_AfterRelease_GivesThatPort_AndARestedOneFirst()
    {
        var range = new LocalPortRange(10, 13, 0, 1);
        var pool = new LocalPortPool(range, 0);
        pool.TryTake(range, out _);
        pool.TryTake(range, out _);
        pool.Release(10);

        pool.TryTake(range, out ushort rested).ShouldBeTrue();
        rested.ShouldBe((ushort)12);
        pool.TryTake(range, out _);
        pool.TryTake(range, out ushort again).ShouldBeTrue();
        again.ShouldBe((ushort)10);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void Workers_ShareTheRangeByRemainder(int workers)
    {
        var seen = new HashSet<ushort>();
        for (int worker = 0; worker < workers; worker++)
        {
            var range = new LocalPortRange(5000, 65535, worker, workers);
            var pool = new LocalPortPool(range, 0);
            while (pool.TryTake(range, out ushort port))
            {
                (port % workers).ShouldBe(worker);
                seen.Add(port).ShouldBeTrue();
            }

            pool.InUse.ShouldBe(range.Count);
        }

        seen.Count.ShouldBe(65535 - 5000 + 1);
    }

    [Fact]
    public void TryTake_RangeChanges_KeepsWhatIsTaken()
    {
        var first = new LocalPortRange(100, 101, 0, 1);
        var second = new LocalPortRange(101, 102, 0, 1);
        var pool = new LocalPortPool(first, 0);
        pool.TryTake(first, out _);
        pool.TryTake(first, out _);

        pool.TryTake(second, out ushort port).ShouldBeTrue();
        port.ShouldBe((ushort)102);
        pool.TryTake(second, out _).ShouldBeFalse();
        pool.Release(100);
        pool.TryTake(second, out _).ShouldBeFalse();
        pool.Release(101);
        pool.TryTake(second, out port).ShouldBeTrue();
        port.ShouldBe((ushort)101);
        pool.TryTake(first, out port).ShouldBeTrue();
        port.ShouldBe((ushort)100);
    }

    [Fact]
    public void RandomTakeAndRelease_AgreesWithASet() => Seeds.Run(20, (random, _) =>
    {
        var range = new LocalPortRange(random.Next(1, 300), random.Next(300, 700), 0, 1);
        var pool = new LocalPortPool(range, (ushort)random.Next(65536));
        var taken = new List<ushort>();
        for (int i = 0; i < 3000; i++)
        {
            if (random.Next(5) < 3)
            {
                pool.TryTake(range, out ushort port).ShouldBe(taken.Count < range.Count);
                if (taken.Count == range.Count) continue;
                taken.ShouldNotContain(port);
                taken.Add(port);
            }
            else if (taken.Count > 0)
            {
                int at = random.Next(taken.Count);
                pool.Release(taken[at]);
                taken.RemoveAt(at);
            }

            pool.InUse.ShouldBe(taken.Count);
        }
    });
}
