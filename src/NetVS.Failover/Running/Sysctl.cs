namespace NetVS.Failover.Running;

/// <summary>Settings under /proc/sys, of the network namespace of the calling thread.</summary>
internal static class Sysctl
{
    /// <summary>Reads one; null where it is not there.</summary>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText("/proc/sys/" + path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes one.</summary>
    /// <returns>Whether it was taken.</returns>
    public static bool TryWrite(string path, string value)
    {
        try
        {
            File.WriteAllText("/proc/sys/" + path, value);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
