using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace NetVS.Tests.Commands;

/// <summary>The program as a user runs it: in a process of its own, in a network namespace where one is given.</summary>
internal sealed partial class NetVSProgram : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NetVSProgram(ProcessStartInfo start, string input)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Note(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Note(_error, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Write(input);
        _process.StandardInput.Close();
    }

    /// <summary>The program under test.</summary>
    public static string FilePath { get; } = Environment.GetEnvironmentVariable("NETVS_PROGRAM_PATH") ?? FindBuilt();

    public string Output => Text(_output);

    public string Error => Text(_error);

    public int Id => _process.Id;

    /// <summary>Starts it.</summary>
    public static NetVSProgram Start(string socket, string? @namespace, string[] arguments, string input = "", string? file = null, string[]? through = null)
    {
        string[] words = [.. @namespace is null ? [] : new[] { "nsenter", "--net=/run/netns/" + @namespace }, .. through ?? [], file ?? FilePath, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = "/" };
        start.Environment["NETVS_SOCKET"] = socket;
        start.Environment.Remove("NOTIFY_SOCKET");
        start.Environment.Remove("JOURNAL_STREAM");
        return new NetVSProgram(start, input);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Status, string Output, string Error)> RunAsync(string socket, params string[] arguments)
    {
        using NetVSProgram program = Start(socket, null, arguments);
        return (await program.WaitAsync(), program.Output, program.Error);
    }

    /// <summary>Starts a daemon and waits until it says that it is ready.</summary>
    public static async Task<NetVSProgram> StartDaemonAsync(string socket, string @namespace, string[] arguments, string? notifySocket = null)
    {
        NetVSProgram daemon = Start(
            socket, @namespace, ["run", .. arguments], through: notifySocket is null ? null : ["env", "NOTIFY_SOCKET=" + notifySocket]);
        Task ended = daemon._process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Task first = await Task.WhenAny(daemon._ready.Task, ended, Task.Delay(60_000, TestContext.Current.CancellationToken));
        (first == daemon._ready.Task).ShouldBeTrue($"the daemon did not become ready: {daemon.Error}");
        return daemon;
    }

    /// <summary>Waits for its end; the exit status.</summary>
    public async Task<int> WaitAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(60_000);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the program did not end: {Output}{Error}");
        }

        return _process.ExitCode;
    }

    public void Signal(int number) => kill(_process.Id, number).ShouldBe(0);

    public void Dispose()
    {
        // A daemon that is killed leaves its flow table to the next one.
        if (!_process.HasExited)
        {
            Signal(15);
            if (!_process.WaitForExit(20_000)) _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    private void Note(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.Append(line).Append('\n');
        if (text == _output && line == "ready") _ready.TrySetResult();
    }

    private static string FindBuilt()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        string bin = Path.Combine(folder ?? ".", "artifacts", "bin", "NetVS");
        return Directory.GetFiles(bin, "netvs", SearchOption.AllDirectories).OrderByDescending(File.GetLastWriteTimeUtc).First();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
