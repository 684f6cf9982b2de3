namespace NetVS.Lab;

/// <summary>A lab could not be built or run; the message says what and what to do.</summary>
public sealed class LabException : Exception
{
    /// <summary>Creates the exception with its message.</summary>
    public LabException(string message) : base(message) { }

    /// <summary>Creates the exception with its message and cause.</summary>
    public LabException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Creates an exception without a message.</summary>
    public LabException() { }
}
