using NetVS.Keepalived.Model;
using NetVS.Linux;
using NetVS.Linux.Vrrp;

namespace NetVS.Scripts;

/// <summary>The named pipes of a configuration (notify_fifo and the like), which parts of the daemon share.</summary>
/// <remarks>A pipe is open, and its script runs, as long as one <see cref="PipeSet"/> has it. Threads: any.</remarks>
public sealed class NotifyPipes(Action<string> log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SharedPipe> _open = new(StringComparer.Ordinal);

    private sealed record SharedPipe(NotifyFifo Fifo, ScriptProcess? Script)
    {
        public int Users { get; set; } = 1;
    }

    /// <summary>A set without pipes, for one part.</summary>
    public PipeSet NewSet() => new(this);

    /// <summary>Opens a pipe for one more.</summary>
    /// <returns>Whether it is open; if not, why is in the log.</returns>
    internal bool Open(NotifyPipe pipe, ScriptPolicy policy)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(pipe.Path!, out SharedPipe? shared))
            {
                shared.Users++;
                return true;
            }

            try
            {
                NotifyFifo fifo = NotifyFifo.Open(pipe.Path!, Accounts.UserId(pipe.User), Accounts.GroupId(pipe.Group));
                _open[pipe.Path!] = new SharedPipe(fifo, pipe.Script is { } script ? Start(script, pipe.Path!, policy) : null);
                return true;
            }
            catch (KernelCallException e)
            {
                log($"notify_fifo: {e.Message}");
                return false;
            }
        }
    }

    /// <summary>Writes a line into an open pipe, without waiting: a full pipe loses it.</summary>
    internal void Write(string path, ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(path, out SharedPipe? shared)) shared.Fifo.Write(line);
        }
    }

    /// <summary>Closes a pipe for one; when nobody has it any more, its script is ended.</summary>
    internal void Close(string path)
    {
        lock (_gate)
        {
            SharedPipe shared = _open[path];
            if (--shared.Users > 0) return;
            _open.Remove(path);
            shared.Script?.Terminate();
            shared.Script?.Dispose();
            if (shared.Fifo.Lost > 0) log($"{shared.Fifo.Lost} lines found no room in {path}");
            shared.Fifo.Dispose();
        }
    }

    private ScriptProcess? Start(ScriptCommand script, string path, ScriptPolicy policy)
    {
        string? problem = policy.FindRefusal(script);
        ScriptProcess? started = problem is null ? ScriptProcess.TryStart(policy.AccountOf(script), [.. script.Arguments, path], out problem) : null;
        if (started is null) log($"the script of {path}, {script.Program}, is not run: {problem}");
        return started;
    }
}
