using System.Text;
using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Tests;

/// <summary>A file system of a few named texts.</summary>
internal sealed class MemoryFiles : IConfigurationFiles
{
    private readonly Dictionary<string, FileReading> _files = new(StringComparer.Ordinal);

    public MemoryFiles(params (string Path, string Text)[] files)
    {
        foreach ((string path, string text) in files) Add(path, text);
    }

    public void Add(string path, string text) => Add(path, new FileReading(FileStatus.Read, Encoding.UTF8.GetBytes(text)));

    public void Add(string path, FileReading reading) => _files[path] = reading;

    public FileReading Read(string path)
    {
        if (_files.TryGetValue(path, out FileReading reading)) return reading;
        return _files.Keys.Any(k => k.StartsWith(path + "/", StringComparison.Ordinal)) ? new FileReading(FileStatus.IsDirectory) : new FileReading(FileStatus.Missing);
    }

    public IReadOnlyList<string>? ListDirectory(string path)
    {
        string prefix = path is "." or "" ? "" : path.EndsWith('/') ? path : path + "/";
        string[] names = [.. _files.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..].Split('/')[0]).Distinct()];
        return names.Length > 0 ? names : null;
    }
}
