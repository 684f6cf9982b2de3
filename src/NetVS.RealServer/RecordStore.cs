using System.Text.Json;
using NetVS.Linux.Host;

namespace NetVS.RealServer;

/// <summary>The record of one network namespace on disk: read, replaced atomically, locked while somebody changes it.</summary>
/// <remarks>
/// One file per namespace, named after its inode number; one lock for all, held for the moment a setup takes. A record of an
/// earlier boot, or of a namespace that is gone and whose number came back, is not ours: it counts as absent.
/// </remarks>
internal sealed class RecordStore : IDisposable
{
    /// <summary>Where records live; cleared by a reboot, as what they describe.</summary>
    public const string DefaultFolder = "/run/netvs/realserver";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10), s_retry = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly string _bootId;
    private readonly ulong _cookie;
    private readonly FileStream _lock;

    private RecordStore(string path, string bootId, ulong cookie, FileStream @lock)
    {
        _path = path;
        _bootId = bootId;
        _cookie = cookie;
        _lock = @lock;
    }

    /// <summary>Opens the record of the calling thread's network namespace, waiting for whoever is at work.</summary>
    /// <exception cref="RealServerException">Somebody else is at work for too long.</exception>
    public static RecordStore Open(string folder = DefaultFolder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{NetworkNamespace.CurrentInode()}.json");
        FileStream held = WaitForLock(Path.Combine(folder, "lock"));
        return new RecordStore(path, File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), NetworkNamespace.CurrentCookie(), held);
    }

    /// <summary>The record, or an empty one.</summary>
    /// <exception cref="RealServerException">The file is there but cannot be understood.</exception>
    public Record Load()
    {
        var empty = new Record(_bootId, _cookie, [], [], []);
        if (!File.Exists(_path)) return empty;
        try
        {
            Record? record = JsonSerializer.Deserialize(File.ReadAllText(_path), RecordFormat.Default.Record);
            return record is null || record.BootId != _bootId || record.NamespaceCookie != _cookie ? empty : record;
        }
        catch (JsonException e)
        {
            throw new RealServerException($"{_path} is damaged: what was changed before is not known: move the file away and undo by hand", e);
        }
    }

    /// <summary>Replaces the record in one step; an empty one is removed.</summary>
    public void Save(Record record)
    {
        if (record.IsEmpty)
        {
            File.Delete(_path);
            return;
        }

        string next = _path + ".new";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, record, RecordFormat.Default.Record);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
    }

    /// <summary>Lets go of the lock. The lock file stays: removing it would let two hold it.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream WaitForLock(string path)
    {
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                // .NET locks the open file (flock) for FileShare.None; the kernel lets go when the process dies.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (Environment.TickCount64 >= end)
            {
                throw new RealServerException($"{path} is held: another 'netvs realserver' is at work: wait for it, then try again", e);
            }
            catch (IOException)
            {
                Thread.Sleep(s_retry);
            }
        }
    }
}
