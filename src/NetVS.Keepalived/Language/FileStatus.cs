namespace NetVS.Keepalived.Language;

/// <summary>How reading a file went.</summary>
public enum FileStatus
{
    /// <summary>It was read.</summary>
    Read,

    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>It is a directory.</summary>
    IsDirectory,

    /// <summary>It is a device, a socket or the like, or it may be executed: keepalived takes no such file for a configuration.</summary>
    NotRegular,

    /// <summary>It is there and cannot be read.</summary>
    Unreadable,

    /// <summary>It is larger than <see cref="LanguageLimits.FileOctets"/>.</summary>
    TooLarge,
}
