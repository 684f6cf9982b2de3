using System.Text;
using NetVS.Keepalived.Model;

namespace NetVS.Scripts;

/// <summary>The pipes that one part of the daemon writes into. Thread: one at a time.</summary>
public sealed class PipeSet : IDisposable
{
    private readonly NotifyPipes _pipes;
    private readonly List<string> _paths = [];

    internal PipeSet(NotifyPipes pipes) => _pipes = pipes;

    /// <summary>Opens the pipes that have a path, and closes those that are not among them.</summary>
    public void Configure(IEnumerable<NotifyPipe> pipes, ScriptPolicy policy)
    {
        NotifyPipe[] wanted = [.. pipes.Where(p => p.Path is not null).DistinctBy(p => p.Path)];
        foreach (NotifyPipe pipe in wanted.Where(p => !_paths.Contains(p.Path!)))
        {
            if (_pipes.Open(pipe, policy)) _paths.Add(pipe.Path!);
        }

        foreach (string gone in _paths.Except(wanted.Select(p => p.Path!)).ToArray()) Close(gone);
    }

    /// <summary>Writes a line into all of them, whole or not at all; nothing waits.</summary>
    /// <param name="line">The line, with its line feed.</param>
    public void Write(string line)
    {
        if (_paths.Count == 0) return;
        byte[] octets = Encoding.UTF8.GetBytes(line);
        foreach (string path in _paths) _pipes.Write(path, octets);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string path in _paths.ToArray()) Close(path);
    }

    private void Close(string path)
    {
        _paths.Remove(path);
        _pipes.Close(path);
    }
}
