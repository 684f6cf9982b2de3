namespace NetVS.Daemon;

/// <summary>The daemon cannot start; the lines say why and what to do.</summary>
internal sealed class DaemonException : Exception
{
    /// <summary>One reason.</summary>
    public DaemonException(string message)
        : this([$"netvs: {message}"])
    {
    }

    /// <summary>Lines as they go to standard error.</summary>
    public DaemonException(IReadOnlyList<string> lines)
        : base(string.Join('\n', lines)) => Lines = lines;

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines { get; }
}
