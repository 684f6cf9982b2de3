using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Tests;

/// <summary>The real file system below a directory, for the corpus.</summary>
internal sealed class DiskFiles(string root) : IConfigurationFiles
{
    public FileReading Read(string path)
    {
        string full = Path.Combine(root, path);
        return File.Exists(full) ? new FileReading(FileStatus.Read, File.ReadAllBytes(full)) : new FileReading(FileStatus.Missing);
    }

    public IReadOnlyList<string>? ListDirectory(string path)
    {
        string full = Path.Combine(root, path);
        return Directory.Exists(full) ? [.. Directory.GetFileSystemEntries(full).Select(f => Path.GetFileName(f))] : null;
    }
}
