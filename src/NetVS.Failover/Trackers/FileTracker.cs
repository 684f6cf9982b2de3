using NetVS.Keepalived.Model;

namespace NetVS.Failover.Trackers;

/// <summary>Reads the number in a track_file whenever the file changes, and once a second besides.</summary>
internal sealed class FileTracker(TrackFile file, Action<string> log) : ITracker
{
    private const int LongestNumber = 128;

    // A program that truncates and then writes must not be seen in between.
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(30), s_interval = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _changed = new(0);
    private Task _task = Task.CompletedTask;
    private int _value;

    /// <inheritdoc/>
    public TrackerKey Key { get; } = new("file", file.Name);

    /// <inheritdoc/>
    public object Definition { get; } = (file.Name, file.File);

    /// <summary>The number a file holds: 0 where it is missing, empty or no number; the one before where it has more than 32 bits.</summary>
    internal static int Parse(string text, int before)
    {
        text = text.Trim();
        bool isNegative = text.StartsWith('-');
        ReadOnlySpan<char> digits = text.AsSpan(isNegative || text.StartsWith('+') ? 1 : 0);
        int length = 0;
        long value = 0;
        int radix = 10;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (digits.Length > 1 && digits[0] == '0')
        {
            radix = 8;
        }

        for (; length < digits.Length && char.IsAsciiHexDigit(digits[length]) && Convert.ToInt32(digits[length].ToString(), 16) < radix; length++)
        {
            value = (value * radix) + Convert.ToInt32(digits[length].ToString(), 16);
            if (value > 1L << 32) return before;
        }

        if (isNegative) value = -value;
        return value is < int.MinValue or > int.MaxValue ? before : (int)value;
    }

    /// <inheritdoc/>
    public void Start(Action<TrackerKey, int> report)
    {
        Read(report, isFirst: true);
        _task = Task.Run(() => RunAsync(report));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _task;
        _end.Dispose();
        _changed.Dispose();
    }

    private async Task RunAsync(Action<TrackerKey, int> report)
    {
        using FileSystemWatcher? watcher = Watch();
        try
        {
            while (true)
            {
                if (await _changed.WaitAsync(s_interval, _end.Token))
                {
                    while (await _changed.WaitAsync(s_rest, _end.Token))
                    {
                        // It has not come to rest yet.
                    }
                }

                Read(report, isFirst: false);
            }
        }
        catch (OperationCanceledException)
        {
            // The tracker ends.
        }
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            var watcher = new FileSystemWatcher(Path.GetDirectoryName(Path.GetFullPath(file.File!))!, Path.GetFileName(file.File!));
            void Note(object sender, EventArgs change) => _changed.Release();
            watcher.Changed += Note;
            watcher.Created += Note;
            watcher.Deleted += Note;
            watcher.Renamed += Note;
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            log($"track_file {file.Name}: changes are seen once a second only: {e.Message}");
            return null;
        }
    }

    private void Read(Action<TrackerKey, int> report, bool isFirst)
    {
        string text = "";
        try
        {
            using var stream = new FileStream(file.File!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> octets = stackalloc byte[LongestNumber];
            text = System.Text.Encoding.ASCII.GetString(octets[..stream.ReadAtLeast(octets, LongestNumber, throwOnEndOfStream: false)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Missing is 0.
        }

        int value = Parse(text, _value);
        if (!isFirst && value == _value) return;
        _value = value;
        report(Key, value);
    }
}
