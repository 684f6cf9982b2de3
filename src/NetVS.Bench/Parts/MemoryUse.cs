using System.Globalization;

namespace NetVS.Bench.Parts;

/// <summary>Memory in use at one moment, in octets.</summary>
/// <param name="Process">Resident memory of the process; 0 without one.</param>
/// <param name="Maps">What the kernel has for the eBPF maps the process holds open.</param>
/// <param name="TrackingSlab">What the kernel has for tracked connections themselves; null where it does not say.</param>
/// <param name="AllSlabs">What the kernel has for small objects of all kinds, the extensions of tracked connections among them.</param>
internal sealed record MemoryUse(double Process, double Maps, double? TrackingSlab, double AllSlabs)
{
    private const int PageSize = 4096;

    /// <summary>Reads it.</summary>
    public static MemoryUse Read(int? process) => new(
        process is { } id ? Kibioctets(File.ReadLines($"/proc/{id}/status"), "VmRSS") : 0,
        process is { } holder ? MapOctets(Directory.EnumerateFiles($"/proc/{holder}/fdinfo").Select(TryRead)) : 0,
        File.Exists("/proc/slabinfo") ? SlabOctets(File.ReadLines("/proc/slabinfo"), "nf_conntrack") : null,
        Kibioctets(File.ReadLines("/proc/meminfo"), "Slab"));

    /// <summary>"NAME: N kB", in octets; 0 where there is none of the name.</summary>
    internal static double Kibioctets(IEnumerable<string> lines, string name)
    {
        string? line = lines.FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null ? 0 : 1024 * double.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    /// <summary>The pages of a cache in /proc/slabinfo: NAME active objects size per-slab pages-per-slab : tunables … : slabdata active-slabs slabs shared.</summary>
    internal static double? SlabOctets(IEnumerable<string> lines, string name)
    {
        string[]? fields = lines.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(f => f.Length >= 16 && f[0] == name);
        return fields is null ? null : double.Parse(fields[5], CultureInfo.InvariantCulture) * double.Parse(fields[14], CultureInfo.InvariantCulture) * PageSize;
    }

    /// <summary>The memory of the maps among some descriptors, by their /proc/PID/fdinfo; each map once.</summary>
    internal static double MapOctets(IEnumerable<string> descriptors)
    {
        var maps = new Dictionary<string, double>();
        foreach (string text in descriptors)
        {
            Dictionary<string, string> fields = text.Split('\n').Select(l => l.Split(':', 2)).Where(f => f.Length == 2)
                .GroupBy(f => f[0]).ToDictionary(g => g.Key, g => g.First()[1].Trim());
            if (fields.TryGetValue("map_id", out string? map) && fields.TryGetValue("memlock", out string? octets))
                maps[map] = double.Parse(octets, CultureInfo.InvariantCulture);
        }

        return maps.Values.Sum();
    }

    // A descriptor may be closed at any moment.
    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
