using System.Globalization;
using NetVS.Lab.Checks;

namespace NetVS.Lab.Soak;

/// <summary>Whether what the director holds stays on a plateau.</summary>
/// <remarks>
/// Pins and map entries depend on the rules alone: at every pause, when the rules are whole, they must be what they were at the first. Descriptors and threads
/// may differ by a few that are under way. Memory grows until tables, heaps and compiled code have been used once; from a third of the run on its maximum must
/// stay: the last third may exceed the second by a twentieth, and 8 MiB. In runs of less than ten minutes that is not to be told: then only by 128 MiB.
/// </remarks>
internal sealed class SoakGrowth(TimeSpan duration)
{
    private const int FewDescriptors = 6, FewThreads = 8;
    private const long Slack = 8 * 1024, ShortSlack = 128 * 1024;
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);
    private readonly List<(TimeSpan At, SoakVitals Vitals)> _samples = [];
    private readonly List<SoakVitals> _paused = [];

    /// <summary>Takes a sample in.</summary>
    public void Add(TimeSpan at, SoakVitals vitals) => _samples.Add((at, vitals));

    /// <summary>Takes in a sample of a pause, when the rules are whole.</summary>
    public void AddPaused(TimeSpan at, SoakVitals vitals)
    {
        Add(at, vitals);
        _paused.Add(vitals);
    }

    /// <summary>Judges.</summary>
    public void Judge(CheckList checks)
    {
        SoakVitals first = _paused[0];
        Same(checks, "pins", v => v.Pins, first.Pins, 0);
        Same(checks, "map entries", v => v.Entries, first.Entries, 0);
        Same(checks, "descriptors", v => v.Descriptors, first.Descriptors, FewDescriptors);
        Same(checks, "threads", v => v.Threads, first.Threads, FewThreads);
        Level(checks, "resident memory", v => v.Resident);
        Level(checks, "anonymous memory", v => v.Anonymous);
    }

    private void Same(CheckList checks, string what, Func<SoakVitals, int> value, int first, int few)
    {
        int most = _paused.Max(value);
        checks.Expect(most <= first + few, string.Create(CultureInfo.InvariantCulture, $"{what} do not grow: {first} at the first pause, {most} at most, {value(_paused[^1])} at the last"));
    }

    private void Level(CheckList checks, string what, Func<SoakVitals, long> value)
    {
        long second = Most(1.0 / 3, 2.0 / 3, value), last = Most(2.0 / 3, 2, value);
        long allowed = duration < s_long ? second + ShortSlack : second + (second / 20) + Slack;
        checks.Expect(last <= allowed, string.Create(CultureInfo.InvariantCulture, $"{what} stays on a plateau: {second / 1024.0:0.0} MiB at most in the second third, {last / 1024.0:0.0} in the last, {allowed / 1024.0:0.0} allowed"));
    }

    private long Most(double from, double until, Func<SoakVitals, long> value)
    {
        IEnumerable<long> those = _samples.Where(s => s.At >= from * duration && s.At < until * duration).Select(s => value(s.Vitals));
        return those.DefaultIfEmpty(value(_samples[0].Vitals)).Max();
    }
}
