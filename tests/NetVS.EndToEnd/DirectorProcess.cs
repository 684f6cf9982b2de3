using System.Diagnostics;
using System.Text.Json;
using NetVS.Testing.Namespaces;

namespace NetVS.EndToEnd;

/// <summary>The program itself as an operator runs it: <c>netvs run</c> in a namespace, driven by its own commands.</summary>
internal sealed class DirectorProcess : IDisposable
{
    private readonly NetworkNamespace _where;
    private readonly List<string> _log = [];
    private Process? _process;

    /// <summary>Prepares a director on a control socket of its own; <see cref="Start"/> starts it.</summary>
    public DirectorProcess(NetworkNamespace where) => _where = where;

    /// <summary>The control socket.</summary>
    public string Socket { get; } = Path.Combine(Path.GetTempPath(), $"netvs-{Guid.NewGuid():N}.sock");

    /// <summary>Words before the program's name: what it is started by.</summary>
    public string[] Before { get; init; } = [];

    /// <summary>Its process.</summary>
    public int Id => _process!.Id;

    /// <summary>What it has printed on standard error since it was made.</summary>
    public string Log
    {
        get
        {
            lock (_log) return string.Join('\n', _log);
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public void Start(params string[] arguments)
    {
        Process process = _where.Begin(Before.Length > 0 ? Before[0] : Program, [.. Before.Skip(1), .. Before.Length > 0 ? (string[])[Program] : [], "run", "--socket", Socket, .. arguments]);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                if (line.Data is not null) _log.Add(line.Data);
        };
        process.BeginErrorReadLine();
        for (string? line; (line = process.StandardOutput.ReadLine()) is not null;)
        {
            if (line != "ready") continue;
            _process = process;
            return;
        }

        // Only this also waits for the end of standard error.
        process.WaitForExit();
        throw new InvalidOperationException($"not ready:\n{Log}");
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary><c>netvs stop</c>, with words behind it.</summary>
    public void Stop(params string[] words)
    {
        Netvs(["stop", .. words]);
        _process!.WaitForExit(20000).ShouldBeTrue("netvs stop returns when the daemon has ended");
        _process.ExitCode.ShouldBe(0, Log);
    }

    /// <summary>Runs <c>ipvsadm</c> with these words; its output.</summary>
    public string Ipvsadm(string words) => Netvs(["ipvsadm", .. words.Split(' ')]);

    /// <summary>Runs a command of the program against this director; its output.</summary>
    public string Netvs(params string[] arguments)
    {
        using Process process = _where.Begin("env", [$"NETVS_SOCKET={Socket}", Program, .. arguments]);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"netvs {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }

    /// <summary>What <c>netvs status --json</c> says.</summary>
    public JsonElement Status() => JsonDocument.Parse(Netvs("status", "--json")).RootElement;

    /// <summary>Frames that the kernel fast path has forwarded.</summary>
    public long Forwarded() => Status().GetProperty("divert").EnumerateObject().Where(c => c.Name == "flow_forwarded").Sum(c => c.Value.GetInt64());

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            using (Process term = Process.Start("kill", ["-TERM", _process.Id.ToString()])) term.WaitForExit();
            if (!_process.WaitForExit(20000)) _process.Kill();
        }

        DirectorPins.Remove(Socket);
    }

    /// <summary>The program: the one that ./test built, else this build's.</summary>
    public static string Program { get; } = FindProgram();

    private static string FindProgram()
    {
        string? named = Environment.GetEnvironmentVariable("NETVS_PROGRAM_PATH");
        if (named is not null && File.Exists(named)) return named;
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder!, "artifacts/bin/NetVS/debug_linux-x64/netvs");
    }
}
