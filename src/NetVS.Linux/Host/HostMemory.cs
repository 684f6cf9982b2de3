using System.Globalization;

namespace NetVS.Linux.Host;

/// <summary>The host's memory.</summary>
public static class HostMemory
{
    private const int KilobytesPerPage = 4;

    /// <summary>Free memory and buffers, as IPVS's defences count them, in pages of 4 KiB; <see cref="long.MaxValue"/> where the kernel does not say.</summary>
    public static long ReadFreePages()
    {
        try
        {
            return ParseFreePages(File.ReadAllText("/proc/meminfo"));
        }
        catch (IOException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>Reads the text of <c>/proc/meminfo</c> (proc(5)).</summary>
    internal static long ParseFreePages(ReadOnlySpan<char> text)
    {
        long kilobytes = 0;
        bool isThere = false;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            int colon = line.IndexOf(':');
            if (colon < 0 || line[..colon] is not ("MemFree" or "Buffers")) continue;
            ReadOnlySpan<char> number = line[(colon + 1)..].Trim();
            if (number.EndsWith(" kB")) number = number[..^3];
            if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value)) return long.MaxValue;
            kilobytes += value;
            isThere = true;
        }

        return isThere ? kilobytes / KilobytesPerPage : long.MaxValue;
    }
}
