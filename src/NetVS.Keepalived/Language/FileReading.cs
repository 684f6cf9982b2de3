namespace NetVS.Keepalived.Language;

/// <summary>What came of reading a file.</summary>
/// <param name="Status">How it went.</param>
/// <param name="Content">The octets, if it went well.</param>
/// <param name="Detail">The system's reason, if it did not.</param>
public readonly record struct FileReading(FileStatus Status, ReadOnlyMemory<byte> Content = default, string? Detail = null);
