using System.Globalization;

namespace NetVS.Daemon;

/// <summary>Whether this process may do what a director must (capabilities(7)).</summary>
internal static class Privileges
{
    private const int NetAdmin = 12;
    private const int NetRaw = 13;
    private const int SysAdmin = 21;
    private const int PerfMon = 38;
    private const int Bpf = 39;

    /// <summary>What is missing and what to do, or null.</summary>
    public static string? FindMissing()
    {
        ulong effective = 0;
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("CapEff:", StringComparison.Ordinal))
                effective = ulong.Parse(line[7..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        bool Has(int capability) => ((effective >> capability) & 1) != 0;
        var missing = new List<string>();
        if (!Has(NetAdmin)) missing.Add("CAP_NET_ADMIN");
        if (!Has(NetRaw)) missing.Add("CAP_NET_RAW");
        if (!Has(Bpf) && !Has(SysAdmin)) missing.Add("CAP_BPF");

        // The verifier lets programs compare pointers, and store them, for its sake only.
        if (!Has(PerfMon) && !Has(SysAdmin)) missing.Add("CAP_PERFMON");
        return missing.Count == 0 ? null : $"the director needs {string.Join(", ", missing)}: run it as root (sudo)";
    }
}
