using NetVS.Director.Defence;

namespace NetVS.Director.Tests.Defence;

/// <summary>Reference §4.5: when the defences are active, and how hard.</summary>
public sealed class OverloadDefenceTests
{
    private const long Plenty = long.MaxValue;
    private readonly DirectorSettings _settings = new();
    private readonly OverloadDefence _defence;

    public OverloadDefenceTests() => _defence = new OverloadDefence(_settings);

    [Fact]
    public void Automatic_IsActiveWhileMemoryIsShort_AndSaysSo()
    {
        foreach (string name in (string[])["drop_entry", "drop_packet", "secure_tcp"]) Set(name, "1");
        _defence.Update(1024, []).ShouldBeFalse("1,024 pages are enough");
        (Get("drop_entry"), Get("drop_packet"), Get("secure_tcp")).ShouldBe(("1", "1", "1"));
        (_defence.DropRate, _defence.Thinnings, _settings.UsesSecureTcp).ShouldBe((0, 0, false));

        _defence.Update(1023, []).ShouldBeTrue();
        (Get("drop_entry"), Get("drop_packet"), Get("secure_tcp")).ShouldBe(("2", "2", "2"));
        (_defence.DropRate, _defence.Thinnings, _settings.UsesSecureTcp).ShouldBe((1024, 1, true));

        _defence.Update(Plenty, []).ShouldBeFalse();
        (Get("drop_entry"), Get("drop_packet"), Get("secure_tcp")).ShouldBe(("1", "1", "1"));
        (_defence.DropRate, _defence.Thinnings, _settings.UsesSecureTcp).ShouldBe((0, 1, false));
    }

    [Theory]
    [InlineData(512, 2)]
    [InlineData(1000, 42)]
    [InlineData(100, 1)]
    [InlineData(0, 1)]
    public void DropRate_FollowsWhatIsMissing(long pages, int rate)
    {
        Set("drop_packet", "1");
        _defence.Update(pages, []);
        _defence.DropRate.ShouldBe(rate);
    }

    [Fact]
    public void AlwaysOn_AndOff_DoNotAskTheMemory()
    {
        _defence.Update(0, []).ShouldBeFalse();
        (_defence.DropRate, _settings.UsesSecureTcp).ShouldBe((0, false));
        foreach (string name in (string[])["drop_entry", "drop_packet", "secure_tcp"]) Set(name, "3");
        Set("am_droprate", "7");
        _defence.Update(Plenty, []).ShouldBeTrue();
        _defence.Update(Plenty, []).ShouldBeTrue();
        (_defence.DropRate, _defence.Thinnings, _settings.UsesSecureTcp, Get("drop_entry")).ShouldBe((7, 2, true, "3"));
    }

    [Theory]
    [InlineData(1500, false, 0)]
    [InlineData(1501, true, 93)]
    [InlineData(1550, true, 2)]
    [InlineData(1600, true, 1)]
    public void FullTable_IsShortMemory(long connections, bool isShort, int rate)
    {
        Set("drop_packet", "1");
        Set("drop_entry", "1");
        _defence.Update(Plenty, [(0, 10), (connections, 1600)]).ShouldBe(isShort);
        _defence.DropRate.ShouldBe(rate);
    }

    [Fact]
    public void Thinning_TakesOneInN_OfThoseWithNPackets()
    {
        var thinning = new Thinning();
        for (uint n = 1; n <= 8; n++)
        {
            bool[] turns = [.. Enumerable.Range(0, 24).Select(_ => thinning.IsNext(n))];
            turns.Count(t => t).ShouldBe((24 + (int)n - 1) / (int)n);
            turns[0].ShouldBeTrue();
        }

        thinning.IsNext(0).ShouldBeFalse();
        thinning.IsNext(9).ShouldBeFalse();
    }

    private void Set(string name, string value) => _settings.TrySet(name, value, out _).ShouldBeTrue();

    private string Get(string name) => _settings.TryGet(name, out string value, out _) ? value : throw new InvalidOperationException(name);
}
