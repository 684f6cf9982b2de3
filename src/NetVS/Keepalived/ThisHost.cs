using System.Net.NetworkInformation;
using NetVS.Keepalived.Hosts;

namespace NetVS.Keepalived;

/// <summary>This host: its interfaces, its accounts in /etc/passwd and /etc/group, its files.</summary>
/// <param name="waitsForInterfaces">Whether an interface that is not there is one that may come: the daemon waits for it.</param>
internal sealed class ThisHost(bool waitsForInterfaces = false) : IHostFacts
{
    /// <summary>What a program has one of.</summary>
    internal const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly Lazy<HashSet<string>> _interfaces = new(() => [.. NetworkInterface.GetAllNetworkInterfaces().Select(i => i.Name)]);
    private readonly Lazy<HashSet<string>> _users = new(() => ReadNames("/etc/passwd"));
    private readonly Lazy<HashSet<string>> _groups = new(() => ReadNames("/etc/group"));

    /// <inheritdoc/>
    public bool HasInterface(string name) => waitsForInterfaces || _interfaces.Value.Contains(name);

    /// <inheritdoc/>
    public bool HasAccount(string name, bool isGroup) => (name.Length > 0 && name.All(char.IsAsciiDigit)) || (isGroup ? _groups : _users).Value.Contains(name);

    /// <inheritdoc/>
    public bool CanExecute(string path)
    {
        if (path.Contains('/')) return IsProgram(path);
        string[] directories = (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return directories.Any(d => IsProgram(Path.Combine(d, path)));
    }

    /// <inheritdoc/>
    public bool IsIrregularFile(string path) => Directory.Exists(path) || path.StartsWith("/dev/", StringComparison.Ordinal);

    private static bool IsProgram(string path)
    {
        try
        {
            return File.Exists(path) && (new FileInfo(path).UnixFileMode & Executable) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static HashSet<string> ReadNames(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(l => l.Split(':')[0])];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ["root"];
        }
    }
}
