using System.Globalization;
using System.Runtime.InteropServices;

namespace NetVS.Bench;

/// <summary>What one must know of a machine to read its figures.</summary>
internal static class MachineFacts
{
    /// <summary>Reads them.</summary>
    public static IReadOnlyList<(string Name, string Value)> Read()
    {
        string processor = Find("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        string memory = Find("/proc/meminfo", "MemTotal") ?? "unknown";
        return
        [
            ("processor", $"{processor}, {Environment.ProcessorCount} cores"),
            ("memory", memory),
            ("kernel", File.ReadAllText("/proc/sys/kernel/osrelease").Trim()),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("load before", File.ReadAllText("/proc/loadavg").Split(' ')[0]),
            ("time", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>Processor time all cores together have spent on work so far, in seconds.</summary>
    public static double BusySeconds() => BusySeconds(File.ReadLines("/proc/stat").First());

    /// <summary>The same, by the first line of /proc/stat.</summary>
    internal static double BusySeconds(string line)
    {
        // user nice system idle iowait irq softirq steal, in hundredths of a second. What guests had is in user and nice already, and what
        // was stolen is another machine's.
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long busy = 0;
        foreach (int field in (ReadOnlySpan<int>)[1, 2, 3, 6, 7]) busy += long.Parse(fields[field], CultureInfo.InvariantCulture);
        return busy / 100.0;
    }

    private static string? Find(string file, string key)
    {
        foreach (string line in File.ReadLines(file))
            if (line.StartsWith(key, StringComparison.Ordinal)) return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return null;
    }
}
