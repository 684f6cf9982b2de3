using System.Diagnostics;
using System.Text;

namespace NetVS.Labs;

/// <summary>Runs the netvs program as a user would.</summary>
internal sealed class LabProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private LabProcess(Process process) => _process = process;

    public static LabProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(ProgramPath, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var lab = new LabProcess(new Process { StartInfo = start });
        lab._process.OutputDataReceived += (_, e) => lab.Note(e.Data);
        lab._process.ErrorDataReceived += (_, e) => lab.Note(e.Data);
        lab._process.Start();
        lab._process.BeginOutputReadLine();
        lab._process.BeginErrorReadLine();
        return lab;
    }

    public int Id => _process.Id;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>Waits for its end; the time limit is a guard against a hanging lab, not a measure.</summary>
    public async Task<int> WaitAsync(TimeSpan? limit = null)
    {
        using var guard = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(6));
        try
        {
            await _process.WaitForExitAsync(guard.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"the lab hangs; it printed:\n{Output}");
        }

        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Append(line).Append('\n');
    }

    /// <summary>The published program where ./test has built it, else the one this test was built with.</summary>
    private static string ProgramPath { get; } = Environment.GetEnvironmentVariable("NETVS_PROGRAM_PATH") ?? FindBuilt();

    private static string FindBuilt()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        string bin = Path.Combine(folder ?? ".", "artifacts", "bin", "NetVS");
        return Directory.GetFiles(bin, "netvs", SearchOption.AllDirectories).OrderByDescending(File.GetLastWriteTimeUtc).First();
    }
}
