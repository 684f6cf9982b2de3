using System.Diagnostics;
using System.Globalization;
using NetVS.Lab.Hosts;
using NetVS.Lab.Peers;

namespace NetVS.Lab.Soak;

/// <summary>The soak's client, run in its host and told what to do.</summary>
internal sealed class SoakTraffic : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<SoakLoss> _losses = [];
    private readonly List<string> _wrong = [];
    private readonly Dictionary<string, long[]> _tallies = [];
    private readonly System.Text.StringBuilder _errors = new();
    private TaskCompletionSource _done = NewSource();

    private SoakTraffic(Process process) => _process = process;

    /// <summary>Starts it and tells it the services.</summary>
    public static async Task<SoakTraffic> StartAsync(LabHost host, IEnumerable<SoakTarget> targets, int rate, int seed, TimeSpan patience)
    {
        var process = new Process { StartInfo = Shell.Describe("nsenter", host.Enter(ThisProgram.Path, "lab", "soak-load"), redirectInput: true) };
        var traffic = new SoakTraffic(process);
        process.OutputDataReceived += (_, e) => traffic.Take(e.Data);
        process.ErrorDataReceived += (_, e) => { lock (traffic._lock) traffic._errors.Append(e.Data).Append('\n'); };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        foreach (SoakTarget target in targets) await process.StandardInput.WriteLineAsync($"service {target.Write()}");
        await traffic.TellAsync(string.Create(CultureInfo.InvariantCulture, $"go {rate} {seed} {(int)patience.TotalMilliseconds}"));
        return traffic;
    }

    /// <summary>Requests that were lost since the last call.</summary>
    public IReadOnlyList<SoakLoss> TakeLosses()
    {
        lock (_lock)
        {
            SoakLoss[] taken = [.. _losses];
            _losses.Clear();
            return taken;
        }
    }

    /// <summary>Answers that were wrong since the last call.</summary>
    public IReadOnlyList<string> TakeWrong()
    {
        lock (_lock)
        {
            string[] taken = [.. _wrong];
            _wrong.Clear();
            return taken;
        }
    }

    /// <summary>A service's count at the last tally.</summary>
    public long this[string service, SoakCount what]
    {
        get { lock (_lock) return _tallies.TryGetValue(service, out long[]? counts) ? counts[(int)what] : 0; }
    }

    /// <summary>The count of all services at the last tally.</summary>
    public long this[SoakCount what]
    {
        get { lock (_lock) return _tallies.Values.Sum(t => t[(int)what]); }
    }

    /// <summary>Asks for the counts.</summary>
    public Task TallyAsync() => AskAsync("tally");

    /// <summary>Lets no request begin, and waits until those under way have ended.</summary>
    public Task PauseAsync() => AskAsync("pause");

    /// <summary>Goes on.</summary>
    public Task ResumeAsync() => TellAsync("resume");

    /// <summary>Waits for the requests under way, closes all connections, and ends the client.</summary>
    public Task StopAsync() => AskAsync("stop");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        catch (InvalidOperationException)
        {
            // It was never started, or is gone already.
        }

        _process.Dispose();
    }

    private async Task AskAsync(string word)
    {
        TaskCompletionSource done = NewSource();
        lock (_lock) _done = done;
        await TellAsync(word);
        if (await Task.WhenAny(done.Task, _process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMinutes(2))) == done.Task) return;
        lock (_lock) throw new LabException(_process.HasExited ? $"the soak's client has ended: {_errors}" : $"the soak's client does not answer '{word}': {_errors}");
    }

    private async Task TellAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException e)
        {
            lock (_lock) throw new LabException($"the soak's client has ended: {_errors}", e);
        }
    }

    private void Take(string? line)
    {
        if (line is null) return;
        string[] words = line.Split(' ');
        lock (_lock)
        {
            switch (words[0])
            {
                case "lost":
                    _losses.Add(SoakLoss.Read(words));
                    break;
                case "wrong":
                    _wrong.Add(line[6..]);
                    break;
                case "tally":
                    _tallies[words[1]] = [.. words[2..].Select(w => long.Parse(w, CultureInfo.InvariantCulture))];
                    break;
                case "done":
                    _done.TrySetResult();
                    break;
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
