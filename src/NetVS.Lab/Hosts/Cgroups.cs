namespace NetVS.Lab.Hosts;

/// <summary>The cgroup v2 hierarchy, where there is one: each real server's processes get a group of their own.</summary>
internal static class Cgroups
{
    /// <summary>Where the cgroup v2 hierarchy is mounted, or null.</summary>
    public static string? FindRoot()
    {
        foreach (string line in File.ReadLines("/proc/self/mounts"))
        {
            string[] fields = line.Split(' ');
            if (fields.Length > 2 && fields[2] == "cgroup2") return fields[1];
        }

        return null;
    }

    /// <summary>Makes the group of a host; null where there is no cgroup v2.</summary>
    public static string? Create(LabHost host)
    {
        if (FindRoot() is not { } root) return null;
        string group = Path.Combine(root, host.Namespace);
        Directory.CreateDirectory(group);
        return group;
    }

    /// <summary>Removes a group; its processes must have ended, for which a moment is granted.</summary>
    public static async Task RemoveAsync(string group)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            try
            {
                Directory.Delete(group);
                return;
            }
            catch (IOException)
            {
                await Task.Delay(20);
            }
            catch (UnauthorizedAccessException)
            {
                await Task.Delay(20);
            }
        }
    }
}
