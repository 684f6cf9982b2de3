using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;

namespace NetVS.Lab.Journeys;

/// <summary>How long after a killed master's last advert the other director's first one came, of many times, as the wire has it.</summary>
/// <remarks>Times are told, not judged: how late a machine with much to do is, is its own affair.</remarks>
internal static class FailoverTimes
{
    /// <summary>Finds the failovers in a capture.</summary>
    /// <param name="adverts">Times in seconds, and whether the first director, which is killed again and again, has sent it; in order.</param>
    /// <returns>One time for each, in seconds.</returns>
    public static IReadOnlyList<double> Find(IReadOnlyList<(double Time, bool IsFirst)> adverts)
    {
        var times = new List<double>();
        for (int i = 1; i < adverts.Count - 1; i++)
        {
            // One of the other's between two of the first is its last one, crossing the first one's return.
            if (adverts[i - 1].IsFirst && !adverts[i].IsFirst && !adverts[i + 1].IsFirst) times.Add(adverts[i].Time - adverts[i - 1].Time);
        }

        return times;
    }

    /// <summary>Tells least, middle and longest, beside what the protocol says.</summary>
    public static void Tell(CheckList checks, IReadOnlyList<double> times, int wanted, double interval, double skew)
    {
        checks.Expect(times.Count == wanted, $"{wanted} times the other director was master", $"{times.Count} times");
        if (times.Count == 0) return;
        double[] sorted = [.. times.Order()];
        double limit = (3 * interval) + skew;
        double median = sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
        checks.Say(string.Create(CultureInfo.InvariantCulture, $"  from the last advert of one to the first of the other: least {sorted[0]:0.0000} s, median {median:0.0000} s, longest {sorted[^1]:0.0000} s"));
        checks.Say(string.Create(CultureInfo.InvariantCulture, $"  3 x advert_int + skew is {limit:0.0000} s; later than that by more than a hundredth of a second: {sorted.Count(t => t > limit + 0.01)} of {sorted.Length}"));
    }

    /// <summary>Reads the adverts on a wire.</summary>
    /// <param name="file">The capture.</param>
    /// <param name="first">The director whose adverts are marked.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<List<(double Time, bool IsFirst)>> ReadAsync(string file, LabHost first, CancellationToken cancellation)
    {
        string mac = first.Links[0].Mac.ToString();
        IReadOnlyList<string[]> adverts = await Tshark.ReadFieldsAsync(file, "vrrp", ["frame.time_epoch", "eth.src", "vrrp.prio"], cancellation);
        return [.. adverts.Select(a => (double.Parse(a[0], CultureInfo.InvariantCulture), a[1] == mac))];
    }
}
