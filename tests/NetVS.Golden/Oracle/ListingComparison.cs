using System.Globalization;
using NetVS.Rules.Listing;

namespace NetVS.Golden.Oracle;

/// <summary>Compares listings line by line, whatever their order.</summary>
internal static class ListingComparison
{
    // A template that is still needed gets another minute when its time is up, in the kernel an eighth later.
    private const int TemplateSlack = 8, ClientPortWord = 2;

    // Ticks of a second in the kernel under test.
    private const int KernelTicks = 100;

    /// <summary>Compares /proc/net/ip_vs_conn.</summary>
    /// <param name="ours">The director's.</param>
    /// <param name="kernels">The kernel's.</param>
    /// <param name="hasOverdue">Whether there are entries only in the kernel's, whose time is up.</param>
    public static List<string> CompareConnections(string ours, string kernels, out bool hasOverdue)
    {
        List<Row> expected = Rows(kernels);
        List<string> faults = [];
        foreach (Row row in Rows(ours))
        {
            int index = expected.FindIndex(e => e.Key == row.Key && e.Seconds >= row.Seconds - 1 && e.Seconds <= row.Seconds + (row.IsTemplate ? TemplateSlack : 1));
            if (index >= 0) expected.RemoveAt(index);
            else faults.Add($"connection {row.Text}, which the kernel has not");
        }

        hasOverdue = expected.RemoveAll(e => e.Seconds == 0) > 0;
        faults.AddRange(expected.Select(e => $"the kernel has connection {e.Text}"));
        return faults;
    }

    /// <summary>Compares /proc/net/ip_vs.</summary>
    /// <param name="ours">The director's.</param>
    /// <param name="kernels">The kernel's.</param>
    /// <param name="ignoresNumbers">Whether connections are not compared: entries whose time is up count in the kernel.</param>
    public static IEnumerable<string> CompareServices(string ours, string kernels, bool ignoresNumbers) => CompareText(
        Blocks(ours, l => Service(l, ProcWriter.TicksPerSecond, ignoresNumbers)), Blocks(kernels, l => Service(l, KernelTicks, ignoresNumbers)));

    /// <summary>Compares the counters in all of the director's ip_vs_stats with those of the kernel's ip_vs_stats_percpu; null if they are the same.</summary>
    public static string? CompareTotals(string ours, string kernels)
    {
        string[] mine = Numbers(ours.Split('\n')[2]);
        string[] sum = Numbers(kernels.Split('\n').First(l => l.StartsWith("  ~", StringComparison.Ordinal)))[1..6];
        return mine.SequenceEqual(sum) ? null : $"counted {string.Join(' ', mine)}, the kernel {string.Join(' ', sum)} (connections, packets, octets, in hexadecimal)";
    }

    private static string[] Numbers(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Compares what ipvsadm printed.</summary>
    public static IEnumerable<string> CompareListing(string ours, string kernels)
    {
        if (!ours.StartsWith("IPVS connection entries", StringComparison.Ordinal)) return CompareText(Blocks(ours, l => l), Blocks(kernels, l => l));
        return CompareText(Blocks(WithoutTimes(ours), l => l), Blocks(WithoutTimes(kernels), l => l));
    }

    private static IEnumerable<string> CompareText(string ours, string kernels)
    {
        if (ours != kernels) yield return $"lists\n{ours}\n  but the kernel\n{kernels}";
    }

    // Times are compared with /proc's.
    private static string WithoutTimes(string listing) =>
        string.Join('\n', listing.Split('\n').Select(l => l.Length > 9 && l[6] == ':' ? l[..4] + "     " + l[9..] : l));

    /// <summary>The lines, services in order, and the lines of servers under each in order.</summary>
    private static string Blocks(string text, Func<string, string> change)
    {
        List<List<string>> blocks = [[]];
        foreach (string line in text.Split('\n').Select(change))
        {
            bool isHeader = line.StartsWith("  -> RemoteAddress", StringComparison.Ordinal) || line.StartsWith("Prot ", StringComparison.Ordinal);
            bool isServer = !isHeader && (line.StartsWith("  -> ", StringComparison.Ordinal) || line.StartsWith("-a ", StringComparison.Ordinal));
            bool isService = !isHeader && !isServer && (line.StartsWith("-A ", StringComparison.Ordinal) || line is ['T' or 'U' or 'S' or 'F' or 'I', _, _ or ' ', ' ' or 'M' or 'P', ..]);
            if (isService) blocks.Add([line]);
            else if (line.Length > 0) blocks[^1].Add(line);
        }

        IEnumerable<List<string>> sorted = blocks.Skip(1).Select(b => (List<string>)[b[0], .. b.Skip(1).Order(StringComparer.Ordinal)])
            .OrderBy(b => string.Join('\n', b), StringComparer.Ordinal);
        return string.Join('\n', blocks[0].Concat(sorted.SelectMany(b => b)));
    }

    private static string Service(string line, int ticks, bool ignoresNumbers)
    {
        int at = line.IndexOf("persistent ", StringComparison.Ordinal);
        if (at >= 0)
        {
            string[] words = line[at..].Split(' ');
            return $"{line[..at]}persistent {int.Parse(words[1], CultureInfo.InvariantCulture) / ticks} s {words[2]}";
        }

        if (!ignoresNumbers || !line.StartsWith("  -> ", StringComparison.Ordinal) || line.Contains("Forward", StringComparison.Ordinal)) return line;
        return string.Join(' ', Numbers(line)[..^2].Prepend("  "));
    }

    private static List<Row> Rows(string text) => [.. text.Split('\n').Skip(1).Where(l => l.Length > 0).Select(line =>
    {
        string[] words = Numbers(line);
        return new Row(string.Join(' ', words[..8]), long.Parse(words[8], CultureInfo.InvariantCulture), words[ClientPortWord] == "0000", line);
    })];

    private sealed record Row(string Key, long Seconds, bool IsTemplate, string Text);
}
