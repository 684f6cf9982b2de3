using NetVS.Linux.Host;

namespace NetVS.Scripts;

/// <summary>Whether a script could have been changed by somebody who is not root.</summary>
public static class ScriptSafety
{
    private const UnixFileMode Foreign = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>What is wrong with a program, or null: a part of its path, or of what the path is a link to, that others own or may write to.</summary>
    /// <remarks>Whoever may write a directory on the way may put another file there; a sticky bit only keeps what is there already.</remarks>
    public static string? FindWeakness(string program)
    {
        if (FindFile(program) is not { } file) return $"{program} is not found";
        try
        {
            string? target = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName;
            return FindWeakPart(file) ?? (target is null ? null : FindWeakPart(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>The file that a program's name stands for, looked up in PATH where it has no slash; null where there is none.</summary>
    public static string? FindFile(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal)) return File.Exists(program) ? Path.GetFullPath(program) : null;
        string path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);
    }

    private static string? FindWeakPart(string file)
    {
        for (string? part = file; part is not null; part = Path.GetDirectoryName(part))
        {
            if (HostProcesses.FindOwner(part) is not 0) return $"{part} does not belong to root";
            if ((new FileInfo(part).UnixFileMode & Foreign) != 0) return $"{part} may be written by others than root";
        }

        return null;
    }
}
