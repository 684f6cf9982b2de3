namespace NetVS.Linux.Bpf;

/// <summary>How many CPUs the kernel reserves per-CPU storage for: more than are online on some machines.</summary>
public static class PossibleCpus
{
    private static readonly Lazy<int> s_count = new(() => Parse(ReadList()));

    /// <summary>The number of possible CPUs.</summary>
    public static int Count => s_count.Value;

    /// <summary>Reads a CPU list such as "0-3,8": one more than the highest number in it.</summary>
    internal static int Parse(string list)
    {
        string last = list.Trim().Split(',')[^1];
        return int.Parse(last.Split('-')[^1]) + 1;
    }

    private static string ReadList()
    {
        const string Path = "/sys/devices/system/cpu/possible";
        return File.Exists(Path) ? File.ReadAllText(Path) : $"0-{Environment.ProcessorCount - 1}";
    }
}
