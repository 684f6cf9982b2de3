namespace NetVS.Control.State;

/// <summary>Keeps the state file as the director is, so that a killed daemon's successor finds it.</summary>
/// <remarks>
/// A change is noted at once and written by the next <see cref="WriteIfChanged"/>: thousands of commands in a row cost few writes, and
/// what a kill can lose are the changes of the last tenth of a second. The file is written beside its place and moved there, so a reader
/// finds the old or the new one. Threads: any.
/// </remarks>
public sealed class StateKeeper
{
    // The counters users see move every two seconds.
    private const int TrafficTurns = 20;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Func<SavedState> _read;
    private readonly Action<string> _report;
    private readonly Func<ulong> _readTraffic;
    private volatile bool _isChanged = true;
    private ulong _traffic;
    private int _turns;
    private bool _hasFailed;

    /// <summary>Keeps a file.</summary>
    /// <param name="path">The file; its directory exists.</param>
    /// <param name="read">The state as it is now.</param>
    /// <param name="readTraffic">A number that moves when there was traffic: then the counters are written anew, every twenty turns.</param>
    /// <param name="report">Takes a line when the file cannot be written, and when it can again.</param>
    public StateKeeper(string path, Func<SavedState> read, Func<ulong> readTraffic, Action<string> report)
    {
        _readTraffic = readTraffic;
        _path = path;
        _read = read;
        _report = report;
    }

    /// <summary>Says that rules or settings have changed.</summary>
    public void NoteChange() => _isChanged = true;

    /// <summary>Writes the file if something has changed since the last time.</summary>
    public void WriteIfChanged()
    {
        lock (_lock) WriteAlone();
    }

    private void WriteAlone()
    {
        if (++_turns >= TrafficTurns)
        {
            _turns = 0;
            ulong traffic = _readTraffic();
            _isChanged |= traffic != _traffic;
            _traffic = traffic;
        }

        if (!_isChanged) return;
        _isChanged = false;
        try
        {
            string next = _path + ".new";
            File.WriteAllText(next, _read().ToString());
            File.Move(next, _path, overwrite: true);
            if (_hasFailed) _report($"{_path} is written again");
            _hasFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tried again at the next call; forwarding does not depend on it.
            _isChanged = true;
            if (!_hasFailed) _report($"{_path} cannot be written, so the rules would not survive a crash: {e.Message}");
            _hasFailed = true;
        }
    }

    /// <summary>What a former daemon left, or null: no file, or one that is not understood (which is reported).</summary>
    public static SavedState? Read(string path, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(report);
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report($"{path} cannot be read: {e.Message}");
            return null;
        }

        SavedState? state = SavedState.Parse(text, out string? problem);
        if (state is null) report($"{path} is not used: {problem}");
        return state;
    }
}
