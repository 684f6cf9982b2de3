namespace NetVS.Director.Services;

/// <summary>An <see cref="IDivertSink"/> can't take a set of rules: its tables are full, or the kernel refused. The command that needed it is refused.</summary>
public sealed class DivertException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public DivertException()
    {
    }

    /// <summary>Makes one that says what is wrong and what to do.</summary>
    public DivertException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with its cause.</summary>
    public DivertException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
