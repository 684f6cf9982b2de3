using System.Globalization;
using NetVS.Linux.Bpf;

namespace NetVS.Lab.Soak;

/// <summary>What the director's process holds at one moment.</summary>
/// <param name="Resident">Resident memory, in KiB: managed, native, rings and maps that it has mapped.</param>
/// <param name="Anonymous">Of that what is no file's: the heaps, managed and native, and the tables.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Descriptors">Open descriptors.</param>
/// <param name="Pins">Files under bpffs.</param>
/// <param name="Entries">Entries of the pinned maps that have keys: VIPs, endpoints, marks.</param>
internal sealed record SoakVitals(long Resident, long Anonymous, int Threads, int Descriptors, int Pins, int Entries)
{
    // BPF_MAP_TYPE_HASH, LRU_HASH, LPM_TRIE: the others have a fixed number of entries.
    private const uint Hash = 1, LruHash = 9, LpmTrie = 11;

    /// <summary>Reads them.</summary>
    /// <param name="process">The director's process.</param>
    /// <param name="lab">Its lab.</param>
    /// <exception cref="LabException">The process is gone.</exception>
    public static SoakVitals Read(int process, Lab lab)
    {
        string root = $"/proc/{process.ToString(CultureInfo.InvariantCulture)}";
        try
        {
            Dictionary<string, string> status = File.ReadLines($"{root}/status").Select(l => l.Split(':', 2)).ToDictionary(p => p[0], p => p[1]);
            (int pins, int entries) = CountPins(lab);
            return new SoakVitals(Number(status["VmRSS"]), Number(status["RssAnon"]), (int)Number(status["Threads"]), Directory.GetFiles($"{root}/fd").Length, pins, entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"the director's process {process} cannot be looked at: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Resident / 1024.0:0.0} MiB resident ({Anonymous / 1024.0:0.0} anonymous), {Descriptors} descriptors, {Threads} threads, {Pins} pins, {Entries} map entries");

    private static (int Pins, int Entries) CountPins(Lab lab)
    {
        int pins = 0, entries = 0;
        foreach (PinFolder folder in PinFolder.FindOfDirectory(lab.Folder))
        {
            IReadOnlyList<string> names = folder.Names;
            pins += names.Count;
            foreach (string name in names.Where(n => !PinFolder.IsLink(n)))
            {
                using BpfMap map = folder.OpenMap(name);
                if (map.Type is Hash or LruHash or LpmTrie) entries += map.ToKeys().Count;
            }
        }

        return (pins, entries);
    }

    private static long Number(string text) => long.Parse(text.AsSpan().Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
}
