using NetVS.Keepalived.Language;

namespace NetVS.Keepalived;

/// <summary>The file system, for keepalived.conf and what it includes.</summary>
internal sealed class ConfigurationFiles : IConfigurationFiles
{
    /// <inheritdoc/>
    public FileReading Read(string path)
    {
        try
        {
            if (Directory.Exists(path)) return new FileReading(FileStatus.IsDirectory);
            var file = new FileInfo(path);
            if (!file.Exists) return new FileReading(FileStatus.Missing);
            if ((file.UnixFileMode & ThisHost.Executable) != 0) return new FileReading(FileStatus.NotRegular);

            // Pipes and devices have no length, and opening them could wait for ever.
            if (file.Length == 0) return new FileReading(IsSpecial(path) ? FileStatus.NotRegular : FileStatus.Read);
            return file.Length > LanguageLimits.FileOctets ? new FileReading(FileStatus.TooLarge) : new FileReading(FileStatus.Read, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new FileReading(FileStatus.Unreadable, Detail: e.Message);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string>? ListDirectory(string path)
    {
        try
        {
            return [.. new DirectoryInfo(path).EnumerateFileSystemInfos().Select(f => f.Name).Take(LanguageLimits.IncludeMatches * 16)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsSpecial(string path) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);
}
