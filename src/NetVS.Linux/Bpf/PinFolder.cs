namespace NetVS.Linux.Bpf;

/// <summary>What one director has pinned under bpffs: maps and links that outlive its process.</summary>
/// <remarks>
/// One folder per director: <c>BPFFS/netvs/NAME</c>, for root only. Names of pins are file names without dots, which bpffs does not allow.
/// Thread: one at a time.
/// </remarks>
public sealed class PinFolder
{
    private PinFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The names of what is pinned here.</summary>
    public IReadOnlyList<string> Names => Directory.Exists(Path) ? [.. Directory.GetFiles(Path).Select(System.IO.Path.GetFileName).Cast<string>().Order(StringComparer.Ordinal)] : [];

    /// <summary>A director's folder in the bpffs that is mounted, or is mounted now; it need not be there yet.</summary>
    /// <param name="name">Anything that tells directors on one machine apart; characters a file name here may not have are replaced.</param>
    /// <exception cref="KernelCallException">There is no bpffs, and none can be mounted.</exception>
    public static PinFolder Of(string name) => In(BpfFileSystem.Require(), name);

    /// <summary>A director's folder in a given bpffs.</summary>
    public static PinFolder In(string bpffs, string name)
    {
        string safe = string.Concat(name.Trim('/').Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        return new PinFolder(System.IO.Path.Combine(bpffs, "netvs", safe));
    }

    /// <summary>
    /// Removes the folders of directors whose interfaces are all gone, as when their network namespace was deleted: nothing passes what is pinned there
    /// any more, and nobody will take it over. Where nothing of bpffs is mounted, nothing is done.
    /// </summary>
    /// <param name="isForsaken">Asked of a folder without attachments: whether nobody will come for it either.</param>
    public static void RemoveAbandoned(Func<PinFolder, bool> isForsaken)
    {
        ArgumentNullException.ThrowIfNull(isForsaken);
        if (BpfFileSystem.TryFind() is not { } bpffs) return;
        string all = System.IO.Path.Combine(bpffs, "netvs");
        if (!Directory.Exists(all)) return;
        foreach (string path in Directory.GetDirectories(all))
        {
            var folder = new PinFolder(path);
            try
            {
                string[] links = [.. folder.Names.Where(IsLink)];
                if (links.Length > 0 ? links.All(folder.IsDetached) : isForsaken(folder)) folder.RemoveAll();
            }
            catch (Exception e) when (e is KernelCallException or IOException)
            {
                // Its own director, or another one that begins, is removing it at this moment.
            }
        }
    }

    /// <summary>Removes the folders of directors that have ended and will not come back: those whose sockets stood in a directory that is gone.</summary>
    /// <param name="directory">The directory, absolute.</param>
    public static void RemoveOfDirectory(string directory)
    {
        foreach (PinFolder folder in FindOfDirectory(directory)) folder.RemoveAll();
    }

    /// <summary>The folders of directors whose sockets stand in a directory.</summary>
    /// <param name="directory">The directory, absolute.</param>
    public static IReadOnlyList<PinFolder> FindOfDirectory(string directory)
    {
        if (BpfFileSystem.TryFind() is not { } bpffs || !Directory.Exists(System.IO.Path.Combine(bpffs, "netvs"))) return [];
        string prefix = In(bpffs, directory + "/").Path + "_";
        return [.. Directory.GetDirectories(System.IO.Path.Combine(bpffs, "netvs")).Where(p => p.StartsWith(prefix, StringComparison.Ordinal)).Select(p => new PinFolder(p))];
    }

    /// <summary>The name of the pin of an interface's attachment: interfaces may have dots in their names, pins may not.</summary>
    /// <param name="kind">Of which hook; begins with "xdp" or "tcx".</param>
    /// <param name="interfaceName">The interface.</param>
    public static string NameOfLink(string kind, string interfaceName)
    {
        ArgumentNullException.ThrowIfNull(interfaceName);
        return $"{kind}_{interfaceName.Replace("%", "%25", StringComparison.Ordinal).Replace(".", "%2E", StringComparison.Ordinal)}";
    }

    /// <summary>Whether a pin of this name is an attachment.</summary>
    public static bool IsLink(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith("xdp_", StringComparison.Ordinal) || name.StartsWith("tcx_", StringComparison.Ordinal);
    }

    /// <summary>Whether there is a pin of this name.</summary>
    public bool Contains(string name) => File.Exists(FileOf(name));

    /// <summary>Opens a pinned map.</summary>
    public BpfMap OpenMap(string name) => BpfMap.FromPin(FileOf(name));

    /// <summary>Pins a map.</summary>
    public void Pin(BpfMap map, string name)
    {
        ArgumentNullException.ThrowIfNull(map);
        Create();
        map.Pin(FileOf(name));
    }

    /// <summary>
    /// A link that outlives the process: the pinned one, which gets the new program without a packet passing by, or a new one. One that is
    /// attached to another interface, or to none any more, is replaced.
    /// </summary>
    /// <param name="name">The pin.</param>
    /// <param name="interfaceIndex">The interface it must be attached to.</param>
    /// <param name="program">The program it must run.</param>
    /// <param name="attach">Makes a new link; null where the kernel has no such links.</param>
    /// <returns>Null when <paramref name="attach"/> made none.</returns>
    public BpfLink? Attach(string name, int interfaceIndex, BpfProgram program, Func<BpfLink?> attach)
    {
        ArgumentNullException.ThrowIfNull(attach);
        if (Contains(name))
        {
            BpfLink link = BpfLink.FromPin(FileOf(name));
            if (link.ReadInterfaceIndex() == interfaceIndex)
            {
                link.Update(program);
                return link;
            }

            link.Dispose();
            Remove(name);
        }

        if (attach() is not { } made) return null;
        Create();
        made.Pin(FileOf(name));
        return made;
    }

    /// <summary>Removes a pin. A link is detached at once; a map goes when nobody else holds it.</summary>
    public void Remove(string name)
    {
        if (IsLink(name) && Contains(name)) BpfLink.FromPin(FileOf(name)).Detach();
        BpfFileSystem.Unpin(FileOf(name));
    }

    /// <summary>Removes all pins and the folder.</summary>
    public void RemoveAll()
    {
        foreach (string name in Names) Remove(name);
        if (Directory.Exists(Path)) Directory.Delete(Path);
        string parent = System.IO.Path.GetDirectoryName(Path)!;
        try
        {
            if (Directory.Exists(parent)) Directory.Delete(parent);
        }
        catch (IOException)
        {
            // Other directors have theirs there.
        }
    }

    private bool IsDetached(string name)
    {
        using BpfLink link = BpfLink.FromPin(FileOf(name));
        return link.ReadInterfaceIndex() == 0;
    }

    private void Create()
    {
        // Only root enters bpffs itself.
        Directory.CreateDirectory(Path);
    }

    private string FileOf(string name) => System.IO.Path.Combine(Path, name);
}
