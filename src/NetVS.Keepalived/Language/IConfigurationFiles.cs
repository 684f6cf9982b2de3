namespace NetVS.Keepalived.Language;

/// <summary>The file system as the reader needs it, so that the reader itself does no input.</summary>
public interface IConfigurationFiles
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The path; relative ones are relative to where the program was started.</param>
    FileReading Read(string path);

    /// <summary>The names in a directory, in any order; null when it is none or cannot be read.</summary>
    IReadOnlyList<string>? ListDirectory(string path);
}
