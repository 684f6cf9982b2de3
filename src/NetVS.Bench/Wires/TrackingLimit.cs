using System.Globalization;

namespace NetVS.Bench.Wires;

/// <summary>Room for as many tracked connections as a run needs, and the machine's own limit back afterwards.</summary>
/// <remarks>
/// The limit and the size of the hash table are one number each for the whole machine. A file under /run keeps what they were: runs side by
/// side share a lock on it, the last to leave puts the numbers back, and what a killed run left changed the next one finds there. The
/// hash table gets as many buckets as connections, which is how the kernel sizes its own default.
/// </remarks>
internal sealed class TrackingLimit : IDisposable
{
    private readonly string _limit;
    private readonly string _buckets;
    private readonly string _record;
    private FileStream? _share;

    /// <summary>For this machine.</summary>
    public TrackingLimit()
        : this("/proc/sys/net/netfilter/nf_conntrack_max", "/sys/module/nf_conntrack/parameters/hashsize", "/run/netvs-bench-conntrack")
    {
    }

    /// <summary>For other files.</summary>
    internal TrackingLimit(string limit, string buckets, string record)
    {
        _limit = limit;
        _buckets = buckets;
        _record = record;
    }

    /// <summary>Makes room.</summary>
    /// <exception cref="BenchException">The limit is too low and cannot be changed here.</exception>
    public void Need(int connections)
    {
        long needed = connections + (connections / 4);
        if (!File.Exists(_limit)) return;
        try
        {
            while (Read(_limit) < needed)
            {
                _share?.Dispose();
                _share = null;
                Raise(needed);
                _share = new FileStream(_record, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BenchException(
                $"{connections} flows are more than this machine's connection tracking may hold ({Read(_limit)}), and the limit cannot be " +
                $"raised here ({refused.Message}): sysctl net.netfilter.nf_conntrack_max={needed}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_share is null) return;
        _share.Dispose();
        _share = null;
        try
        {
            using var alone = new FileStream(_record, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            long[] before = [.. new StreamReader(alone).ReadToEnd().Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
            Write(_limit, before[0]);
            if (before[1] > 0) Write(_buckets, before[1]);
            File.Delete(_record);
        }
        catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
        {
            // Another run needs the room; it is the one to put things back.
        }
    }

    private void Raise(long needed)
    {
        long buckets = File.Exists(_buckets) ? Read(_buckets) : 0;
        FileStream? alone = null;
        try
        {
            alone = new FileStream(_record, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            // Another run has kept the record already.
        }

        using (alone)
        {
            if (alone is { Length: 0 })
            {
                using var writer = new StreamWriter(alone, leaveOpen: true);
                writer.Write($"{Read(_limit)} {buckets}");
            }

            if (buckets > 0 && buckets < needed) Write(_buckets, needed);
            Write(_limit, needed);
        }
    }

    private static long Read(string file) => long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    private static void Write(string file, long value) => File.WriteAllText(file, value.ToString(CultureInfo.InvariantCulture));
}
