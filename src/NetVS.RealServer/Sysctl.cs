namespace NetVS.RealServer;

/// <summary>The network sysctls of the calling thread's namespace.</summary>
/// <remarks>Paths are below /proc/sys with slashes, so that an interface name may hold a dot.</remarks>
internal static class Sysctl
{
    /// <summary>The value without its line end, or null where there is no such sysctl.</summary>
    public static string? TryRead(string path)
    {
        string file = "/proc/sys/" + path;
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (IOException)
        {
            // The interface went away between the two calls.
            return null;
        }
    }

    /// <summary>The value as a number; 0 where there is no such sysctl.</summary>
    public static int ReadNumber(string path) => int.TryParse(TryRead(path), out int value) ? value : 0;

    /// <summary>Sets a value.</summary>
    /// <exception cref="RealServerException">It cannot be written, as where /proc/sys is read-only in a container.</exception>
    public static void Write(string path, string value)
    {
        try
        {
            File.WriteAllText("/proc/sys/" + path, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RealServerException(
                $"sysctl {NameOf(path)} cannot be set: {e.Message}: set it outside the container, or make /proc/sys writable", e);
        }
    }

    /// <summary>The name as sysctl(8) has it: dots and slashes change places.</summary>
    public static string NameOf(string path) =>
        string.Create(path.Length, path, static (span, text) =>
        {
            for (int i = 0; i < text.Length; i++) span[i] = text[i] switch { '/' => '.', '.' => '/', char c => c };
        });
}
