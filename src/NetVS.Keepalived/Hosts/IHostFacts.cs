namespace NetVS.Keepalived.Hosts;

/// <summary>What the reader must know of the host; handed in, so that a file can be checked for another host, or for none.</summary>
public interface IHostFacts
{
    /// <summary>Whether a network interface of this name exists now.</summary>
    bool HasInterface(string name);

    /// <summary>Whether a user or, with <paramref name="isGroup"/>, a group exists; also as a number.</summary>
    bool HasAccount(string name, bool isGroup);

    /// <summary>Whether a script is a regular file that may be executed; a name without a slash is searched in the path.</summary>
    bool CanExecute(string path);

    /// <summary>Whether something other than a regular file exists under a path: a device, a directory.</summary>
    bool IsIrregularFile(string path);
}
