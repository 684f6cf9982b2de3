namespace NetVS.Testing.Namespaces;

/// <summary>What a director leaves under bpffs and beside its socket when it is killed: a test that kills one removes it.</summary>
public static class DirectorPins
{
    private const string Root = "/sys/fs/bpf/netvs";

    /// <summary>The folders of directors with this control socket.</summary>
    public static string[] Find(string socketPath)
    {
        string safe = string.Concat(socketPath.Trim('/').Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        return Directory.Exists(Root) ? Directory.GetDirectories(Root, safe + "-*") : [];
    }

    /// <summary>Removes pins, state file, socket and lock.</summary>
    public static void Remove(string socketPath)
    {
        foreach (string folder in Find(socketPath))
        {
            foreach (string pin in Directory.GetFiles(folder)) File.Delete(pin);
            Directory.Delete(folder);
        }

        string? directory = Path.GetDirectoryName(socketPath);
        if (!Directory.Exists(directory)) return;
        foreach (string file in Directory.GetFiles(directory, Path.GetFileName(socketPath) + "*")) File.Delete(file);
    }
}
