using System.Text;
using NetVS.Keepalived.Model;

namespace NetVS.Failover.Trackers;

/// <summary>Counts processes twice a second: by name, or by their command line.</summary>
/// <remarks>The kernel's announcements of processes reach the first network namespace only; /proc is there in every one.</remarks>
internal sealed class ProcessTracker(TrackProcess process) : ITracker
{
    private const int NameLength = 15;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _end = new();
    private Task _task = Task.CompletedTask;

    /// <inheritdoc/>
    public TrackerKey Key { get; } = new("process", process.Name);

    /// <inheritdoc/>
    public object Definition { get; } = (process.Name, string.Join('\0', process.Command), process.ParameterMatch, process.Quorum, process.QuorumMax, process.ForkDelay, process.TerminateDelay, process.MatchesFullCommand);

    /// <inheritdoc/>
    public void Start(Action<TrackerKey, int> report) => _task = Task.Run(() => RunAsync(report));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _task;
        _end.Dispose();
    }

    private async Task RunAsync(Action<TrackerKey, int> report)
    {
        bool? state = null;
        TimeSpan held = TimeSpan.Zero;
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            do
            {
                int count = Count();
                bool isGood = count >= process.Quorum && (process.QuorumMax is not { } most || count <= most);
                held = isGood == state ? TimeSpan.Zero : held + s_interval;
                TimeSpan delay = state is null ? TimeSpan.Zero : isGood ? process.ForkDelay : process.TerminateDelay;
                if (isGood == state || held < delay) continue;
                state = isGood;
                held = TimeSpan.Zero;
                report(Key, isGood ? 1 : 0);
            }
            while (await timer.WaitForNextTickAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
            // The tracker ends.
        }
    }

    private int Count()
    {
        int count = 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(Path.GetFileName(folder)[0])) continue;
            try
            {
                if (IsMeant(folder)) count++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return count;
    }

    private bool IsMeant(string folder)
    {
        string program = process.Command[0];
        bool hasArguments = process.Command.Count > 1 || process.ParameterMatch is not null;
        if (!hasArguments && !process.MatchesFullCommand)
        {
            string name = Path.GetFileName(program);
            return File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd('\n') == (name.Length > NameLength ? name[..NameLength] : name);
        }

        string[] words = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline"))).TrimEnd('\0').Split('\0');
        if (words[0] != program && (program.Contains('/', StringComparison.Ordinal) || Path.GetFileName(words[0]) != program)) return false;
        string[] wanted = [.. process.Command.Skip(1)];
        string[] given = words[1..];
        return process.ParameterMatch switch
        {
            "initial" => given.Length >= wanted.Length && given.AsSpan(0, wanted.Length).SequenceEqual(wanted),
            "partial" => string.Join('\0', given).Contains(string.Join('\0', wanted), StringComparison.Ordinal),
            _ => !hasArguments || given.SequenceEqual(wanted),
        };
    }
}
