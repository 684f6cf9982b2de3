using NetVS.Linux.Host;

namespace NetVS.Failover.Notify;

/// <summary>Whether a script could have been changed by somebody who is not root.</summary>
internal static class ScriptSafety
{
    private const UnixFileMode Foreign = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>What is wrong with a path, or null: a part of it that others may write to, or that is not there.</summary>
    public static string? FindWeakness(string path)
    {
        try
        {
            string? part = Path.GetFullPath(path.Contains('/', StringComparison.Ordinal) ? path : Find(path) ?? path);
            if (!File.Exists(part)) return $"{part} does not exist";
            part = File.ResolveLinkTarget(part, returnFinalTarget: true)?.FullName ?? part;
            for (; part is not null; part = Path.GetDirectoryName(part))
            {
                UnixFileMode mode = new FileInfo(part).UnixFileMode;
                if (HostProcesses.FindOwner(part) is not 0) return $"{part} does not belong to root";
                if ((mode & Foreign) != 0 && (mode & UnixFileMode.StickyBit) == 0) return $"{part} may be written by others than root";
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);
}
