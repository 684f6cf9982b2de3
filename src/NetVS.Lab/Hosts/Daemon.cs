using System.Diagnostics;
using System.Text;

namespace NetVS.Lab.Hosts;

/// <summary>A long-running process of a lab; ended with the lab, whatever happens.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _sawText = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _awaited;

    private Daemon(string name, Process process, string? awaited)
    {
        Name = name;
        _process = process;
        _awaited = awaited;
        if (awaited is null) _sawText.TrySetResult();
    }

    /// <summary>What it is, for messages.</summary>
    public string Name { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Everything it printed so far, both streams.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>Starts a program; with <paramref name="awaited"/>, returns once it has printed a line holding that text.</summary>
    public static async Task<Daemon> StartAsync(string name, string program, IEnumerable<string> arguments, string? awaited,
        CancellationToken cancellation, TimeSpan? limit = null)
    {
        var process = new Process { StartInfo = Shell.Describe(program, arguments, redirectInput: false) };
        var daemon = new Daemon(name, process, awaited);
        process.OutputDataReceived += (_, e) => daemon.Note(e.Data);
        process.ErrorDataReceived += (_, e) => daemon.Note(e.Data);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LabException($"{name}: '{program}' cannot be started: {e.Message}", e);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Task exited = process.WaitForExitAsync(cancellation);
        Task first = await Task.WhenAny(daemon._sawText.Task, exited, Task.Delay(limit ?? TimeSpan.FromSeconds(20), cancellation));
        cancellation.ThrowIfCancellationRequested();
        if (first == daemon._sawText.Task) return daemon;
        string printed = daemon.Output.Trim();
        await daemon.DisposeAsync();
        throw new LabException(first == exited
            ? $"{name} ended at once: {printed}"
            : $"{name} did not say '{awaited}' in time; it printed: {printed}");
    }

    /// <summary>Asks it to end (SIGTERM), and kills it after five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                await Shell.TryRunAsync("kill", ["-TERM", _process.Id.ToString()]);
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                try
                {
                    await _process.WaitForExitAsync(limit.Token);
                }
                catch (OperationCanceledException)
                {
                    _process.Kill(entireProcessTree: true);
                }
            }
        }
        catch (InvalidOperationException)
        {
            // The process was never started or is gone already: nothing is left to end.
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Append(line).Append('\n');
        if (_awaited is not null && line.Contains(_awaited, StringComparison.Ordinal)) _sawText.TrySetResult();
    }
}
