using NetVS.Linux.Bpf;

namespace NetVS.Linux.Checks;

/// <summary>bpf/check.bpf.c, loaded: its two programs and its paths, each with the mark of its packets.</summary>
/// <remarks>Thread: the caller's lock.</remarks>
internal sealed class CheckPrograms : IDisposable
{
    private readonly BpfMap _paths;
    private readonly Dictionary<CheckPath, uint> _places = [];
    private readonly PriorityQueue<uint, uint> _free = new();
    private uint _used;

    private CheckPrograms(BpfObject loaded)
    {
        Out = loaded.Program("check_out");
        In = loaded.Program("check_in");
        _paths = loaded.Map("paths");
    }

    /// <summary>The program for tc egress.</summary>
    public BpfProgram Out { get; }

    /// <summary>The program for tc ingress.</summary>
    public BpfProgram In { get; }

    /// <summary>Loads them.</summary>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public static CheckPrograms Load()
    {
        using BpfObject loaded = BpfObject.OpenEmbedded("check");
        loaded.Load();
        return new CheckPrograms(loaded);
    }

    /// <summary>The mark of a path's packets; 0 where it is not among the present ones.</summary>
    public uint FindMark(in CheckPath path) => _places.TryGetValue(path, out uint place) ? CheckAbi.CHECK_MARK + place : 0;

    /// <summary>Makes these the paths. What was one before keeps its mark; the mark of one that is gone is not given to another in the same call.</summary>
    /// <returns>How many had no room.</returns>
    public int Set(IReadOnlyCollection<CheckPath> paths)
    {
        HashSet<CheckPath> wanted = [.. paths];
        int left = 0;
        foreach (CheckPath path in wanted.Where(p => !_places.ContainsKey(p)))
        {
            if (!_free.TryDequeue(out uint place, out _))
            {
                if (_used == CheckAbi.CHECK_PATHS)
                {
                    left++;
                    continue;
                }

                place = _used++;
            }

            _paths.Update(place, check_path.Of(path));
            _places.Add(path, place);
        }

        foreach ((CheckPath path, uint place) in _places.Where(p => !wanted.Contains(p.Key)).ToArray())
        {
            _paths.Update(place, default(check_path));
            _places.Remove(path);
            _free.Enqueue(place, place);
        }

        return left;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Out.Dispose();
        In.Dispose();
        _paths.Dispose();
    }
}
